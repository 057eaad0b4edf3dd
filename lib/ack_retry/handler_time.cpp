#include "ack_retry/handler_time.hpp"

#include <algorithm>

namespace godwit::detail {

using namespace std::chrono_literals;

handler_time::handler_time(std::chrono::milliseconds limit) noexcept
    : limit_{limit}, grain_{std::clamp<std::chrono::nanoseconds>(limit_ / 8, 1ms, 1s)} {}

void handler_time::handed(taken_batch& of, offset_range what, steady_time now) {
    if (!of.handed.empty()) {
        taken_batch::times& last = of.handed.front();
        if (last.what.last < what.first && now - last.first_handed < grain_) {
            last.what.last = what.last;
            last.deadline = now + limit_;
            // Only its own place in the chain can have changed.
            if (of.handed.size() == 1) {
                unchain(of);
                chain(of);
            }
            return;
        }
    }
    of.handed.insert(of.handed.begin(), {what, now, now + limit_});
    if (!of.timed) chain(of);
}

void handler_time::chain(taken_batch& what) noexcept {
    taken_batch* before = latest_;
    while (before != nullptr && before->handed.back().deadline > what.handed.back().deadline) before = before->sooner;
    what.sooner = before;
    what.later = before == nullptr ? soonest_ : before->later;
    (what.sooner == nullptr ? soonest_ : what.sooner->later) = &what;
    (what.later == nullptr ? latest_ : what.later->sooner) = &what;
    what.timed = true;
}

void handler_time::unchain(taken_batch& what) noexcept {
    (what.sooner == nullptr ? soonest_ : what.sooner->later) = what.later;
    (what.later == nullptr ? latest_ : what.later->sooner) = what.sooner;
    what.timed = false;
}

void handler_time::forget(taken_batch& which) noexcept {
    if (which.timed) unchain(which);
    which.handed.clear();
    if (extended_.empty()) return;
    const auto from = extended_.lower_bound({which.number, 0});
    auto to = from;
    while (to != extended_.end() && to->first.first == which.number) ++to;
    extended_.erase(from, to);
}

void handler_time::extend(taken_batch& of, offset at, steady_time until) {
    extended_[{of.number, at}] = {&of, until};
    extended_first_ = std::min(extended_first_, until);
}

void handler_time::expire(taken_batch& of, offset_range what, steady_time now) {
    const batch_view& view = of.held->batch.view;
    record_view record;
    for (auto position = view.begin_position(); position < of.position && view.next(position, record);) {
        if (!what.contains(record.at) || of.settled.contains(record.at) || of.kept_back.contains(record.at)) continue;
        const auto longer = extended_.find({of.number, record.at});
        if (longer == extended_.end() || longer->second.until <= now) overdue_.push_back({&of, record.at});
    }
}

void handler_time::expire_extended(steady_time now) {
    extended_first_ = steady_time::max();
    for (auto at = extended_.begin(); at != extended_.end();) {
        const auto& [which, longer] = *at;
        const auto& [of, until] = longer;
        if (until > now) {
            extended_first_ = std::min(extended_first_, until);
            ++at;
            continue;
        }
        if (!of->settled.contains(which.second)) overdue_.push_back({of, which.second});
        at = extended_.erase(at);
    }
}

const std::vector<handler_time::overdue>& handler_time::expire(steady_time now) {
    overdue_.clear();
    if (extended_first_ <= now) expire_extended(now);
    while (overdue_.empty() && soonest_ != nullptr && soonest_->handed.back().deadline <= now) {
        taken_batch& of = *soonest_;
        expire(of, of.handed.back().what, now);
        of.handed.pop_back();
        unchain(of);
        if (!of.handed.empty()) chain(of);
    }
    return overdue_;
}

}  // namespace godwit::detail
