// pub_cursor: how far one subscriber of a stream is: the next record to look at for it, what is in flight to it within its
// credit, and what was dropped before it went and has not been told yet. Pure data; threads: a value.
// A batch may go as long as any credit is left, so that what is in flight exceeds the credit by less than a batch.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>

#include "godwit/export.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

class GODWIT_EXPORT pub_cursor {
public:
    explicit pub_cursor(offset next) noexcept : next_{next} {}

    offset next() const noexcept { return next_; }
    offset sent_below() const noexcept { return sent_below_; }  // above the last that went, or was told; 0: none
    const std::optional<offset_range>& gap() const noexcept { return gap_; }
    // All below has come to it and was acked, was not for it, or was told as a gap.
    offset position() const noexcept {
        if (!flights_.empty()) return flights_.front().what.first;
        return gap_ ? gap_->first : next_;
    }

    // Up to `last` nothing is left for it.
    void passes(offset last) noexcept { next_ = last + 1; }
    // A batch went. Throws std::bad_alloc, and changes nothing then.
    void went(offset_range what, std::uint32_t records, std::uint64_t size_bytes, offset last);
    // These were dropped, from next() on or above: with what was dropped before, they are one gap until it is told.
    void dropped(offset_range what) noexcept;
    void told() noexcept {
        sent_below_ = gap_->last + 1;
        gap_.reset();
    }

    void window(std::uint32_t messages, std::uint64_t size_bytes) noexcept {
        window_messages_ = messages;
        window_bytes_ = size_bytes;
    }
    bool has_credit() const noexcept { return messages_ < window_messages_ && bytes_ < window_bytes_; }
    // What lies whole in the range is not in flight any more: how many records that are.
    std::uint64_t acked(offset_range what) noexcept;
    std::uint64_t messages_in_flight() const noexcept { return messages_; }
    std::uint64_t bytes_in_flight() const noexcept { return bytes_; }

private:
    struct flight {
        offset_range what;
        std::uint32_t records;  // 0: it is acked
        std::uint64_t size_bytes;
    };
    offset next_;
    offset sent_below_ = 0;
    std::optional<offset_range> gap_;
    std::uint32_t window_messages_ = 0;
    std::uint64_t window_bytes_ = 0;
    std::uint64_t messages_ = 0, bytes_ = 0;
    std::deque<flight> flights_;  // ascending
};

}  // namespace godwit::detail
