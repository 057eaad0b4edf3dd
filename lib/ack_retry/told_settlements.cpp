#include "ack_retry/told_settlements.hpp"

#include <utility>

namespace godwit::detail {

void told_settlements::add(std::vector<settled>&& told) {
    for (settled& one : told) {
        if (joins(one)) continue;
        if (kept_.size() >= prune_at_) make_room();
        const bool is_exception = one.what.first < floor_;
        kept_.push_back({std::move(one), is_exception});
    }
    told.clear();
}

// In a flood one range grows.
bool told_settlements::joins(const settled& more) noexcept {
    if (kept_.empty() || more.outcome != settled::how::acked || more.what.first < floor_) return false;
    kept& last = kept_.back();
    if (last.is_exception || last.what.outcome != more.outcome || last.what.stream != more.stream ||
        last.what.attempt != more.attempt || last.what.what.last + 1 != more.what.first) {
        return false;
    }
    last.what.what.last = more.what.last;
    return true;
}

// A look at all of them, seldom enough.
void told_settlements::make_room() {
    std::erase_if(kept_, [this](const kept& one) { return is_heard(one); });
    if (kept_.size() >= ranges_max) kept_.pop_front();
    prune_at_ = std::clamp<std::size_t>(2 * kept_.size(), 64, ranges_max);
}

void told_settlements::heard_below(offset floor, std::span<const offset_range> but) {
    heard_below(floor);
    const auto is_named = [&](offset_range what) {
        return std::any_of(but.begin(), but.end(),
                           [&](offset_range live) { return live.first <= what.last && what.first <= live.last; });
    };
    std::erase_if(kept_, [&](const kept& one) { return one.what.what.last < floor_ && !is_named(one.what.what); });
    for (kept& one : kept_) one.is_exception = one.what.what.last < floor_;
}

std::vector<told_settlements::settled> told_settlements::take() {
    std::vector<settled> all;
    all.reserve(kept_.size());
    for (kept& one : kept_) {
        if (is_heard(one)) continue;
        if (!one.is_exception) one.what.what.first = std::max(one.what.what.first, floor_);
        all.push_back(std::move(one.what));
    }
    kept_.clear();
    return all;
}

}  // namespace godwit::detail
