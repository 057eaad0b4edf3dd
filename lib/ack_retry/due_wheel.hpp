// due_wheel: which records are due at a time: delays, deliver_at and back-offs, and, in another one, ends of life.
// Of the steady clock alone: wall times are mapped once, when the record comes in, so that a wall clock that jumps later
// moves nothing. Pure. Threads: a value. O(log n) a record, exact removal: what is settled leaves nothing behind.
#pragma once
#include <set>
#include <utility>

#include "base/ports.hpp"
#include "base/record.hpp"
#include "godwit/export.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

class GODWIT_EXPORT due_wheel {
public:
    void add(steady_time when, offset at) { times_.emplace(when, at); }
    void remove(steady_time when, offset at) { times_.erase({when, at}); }
    bool empty() const noexcept { return times_.empty(); }
    steady_time next() const noexcept { return times_.empty() ? steady_time::max() : times_.begin()->first; }
    // Takes the earliest out if it is due at `now`. Of equal times the lowest offset first.
    bool take_due(steady_time now, offset& out);

private:
    std::set<std::pair<steady_time, offset>> times_;
};

// The times of a record on the steady clock.
struct mapped_times {
    steady_time due{};  // the epoch: at once
    steady_time expires = steady_time::max();
};
// What has passed since it was sent is taken as between nothing and the whole of its duration. No duration is longer than
// a hundred years.
GODWIT_EXPORT mapped_times map_times(const record_times& times, wall_time wall, steady_time now) noexcept;

}  // namespace godwit::detail
