#include "core/subscription_table.hpp"

#include <algorithm>

namespace godwit::detail {

void subscription_table::subscribed(int link, std::string_view prefix) {
    entry& own = links_[link];
    if (own.spelled.contains(prefix)) {
        if (!hang_ups_.contains(prefix)) return;
        renew(link, own);
    }
    entry& current = links_[link];
    current.prefixes.add(prefix);
    current.spelled.emplace(prefix);
}

// The old link's end is in the stream already: its prefixes go now, and its descriptor's closing is to be ignored.
void subscription_table::renew(int link, entry& reused) {
    const int ignored = reused.ends_to_ignore + 1;
    drop(link);
    links_[link].ends_to_ignore = ignored;
}

void subscription_table::unsubscribed(int link, std::string_view prefix) {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    found->second.prefixes.remove(prefix);
    if (const auto spelled = found->second.spelled.find(prefix); spelled != found->second.spelled.end()) {
        found->second.spelled.erase(spelled);
    }
}

void subscription_table::unsubscribed_by_hang_up(std::string_view prefix) {
    // Without a link that is still listed with it, the monitor was first and there is nothing left to attribute.
    const bool listed = std::any_of(links_.begin(), links_.end(),
                                    [&](const auto& one) { return one.second.spelled.contains(prefix); });
    if (listed) ++hang_ups_.try_emplace(std::string{prefix}, 0).first->second;
}

void subscription_table::closed(int link) {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    if (found->second.ends_to_ignore > 0) {
        --found->second.ends_to_ignore;
    } else {
        drop(link);
    }
}

void subscription_table::drop(int link) {
    const auto found = links_.find(link);
    for (const std::string& prefix : found->second.spelled) {
        const auto open = hang_ups_.find(prefix);
        if (open != hang_ups_.end() && --open->second == 0) hang_ups_.erase(open);
    }
    links_.erase(found);
}

std::size_t subscription_table::count(std::string_view topic) const {
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [&](const auto& one) { return one.second.prefixes.matches(topic); }));
}

}  // namespace godwit::detail
