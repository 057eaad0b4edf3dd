// range_set: a set of offsets, kept as ascending disjoint closed ranges. Cheap while what it holds is mostly contiguous.
// Threads: a value.
#pragma once
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
    std::vector<offset_range> ranges_;
    std::uint64_t count_ = 0;
};

}  // namespace godwit::detail
