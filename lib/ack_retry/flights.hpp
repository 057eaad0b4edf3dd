// flights: what of one stream is in flight to one link, as runs of records. Nothing per record: a run is split when a part
// of it is settled first. Pure data. Threads: a value. Its size is bounded by the link's credit.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "godwit/export.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

class GODWIT_EXPORT flights {
public:
    struct run {
        offset_range what;
        std::uint32_t attempt = 1;
        std::uint64_t frame = 0;  // number of its data frame in the session; 0: carried over from an earlier one
        std::uint64_t ordinal =
            0;  // of its first record among all that were sent in the session, from 1; 0: carried over
        std::uint64_t bytes = 0;

        bool received(std::uint64_t frames) const noexcept { return frame <= frames; }
        // How many of its records the receiver has handed out, or may just have, when it said that `handed` were.
        std::uint64_t in_hand(std::uint64_t handed) const noexcept;
    };

    // A data frame went out with these records, which are not in flight here.
    void sent(std::span<const offset_range> what, std::uint32_t attempt, std::uint64_t bytes);
    // The receiver held this already when the session began.
    void carried_over(const run& what);
    // Takes out the lowest part of `within` that is in flight at this attempt; nullopt: nothing is.
    std::optional<run> take(offset_range within, std::uint32_t attempt);
    std::optional<run> take_any();                         // of all attempts, the lowest offset first
    std::optional<run> take_beyond(std::uint64_t frames);  // sent in this session, and not received yet
    const run* find(offset at) const noexcept;

    bool empty() const noexcept { return runs_.empty(); }
    std::uint64_t messages() const noexcept { return messages_; }
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    using map = std::map<offset, run>;
    map::iterator split(map::iterator at, offset second);

    map runs_;  // by their first offset, disjoint
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t frames_ = 0;   // of this session
    std::uint64_t records_ = 0;  //
};

}  // namespace godwit::detail
