// told_settlements: what a receiver has told a sender that may not have heard it, since a frame may be lost with its link.
// When the two meet again the receiver claims these, and tells them again: then nothing that was settled is sent again.
// The sender's floor says of most that it has heard. Pure data. Threads: inside a turn.
#pragma once
#include <algorithm>
#include <deque>
#include <vector>

#include "ack_retry/link_frames.hpp"
#include "base/range_set.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT told_settlements {
public:
    using settled = ack_frame::settled;

    // Beyond, the oldest are forgotten: if the sender has not heard of those either, they come again.
    static constexpr std::size_t ranges_max = 1024;

    void add(std::vector<settled>&& told);  // throws std::bad_alloc
    // All below is settled at the sender, but what it had named before.
    void heard_below(offset floor) noexcept { floor_ = std::max(floor_, floor); }
    // Of what is kept, what a sender may not have heard whose greeting says: all below the floor is settled, but these.
    std::vector<settled> take_unheard(offset floor, const range_set& live_below);

    // What was told of that record at that attempt; null: nothing that is kept.
    const settled* find(stream_id stream, offset at, std::uint32_t attempt) const noexcept;
    // Visits what is kept, the oldest first.
    template <class F>
    void for_each(F&& each) const {
        for (const kept& one : kept_) {
            if (!is_heard(one)) each(one.what);
        }
    }

private:
    struct kept {
        settled what;
        bool is_exception = false;  // below the floor already when it was told: the floor does not speak of it
    };

    bool is_heard(const kept& one) const noexcept { return !one.is_exception && one.what.what.last < floor_; }
    bool joins(const settled& more) noexcept;
    void make_room();

    std::deque<kept> kept_;
    std::size_t prune_at_ = 64;
    offset floor_ = 0;
};

}  // namespace godwit::detail
