#include "core/subscription_table.hpp"

#include <algorithm>
#include <limits>

namespace godwit::detail {

void subscription_table::subscribed(int link, std::string_view prefix) {
    entry& own = links_[link];
    tally& all = tallies_.try_emplace(std::string{prefix}).first->second;
    std::vector<position>& since = own.spelled.try_emplace(std::string{prefix}).first->second;
    // A repeat, unless the link that has it may have hung up since, and this is the next with its number.
    if (!since.empty() && (all.hang_ups.empty() || all.hang_ups.back() < since.back())) return;
    own.prefixes.add(prefix);
    since.push_back(++now_);
    ++all.listed;
}

void subscription_table::unsubscribed(int link, std::string_view prefix) {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    entry& own = found->second;
    const auto spelled = own.spelled.find(prefix);
    if (spelled == own.spelled.end()) return;
    own.prefixes.remove(prefix);
    spelled->second.pop_back();
    if (spelled->second.empty()) own.spelled.erase(spelled);
    if (own.spelled.empty()) links_.erase(found);
    --tallies_.find(prefix)->second.listed;
    forget_idle(prefix);
}

void subscription_table::unsubscribed_by_hang_up(std::string_view prefix) {
    const auto found = tallies_.find(prefix);
    if (found == tallies_.end()) return;
    tally& all = found->second;
    if (all.owed > 0) {
        --all.owed;
        return forget_idle(prefix);
    }
    if (all.hang_ups.size() < all.listed) all.hang_ups.push_back(++now_);
}

// Where in the stream the oldest link of this number hung up: at the first hang-up that one of its prefixes explains.
subscription_table::position subscription_table::end_of(const entry& own) const {
    position end = std::numeric_limits<position>::max();
    for (const auto& [prefix, since] : own.spelled) {
        const auto& hang_ups = tallies_.find(prefix)->second.hang_ups;
        const auto first = std::upper_bound(hang_ups.begin(), hang_ups.end(), since.front());
        if (first != hang_ups.end()) end = std::min(end, *first);
    }
    return end;
}

void subscription_table::closed(int link) {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    entry& own = found->second;
    const position end = end_of(own);
    for (auto one = own.spelled.begin(); one != own.spelled.end();) {
        auto& [prefix, since] = *one;
        const auto later = std::upper_bound(since.begin(), since.end(), end);
        const auto ended = static_cast<std::size_t>(later - since.begin());
        if (ended == 0) {
            ++one;
            continue;
        }
        tally& all = tallies_.find(prefix)->second;
        const auto its = std::lower_bound(all.hang_ups.begin(), all.hang_ups.end(), end);
        if (its != all.hang_ups.end()) {
            all.hang_ups.erase(its);
        } else {
            ++all.owed;
        }
        all.listed -= ended;
        for (std::size_t i = 0; i < ended; ++i) own.prefixes.remove(prefix);
        since.erase(since.begin(), later);
        forget_idle(prefix);
        one = since.empty() ? own.spelled.erase(one) : std::next(one);
    }
    if (own.spelled.empty()) links_.erase(found);
}

void subscription_table::forget_idle(std::string_view prefix) {
    const auto found = tallies_.find(prefix);
    tally& all = found->second;
    while (all.hang_ups.size() > all.listed) all.hang_ups.pop_front();
    if (all.listed == 0 && all.owed == 0) tallies_.erase(found);
}

std::size_t subscription_table::count(std::string_view topic) const {
    return static_cast<std::size_t>(std::count_if(links_.begin(), links_.end(),
                                                  [&](const auto& one) { return one.second.prefixes.matches(topic); }));
}

}  // namespace godwit::detail
