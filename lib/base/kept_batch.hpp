// kept_batch: a batch in a memory log, and which of its records are still wanted.
// Threads: a value. A batch that is released whole is never looked into. An encoded one cannot be: it is kept until all
// offsets between its first and its last are released.
#pragma once
#include <vector>

#include "base/batch.hpp"
#include "base/range_set.hpp"

namespace godwit::detail {

class kept_batch {
public:
    explicit kept_batch(batch_ref batch) : batch_{std::move(batch)}, live_{batch_.view.count()} {}

    const batch_ref& batch() const noexcept { return batch_; }
    offset last() const noexcept { return batch_.view.last(); }
    std::size_t size_bytes() const noexcept { return batch_.view.data().size(); }
    std::uint32_t live() const noexcept { return live_; }  // records that are not released
    // The lowest live record at `from` or above; false: there is none.
    bool first_live(offset from, offset& out) const noexcept;
    void release(offset_range settled);  // throws std::bad_alloc
    // Less than a quarter of it is live, and it is worth it: becomes a cut of what is. False: it was left as it is.
    bool shrink();

private:
    // Of the first record at `at` or above, in positions_.
    std::size_t index_of(offset at) const noexcept;
    void look_inside();

    batch_ref batch_;
    std::uint32_t live_;
    range_set released_;                    // between first() and last(), once part of it is released
    std::vector<std::uint32_t> positions_;  // of each record, and of the end; likewise
    std::size_t live_bytes_ = 0;            // of records; likewise
};

}  // namespace godwit::detail
