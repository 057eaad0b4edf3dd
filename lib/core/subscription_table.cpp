#include "core/subscription_table.hpp"

#include <algorithm>
#include <limits>

namespace godwit::detail {

std::string_view subscription_table::who(int link) const {
    const auto found = links_.find(link);
    return found == links_.end() ? std::string_view{} : found->second.who;
}

void subscription_table::subscribed(int link, std::string_view prefix, bool taken, std::string_view who) {
    entry& own = links_[link];
    if (!own.who.empty() && own.who != who) own.changes.push_back(++now_);
    if (own.who != who) {
        own.who = who;
        own.repeats = 0;
    }
    tally& all = tallies_.try_emplace(std::string{prefix}).first->second;
    std::vector<position>& since = own.spelled.try_emplace(std::string{prefix}).first->second;
    // A repeat, unless the link that has it may have hung up since, and this is the next with its number.
    const bool another = !since.empty() && ((!own.changes.empty() && own.changes.back() > since.back()) ||
                                            (!all.hang_ups.empty() && all.hang_ups.back() > since.back()));
    if (!since.empty() && !another) return void(++own.repeats);
    if (since.empty()) own.size_bytes += prefix.size();
    if (taken) own.prefixes.add(prefix);
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
    if (spelled->second.empty()) {
        own.size_bytes -= prefix.size();
        own.spelled.erase(spelled);
    }
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
    ++ends_;
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    entry& own = found->second;
    const position end = own.changes.empty() ? end_of(own) : own.changes.front();
    if (!own.changes.empty()) own.changes.erase(own.changes.begin());
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
        if (since.empty()) own.size_bytes -= prefix.size();
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

subscription_table::load subscription_table::load_of_number(int link) const {
    const auto found = links_.find(link);
    return found == links_.end() ? load{}
                                 : load{found->second.spelled.size() + found->second.repeats, found->second.size_bytes};
}

subscription_table::load subscription_table::load_of(int link) const {
    const auto found = links_.find(link);
    if (found == links_.end()) return {};
    const entry& own = found->second;
    const load less = own.passed_over_at == ends_ ? own.passed_over : load{};
    return {own.spelled.size() - std::min(own.spelled.size(), less.prefixes) + own.repeats,
            own.size_bytes - std::min(own.size_bytes, less.size_bytes)};
}

void subscription_table::pass_over_ended(int link) {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    entry& own = found->second;
    position end = own.changes.empty() ? 0 : own.changes.back();
    for (const auto& [prefix, since] : own.spelled) {
        const auto& hang_ups = tallies_.find(prefix)->second.hang_ups;
        if (!hang_ups.empty() && hang_ups.back() > since.back()) end = std::max(end, hang_ups.back());
    }
    own.passed_over = {};
    own.passed_over_at = ends_;
    for (const auto& [prefix, since] : own.spelled) {
        if (since.back() > end) continue;
        ++own.passed_over.prefixes;
        own.passed_over.size_bytes += prefix.size();
    }
}

bool subscription_table::lists(int link, std::string_view prefix) const {
    const auto found = links_.find(link);
    return found != links_.end() && found->second.spelled.contains(prefix);
}

std::size_t subscription_table::count(std::string_view topic) const {
    return static_cast<std::size_t>(std::count_if(links_.begin(), links_.end(),
                                                  [&](const auto& one) { return one.second.prefixes.matches(topic); }));
}

}  // namespace godwit::detail
