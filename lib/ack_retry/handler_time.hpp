// handler_time: by when handlers have to be done. A batch has a few ranges of records that were handed out together, with
// one deadline each; batches are chained by their earliest. A deadline is never early, and late by `grain` at most.
// Threads: inside a turn.
#pragma once
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "ack_retry/taken_batch.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT handler_time {
public:
    explicit handler_time(std::chrono::milliseconds limit) noexcept;

    // These were handed out since the last call for this batch, by now. Throws std::bad_alloc.
    void handed(taken_batch& of, offset_range what, steady_time now);
    void forget(taken_batch& which) noexcept;                    // it is finished, or nobody's any more
    void extend(taken_batch& of, offset at, steady_time until);  // throws std::bad_alloc

    std::chrono::nanoseconds grain() const noexcept { return grain_; }
    steady_time next() const noexcept {  // steady_time::max(): nothing is with a handler
        return soonest_ == nullptr ? extended_first_ : std::min(extended_first_, soonest_->handed.back().deadline);
    }

    struct overdue {
        taken_batch* of;
        offset at;
    };
    // Those whose time is over, a batch's at a time; none: that is all. They are told once. Throws std::bad_alloc.
    const std::vector<overdue>& expire(steady_time now);

private:
    void chain(taken_batch& what) noexcept;
    void unchain(taken_batch& what) noexcept;
    void expire_extended(steady_time now);
    void expire(taken_batch& of, offset_range what, steady_time now);

    std::chrono::nanoseconds limit_, grain_;
    taken_batch* soonest_ = nullptr;
    taken_batch* latest_ = nullptr;
    struct extension {
        taken_batch* of;
        steady_time until;
    };
    std::map<std::pair<std::uint64_t, offset>, extension> extended_;  // by the batch's number
    steady_time extended_first_ = steady_time::max();                 // none is earlier
    std::vector<overdue> overdue_;
};

}  // namespace godwit::detail
