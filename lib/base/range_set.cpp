#include "base/range_set.hpp"

namespace godwit::detail {

namespace {

bool touches(const offset_range& lower, const offset_range& upper) noexcept { return lower.last + 1 == upper.first; }

}  // namespace

std::size_t range_set::index_of(offset at) const noexcept {
    if (ranges_.empty() || at > ranges_.back().last) return ranges_.size();
    const auto found = std::lower_bound(ranges_.begin(), ranges_.end(), at,
                                        [](const offset_range& range, offset value) { return range.last < value; });
    return static_cast<std::size_t>(found - ranges_.begin());
}

bool range_set::contains(offset at) const noexcept {
    const std::size_t index = index_of(at);
    return index < ranges_.size() && ranges_[index].first <= at;
}

offset range_set::first_missing(offset from) const noexcept {
    const std::size_t index = index_of(from);
    return index < ranges_.size() && ranges_[index].first <= from ? ranges_[index].last + 1 : from;
}

std::uint64_t range_set::add(offset_range what) {
    const std::uint64_t before = count_;
    std::size_t begin = index_of(what.first);
    if (begin > 0 && touches(ranges_[begin - 1], what)) --begin;
    // All that overlap it, or touch it, become one with it.
    std::size_t end = begin;
    offset_range merged = what;
    while (end < ranges_.size() && (ranges_[end].first <= merged.last || touches(merged, ranges_[end]))) {
        merged.first = std::min(merged.first, ranges_[end].first);
        merged.last = std::max(merged.last, ranges_[end].last);
        count_ -= ranges_[end].count();
        ++end;
    }
    const auto at = ranges_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (begin == end) {
        ranges_.insert(at, merged);
    } else {
        *at = merged;
        ranges_.erase(at + 1, ranges_.begin() + static_cast<std::ptrdiff_t>(end));
    }
    count_ += merged.count();
    return count_ - before;
}

std::uint64_t range_set::remove(offset_range what) {
    const std::size_t begin = index_of(what.first);
    if (begin == ranges_.size() || ranges_[begin].first > what.last) return 0;
    const std::uint64_t before = count_;
    if (ranges_[begin].first < what.first && ranges_[begin].last > what.last) {  // from the middle: two are left
        const offset_range upper{what.last + 1, ranges_[begin].last};
        ranges_.insert(ranges_.begin() + static_cast<std::ptrdiff_t>(begin) + 1, upper);
        ranges_[begin].last = what.first - 1;
        count_ -= what.count();
        return what.count();
    }
    std::size_t gone_begin = begin;
    if (ranges_[begin].first < what.first) {
        count_ -= ranges_[begin].last - what.first + 1;
        ranges_[begin].last = what.first - 1;
        ++gone_begin;
    }
    std::size_t gone_end = gone_begin;
    while (gone_end < ranges_.size() && ranges_[gone_end].last <= what.last) count_ -= ranges_[gone_end++].count();
    if (gone_end < ranges_.size() && ranges_[gone_end].first <= what.last) {
        count_ -= what.last - ranges_[gone_end].first + 1;
        ranges_[gone_end].first = what.last + 1;
    }
    ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(gone_begin),
                  ranges_.begin() + static_cast<std::ptrdiff_t>(gone_end));
    return before - count_;
}

void range_set::clear() noexcept {
    ranges_.clear();
    count_ = 0;
}

}  // namespace godwit::detail
