// range_set: a set of offsets, kept as ascending disjoint closed ranges. Cheap while what it holds is mostly contiguous.
// Every range given has first <= last <= offset_max. Threads: a value.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

class GODWIT_EXPORT range_set {
public:
    bool empty() const noexcept { return ranges_.empty(); }
    std::uint64_t count() const noexcept { return count_; }
    bool contains(offset at) const noexcept;
    offset first_missing(offset from) const noexcept;  // the lowest that is not in it, at `from` or above
    // How many offsets that were not in it are now; adding at the end is O(1).
    std::uint64_t add(offset_range what);
    std::uint64_t add(offset one) { return add({one, one}); }
    std::uint64_t remove(offset_range what);  // how many were in it
    std::uint64_t remove(offset one) { return remove({one, one}); }
    // Calls f(offset_range) for each part of `of` that is in the set, or that is not.
    template <class F>
    void for_each_in(offset_range of, F&& f) const;
    template <class F>
    void for_each_missing_in(offset_range of, F&& f) const;
    offset first() const noexcept { return ranges_.front().first; }
    offset last() const noexcept { return ranges_.back().last; }
    std::span<const offset_range> ranges() const noexcept { return ranges_; }
    void clear() noexcept;

private:
    // Of the first range that ends at `at` or above.
    std::size_t index_of(offset at) const noexcept;

    std::vector<offset_range> ranges_;
    std::uint64_t count_ = 0;
};

template <class F>
void range_set::for_each_in(offset_range of, F&& f) const {
    for (std::size_t i = index_of(of.first); i < ranges_.size() && ranges_[i].first <= of.last; ++i) {
        f(offset_range{std::max(of.first, ranges_[i].first), std::min(of.last, ranges_[i].last)});
    }
}

template <class F>
void range_set::for_each_missing_in(offset_range of, F&& f) const {
    for (std::size_t i = index_of(of.first); i < ranges_.size() && ranges_[i].first <= of.last; ++i) {
        if (of.first < ranges_[i].first) f(offset_range{of.first, ranges_[i].first - 1});
        if (ranges_[i].last >= of.last) return;
        of.first = ranges_[i].last + 1;
    }
    if (of.first <= of.last) f(of);
}

}  // namespace godwit::detail
