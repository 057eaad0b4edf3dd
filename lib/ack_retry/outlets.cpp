#include "ack_retry/outlets.hpp"

#include <algorithm>

namespace godwit::detail {

free_credit outlet::room() const noexcept {
    if (!has_credit()) return {};
    const std::uint64_t messages = window_messages - out.messages();
    const std::uint64_t bytes = window_bytes > out.bytes() ? window_bytes - out.bytes() : 0;
    return {messages, bytes, out.empty(), messages < window_messages / 4 || bytes < window_bytes / 4};
}

double outlet::free_share() const noexcept {
    const auto share = [](std::uint64_t taken, std::uint64_t window) {
        return window <= taken ? 0.0 : static_cast<double>(window - taken) / static_cast<double>(window);
    };
    return std::min(share(out.messages(), window_messages), share(out.bytes(), window_bytes));
}

outlet& outlets::add(outlet&& one) {
    const auto at = std::lower_bound(all_.begin(), all_.end(), one.link,
                                     [](const outlet& of, link_number link) { return of.link < link; });
    if (at != all_.end() && at->link == one.link) return *at = std::move(one);
    return *all_.insert(at, std::move(one));
}

outlet* outlets::find(link_number link) noexcept {
    const auto at = std::lower_bound(all_.begin(), all_.end(), link,
                                     [](const outlet& of, link_number wanted) { return of.link < wanted; });
    return at != all_.end() && at->link == link ? &*at : nullptr;
}

std::optional<outlet> outlets::remove(link_number link) {
    outlet* const found = find(link);
    if (found == nullptr) return std::nullopt;
    std::optional<outlet> removed{std::move(*found)};
    all_.erase(all_.begin() + (found - all_.data()));
    return removed;
}

outlet* outlets::best(const batch_carrier& carrier) noexcept {
    outlet* chosen = nullptr;
    double chosen_share = 0;
    for (outlet& one : all_) {
        if (one.busy || one.sated || !one.has_credit() || carrier.busy(one.link)) continue;
        const double share = one.free_share();
        if (chosen == nullptr || share > chosen_share || (share == chosen_share && one.used < chosen->used)) {
            chosen = &one;
            chosen_share = share;
        }
    }
    return chosen;
}

bool outlets::any_credit() const noexcept {
    return std::any_of(all_.begin(), all_.end(), [](const outlet& one) { return one.has_credit(); });
}

bool outlets::any_idle(const batch_carrier& carrier) const noexcept {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const outlet& one) { return one.has_credit() && !one.busy && !carrier.busy(one.link); });
}

}  // namespace godwit::detail
