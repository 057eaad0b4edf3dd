#include "ack_retry/flights.hpp"

#include <algorithm>

namespace godwit::detail {

std::uint64_t flights::run::in_hand(std::uint64_t handed) const noexcept {
    if (ordinal == 0) return what.count();
    if (handed + 1 < ordinal) return 0;
    return std::min(what.count(), handed + 1 - ordinal + 1);
}

void flights::sent(std::span<const offset_range> what, std::uint32_t attempt, std::uint64_t bytes) {
    ++frames_;
    std::uint64_t count = 0;
    for (const offset_range& range : what) count += range.count();
    for (const offset_range& range : what) {
        const std::uint64_t share =
            count == 0 ? 0 : bytes / count * range.count() + bytes % count * range.count() / count;
        runs_.insert_or_assign(range.first, run{range, attempt, frames_, records_ + 1, share});
        records_ += range.count();
        messages_ += range.count();
        bytes_ += share;
    }
}

void flights::carried_over(const run& what) {
    run kept = what;
    kept.frame = kept.ordinal = 0;
    runs_.insert_or_assign(kept.what.first, kept);
    messages_ += kept.what.count();
    bytes_ += kept.bytes;
}

flights::map::iterator flights::split(map::iterator at, offset second) {
    run upper = at->second;
    const std::uint64_t lower_count = second - upper.what.first;
    const std::uint64_t lower_bytes = upper.bytes / upper.what.count() * lower_count;
    upper.what.first = second;
    upper.bytes -= lower_bytes;
    if (upper.ordinal != 0) upper.ordinal += lower_count;
    const auto placed = runs_.emplace_hint(std::next(at), second, upper);
    at->second.what.last = second - 1;
    at->second.bytes = lower_bytes;
    return placed;
}

std::optional<flights::run> flights::take(offset_range within, std::uint32_t attempt) {
    auto at = runs_.upper_bound(within.first);
    if (at != runs_.begin() && std::prev(at)->second.what.last >= within.first) --at;
    while (at != runs_.end() && at->second.what.first <= within.last && at->second.attempt != attempt) ++at;
    if (at == runs_.end() || at->second.what.first > within.last) return std::nullopt;
    if (at->second.what.first < within.first) at = split(at, within.first);
    if (at->second.what.last > within.last) split(at, within.last + 1);
    const run taken = at->second;
    runs_.erase(at);
    messages_ -= taken.what.count();
    bytes_ -= taken.bytes;
    return taken;
}

std::optional<flights::run> flights::take_any() {
    if (runs_.empty()) return std::nullopt;
    const run& lowest = runs_.begin()->second;
    return take(lowest.what, lowest.attempt);
}

std::optional<flights::run> flights::take_beyond(std::uint64_t frames) {
    const auto found = std::ranges::find_if(runs_, [&](const auto& one) { return !one.second.received(frames); });
    if (found == runs_.end()) return std::nullopt;
    return take(found->second.what, found->second.attempt);
}

const flights::run* flights::find(offset at) const noexcept {
    auto found = runs_.upper_bound(at);
    if (found == runs_.begin()) return nullptr;
    --found;
    return found->second.what.last >= at ? &found->second : nullptr;
}

}  // namespace godwit::detail
