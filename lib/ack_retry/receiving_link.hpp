// receiving_link: what the receiver knows of one sender: its session, its batches, its credit, and what it has to be told.
// Threads: inside a turn.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "ack_retry/credit.hpp"
#include "ack_retry/hand_out.hpp"
#include "ack_retry/inbox.hpp"
#include "ack_retry/link_session.hpp"
#include "ack_retry/told_settlements.hpp"

namespace godwit::detail {

struct receiving_link {
    receiving_link(link_number known_as, const credit& granted) noexcept : number{known_as}, window{granted} {}

    link_number number;
    endpoint_id identity;
    stream_id stream;
    bool away = false;             // lost: it may come again
    bool over = false;             // nobody waits for it any more: it is here for what is in hand
    taken_batch* first = nullptr;  // in the order they came
    taken_batch* last = nullptr;
    inbox_lane lane;
    credit window;

    std::uint64_t received = 0, received_told = 0, passed_told = 0;
    // What goes with the next ack frame, beside what is untold in the batches.
    link_content next{std::in_place_type<ack_frame>};
    std::uint64_t next_records = 0, next_bytes = 0;
    std::uint32_t untold = 0;          // records that are settled, here and in the batches
    std::uint32_t untold_limit = 256;  // then an ack frame goes: the credit is needed
    // Where a repeat would do harm, only what the sender has heard of, and said so, is handed out: see hand_out.hpp.
    hand_out agreement;
    told_settlements told;
    bool has_resumed = false;
    // With a memory of what was handled: acks that wait until it is kept, and what of the next frame need not; see ack_gate.
    struct kept_soon {
        std::uint64_t number = 0;  // the memory's
        std::vector<ack_frame::settled> ranges;
        std::uint64_t records = 0, bytes = 0;
    };
    std::deque<kept_soon> being_kept;
    struct free_to_go {
        std::size_t ranges = 0;
        std::uint64_t records = 0, bytes = 0;
    } free;
    bool in_list = false;  // of those that have something to tell
    receiving_link* next_in_list = nullptr;

    std::uint64_t handed() const noexcept { return agreement.to_tell(lane.passed, first == nullptr); }
    const ack_frame::settled* find_told(stream_id of, offset at, std::uint32_t attempt) noexcept {
        const ack_frame::settled* found = nullptr;
        for_each_untold([&](const ack_frame::settled& one) {
            if (one.stream == of && one.attempt == attempt && one.what.contains(at)) found = &one;
        });
        return found != nullptr ? found : told.find(of, at, attempt);
    }
    // Settled, out of the batches, and not told.
    template <class F>
    void for_each_untold(F&& each) {
        for (const auto& one : frame().ranges) each(one);
        for (const kept_soon& some : being_kept) {
            for (const auto& one : some.ranges) each(one);
        }
    }
    ack_frame& frame() noexcept { return std::get<ack_frame>(next); }
    bool has_more_than_arrivals() const noexcept {
        return untold != 0 || handed() != passed_told || window.differs_from_told();
    }
    bool has_news() const noexcept { return received != received_told || has_more_than_arrivals(); }
};

}  // namespace godwit::detail
