// live_stream: what a journal knows of one stream while it is open: what was given, what may be read, what is released,
// and the batches that were written or read last. Threads: one at a time.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/batch.hpp"
#include "base/range_set.hpp"
#include "journal/carried_places.hpp"
#include "journal/delivery_state.hpp"

namespace godwit::detail {

class GODWIT_EXPORT live_stream {
public:
    std::string name;
    offset given = 0;                   // the next that may be given
    offset visible = 0;                 // all below may be read
    offset epoch_first = 0;             // the first that was given, or may be, since it was opened
    range_set released;                 // or never given
    std::vector<offset_range> unsaved;  // released, and the journal does not say so yet
    delivery_state delivery;
    carried_places carried;
    // Where there is no room, the oldest is given up, settled or not; and what is older than this, if it is not 0.
    bool gives_up = false;
    std::chrono::milliseconds age_max{0};
    offset given_up_below = 0;
    std::uint64_t given_up = 0;  // records, since it was opened

    // From the journal's own words: `next` offsets were given, and these are released.
    void restore(offset next, range_set gone, double bytes_each);
    void submitted(const batch_view& batch);  // takes the holes in it, and before it, for released
    // Of what was given. Returns how many records were not released before.
    std::uint64_t release(offset_range what);
    offset first() const noexcept { return std::min(released.first_missing(0), visible); }

    // Of batches in memory; the first with a record at `at` or above, where `at` is not released. nullptr: it is not here.
    const batch_ref* find(offset at) const noexcept;
    void keep(const batch_ref& batch);
    void drop(offset last);
    void withdraw(const batch_view& batch);  // submitted last of all, and never written
    std::uint64_t live_bytes() const noexcept { return live_bytes_; }

private:
    bool all_released(offset_range what) const noexcept { return released.first_missing(what.first) > what.last; }

    std::map<offset, batch_ref> recent_;  // by last offset
    std::uint64_t live_records_ = 0;
    std::uint64_t live_bytes_ = 0;
};

}  // namespace godwit::detail
