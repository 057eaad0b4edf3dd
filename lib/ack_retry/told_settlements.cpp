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

// Each time for many that come.
void told_settlements::make_room() {
    std::erase_if(kept_, [this](const kept& one) { return is_heard(one); });
    if (kept_.size() >= ranges_max) kept_.erase(kept_.begin(), kept_.begin() + ranges_max / 4);
    prune_at_ = std::clamp<std::size_t>(2 * kept_.size(), 64, ranges_max);
}

std::vector<told_settlements::settled> told_settlements::take_unheard(offset floor, const range_set& live_below) {
    std::vector<settled> unheard;
    for (kept& one : kept_) {
        if (is_heard(one)) continue;
        bool is_live = false;
        live_below.for_each_in(one.what.what, [&](offset_range) { is_live = true; });
        if (!is_live) one.what.what.first = std::max(one.what.what.first, floor);
        if (one.what.what.first <= one.what.what.last) unheard.push_back(std::move(one.what));
    }
    kept_.clear();
    return unheard;
}

const told_settlements::settled* told_settlements::find(stream_id stream, offset at,
                                                        std::uint32_t attempt) const noexcept {
    for (const kept& one : kept_) {
        if (one.what.stream == stream && one.what.attempt == attempt && one.what.what.contains(at)) return &one.what;
    }
    return nullptr;
}

}  // namespace godwit::detail
