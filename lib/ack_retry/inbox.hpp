// inbox: what came and waits to be handed out, in order of each link, and fair between them: a batch, or 64 records, from
// each in turn. It knows no credit and no time. Threads: inside a turn. Nothing is allocated for a record.
#pragma once
#include <cstdint>
#include <deque>

#include "ack_retry/taken_batch.hpp"
#include "base/record.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

// What waits of one link. Its batches are chained by `behind`; those before `waiting` are handed out.
struct inbox_lane {
    taken_batch* waiting = nullptr;
    std::uint64_t passed = 0;  // records handed out or passed over, since the session began
    inbox_lane* next = nullptr;
    bool queued = false;
};

class GODWIT_EXPORT inbox {
public:
    static constexpr std::uint32_t in_turn = 64;

    // The batch is the last of its lane's chain, and has unread records.
    void add(inbox_lane& lane, taken_batch& what) noexcept;
    // A record that was kept back may go now: before all others. Throws std::bad_alloc.
    void add_single(taken_batch& of, offset at) { singles_.push_back({&of, at}); }
    // The next record and its batch, which has it in hand then; nullptr: nothing waits.
    taken_batch* next(record_view& out) noexcept;
    bool has_singles() const noexcept { return !singles_.empty(); }
    bool empty() const noexcept { return first_ == nullptr && singles_.empty(); }
    void drop(inbox_lane& lane) noexcept;                     // nothing more of it is handed out
    void drop(inbox_lane& lane, taken_batch& what) noexcept;  // nothing more of a batch of its chain
    void drop_singles(const taken_batch& of) noexcept;

private:
    struct single {
        taken_batch* of;
        offset at;
    };
    taken_batch* next_single(record_view& out) noexcept;
    void next_lane() noexcept;

    inbox_lane* first_ = nullptr;  // whose turn it is
    inbox_lane* last_ = nullptr;
    std::uint32_t left_ = in_turn;
    std::deque<single> singles_;
};

}  // namespace godwit::detail
