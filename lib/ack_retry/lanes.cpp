#include "ack_retry/lanes.hpp"

#include <algorithm>

namespace godwit::detail {

bool lanes::empty() const noexcept {
    return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane.empty(); });
}

int lanes::pick(bool has_plain, offset visible) const noexcept {
    const auto serves = [&](int lane) {
        const auto& of = lanes_[static_cast<std::size_t>(lane)];
        if (!of.empty() && *of.begin() < visible) return lane;
        return lane == priority_default && has_plain ? plain : none;
    };
    const bool for_the_starving = picks_ % starving_every == starving_every - 1;
    for (int i = 0; i <= priority_max; ++i) {
        if (const int found = serves(for_the_starving ? i : priority_max - i); found != none) return found;
    }
    return none;
}

}  // namespace godwit::detail
