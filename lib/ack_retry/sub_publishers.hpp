// sub_publishers: the publishers of a subscriber: by which link each comes, the first offset that has not come from it, the
// credit it has, and what it has not been told. A publisher that is lost is remembered, so that it can go on exactly where
// it was, the last 1,024 of them. Pure data; threads: inside a turn.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ack_retry/link_session.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

struct sub_publisher {
    stream_id stream;
    link_number link = 0;        // 0: it is not here
    std::optional<offset> next;  // unset: it starts with the first it has
    std::uint64_t frames = 0;    // data frames taken in this session
    // Taken, and not told to be settled: in this session, and in earlier ones, which lessens what this one may send.
    std::uint64_t messages = 0, size_bytes = 0;
    std::uint64_t old_messages = 0, old_bytes = 0;
    // Settled and not told.
    std::vector<ack_frame::settled> acks;
    std::uint64_t ack_messages = 0, ack_bytes = 0;
    bool must_tell = false;  // its window is another
    bool is_open = false;    // it has one in this session
    bool is_kept = false;    // its stream outlives it
    // Filters that it has to be told of, before all else: true to add one.
    std::map<std::string, bool> changes;
    std::uint64_t left_at = 0;  // counts those who left
};

class GODWIT_EXPORT sub_publishers {
public:
    static constexpr std::size_t remembered_max = 1024;

    sub_publisher& joined(link_number link, stream_id stream);
    // Without `remembered` it is gone for good.
    void left(link_number link, bool remembered);
    sub_publisher* by_link(link_number link) noexcept;
    sub_publisher* by_stream(stream_id stream) noexcept;

    // All records of a batch are settled, or dropped.
    void settled(sub_publisher& of, link_number link, offset_range what, std::uint64_t messages,
                 std::uint64_t size_bytes);
    static void told(sub_publisher& one) noexcept;
    static void change(sub_publisher& one, std::string_view filter, bool add);

    std::map<stream_id, sub_publisher>& all() noexcept { return all_; }
    const std::map<stream_id, sub_publisher>& all() const noexcept { return all_; }

private:
    void forget_oldest();

    std::map<stream_id, sub_publisher> all_;
    std::map<link_number, stream_id> links_;
    std::uint64_t leavings_ = 0;
};

}  // namespace godwit::detail
