#include "journal/batch_places.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

constexpr std::uint64_t item_every = 64u << 10;

}  // namespace

void batch_places::add_sealed(std::uint64_t number, const segment_footer& footer) {
    contents& made = segments_[number];
    made.is_complete = false;
    made.latest = footer.latest;
    for (const footer_row& row : footer.rows) made.streams[row.stream] = {row.first, row.end, {}};
}

void batch_places::add(std::uint64_t number, std::uint64_t position, stream_id stream, offset first, offset last) {
    span& of = segments_[number].streams[stream];
    if (of.end == 0) of.first = first;
    of.end = std::max(of.end, last + 1);
    if (of.items.empty() || position >= of.items.back().position + item_every) of.items.push_back({first, position});
}

std::optional<offset> batch_places::first_since(stream_id stream, std::int64_t when) const {
    for (const auto& [number, one] : segments_) {
        const auto found = one.streams.find(stream);
        if (found != one.streams.end() && found->second.end > 0 && one.latest >= when) return found->second.first;
    }
    return std::nullopt;
}

std::optional<batch_places::place> batch_places::find(stream_id stream, offset at) const {
    for (auto one = segments_.rbegin(); one != segments_.rend(); ++one) {
        const auto found = one->second.streams.find(stream);
        if (found == one->second.streams.end()) continue;
        const span& of = found->second;
        if (at < of.first || at >= of.end) continue;
        if (!one->second.is_complete || of.items.empty()) return place{one->first, 0};
        const auto behind = std::ranges::upper_bound(of.items, at, {}, &item::first);
        return place{one->first, behind == of.items.begin() ? 0 : std::prev(behind)->position};
    }
    return std::nullopt;
}

}  // namespace godwit::detail
