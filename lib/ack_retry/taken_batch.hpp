// taken_batch: a batch at the receiver, from its coming until all of it is settled: how far it is handed out, what is
// settled, and by when handlers have to be done. A value that is used again: its memory is kept.
#pragma once
#include <cstdint>
#include <vector>

#include "ack_retry/batch_settlements.hpp"
#include "base/held_batch.hpp"
#include "base/ports.hpp"
#include "base/range_set.hpp"

namespace godwit::detail {

struct receiving_link;

struct taken_batch {
    std::uint64_t number = 0;        // of all that came: their order, which is the same in each run
    held_batch* held = nullptr;      // it lives while a record of it waits or is in hand
    receiving_link* link = nullptr;  // where it came from, or came again
    stream_id stream;
    offset first = 0, last = 0;
    std::uint32_t attempt = 1;
    std::uint32_t position = 0;        // of the next record to hand out
    std::uint32_t records = 0;         // in all
    std::uint32_t unread = 0;          // behind the position
    std::uint32_t dropped_behind = 0;  // records that came behind it, and are not handed out
    std::uint32_t in_hand = 0;         // with handlers
    bool picked = false;               // some record is not to be handed out in its turn: it is settled, or kept back
    batch_settlements settled;
    range_set kept_back;             // by a layer, and not handed out since
    range_set asking;                // of them, those of which the layer is asked again
    steady_time arrived{};           // if some record has times
    std::uint64_t untold_bytes = 0;  // that the sender still counts: of records that it has not been told of

    struct times {  // of records that were handed out together
        offset_range what;
        steady_time first_handed, deadline;
    };
    std::vector<times> handed;      // the earliest last: a deadline is taken from the end
    taken_batch* sooner = nullptr;  // by deadline: see handler_time
    taken_batch* later = nullptr;
    bool timed = false;

    taken_batch* before = nullptr;  // of the same link, in the order they came
    taken_batch* behind = nullptr;

    struct joined_copy {  // it came again, with another attempt's token or by another link, while it was in hand
        offset at = 0;
        std::uint32_t attempt = 1;
        std::uint64_t link = 0;
    };
    std::vector<joined_copy> joined;

    bool finished() const noexcept { return settled.count() == records; }
};

// Of a record of it: neither settled nor kept back.
inline bool waits(const taken_batch& of, offset at) noexcept {
    return !of.settled.contains(at) && !of.kept_back.contains(at);
}

// Calls f(record) for each from `position` on.
template <class F>
void for_each_record(const taken_batch& of, std::uint32_t position, F&& f) {
    record_view record;
    while (of.held->batch.view.next(position, record)) f(record);
}

}  // namespace godwit::detail
