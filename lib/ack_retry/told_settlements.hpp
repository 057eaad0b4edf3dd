// told_settlements: what a receiver has told a sender that may not have heard it, since a frame may be lost with its link.
// When the two meet again the receiver claims these, and tells them again: then nothing that was settled is sent again.
// The sender's floor says of most that it has heard. Pure data. Threads: inside a turn.
#pragma once
#include <algorithm>
#include <deque>
#include <span>
#include <vector>

#include "ack_retry/link_frames.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT told_settlements {
public:
    using settled = ack_frame::settled;

    // Beyond, the oldest are forgotten: if the sender has not heard of those either, they come again.
    static constexpr std::size_t ranges_max = 1024;

    void add(std::vector<settled>&& told);  // throws std::bad_alloc
    // All below is settled at the sender, but what it names (in a greeting) or had named before.
    void heard_below(offset floor) noexcept { floor_ = std::max(floor_, floor); }
    void heard_below(offset floor, std::span<const offset_range> but);

    // Visits what is kept, the oldest first.
    template <class F>
    void for_each(F&& each) const {
        for (const kept& one : kept_) {
            if (!is_heard(one)) each(one.what);
        }
    }
    std::vector<settled> take();

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
