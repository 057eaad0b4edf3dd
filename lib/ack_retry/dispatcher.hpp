// dispatcher: which records go next, and what becomes of them afterwards: the only place where the ledger and the gates
// (due times, ends of life, lanes, keys) meet. It knows no link: it is asked for a portion that fits a credit, and told
// what was sent and how it ended. Pure, but for the log that it reads. Threads: inside the socket's turn.
#pragma once
#include <functional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "ack_retry/back_off.hpp"
#include "ack_retry/due_wheel.hpp"
#include "ack_retry/key_gate.hpp"
#include "ack_retry/lanes.hpp"
#include "ack_retry/ledger.hpp"
#include "ack_retry/noted_attempts.hpp"
#include "ack_retry/outcomes.hpp"
#include "base/record_log.hpp"
#include "godwit/ack_retry.hpp"

namespace godwit::detail {

// How much may be in flight besides what is.
struct free_credit {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    bool unused = false;  // nothing is in flight: one record may be larger than `bytes`
    bool scarce = false;  // most of the window is in flight: it is not filled up with pieces of batches
};

// Records of one batch of the log, at one attempt; nothing is changed until went().
struct portion {
    enum class from : std::uint8_t { nothing, fresh, again, special };
    from source = from::nothing;
    bool held_back = false;  // nothing: there is something, but it is larger than the credit
    batch_ref batch;         // the log's own, when all of it goes; else a cut
    std::vector<offset_range> what;
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    std::uint32_t attempt = 1;
    bool alone = false;    // nothing else may be in flight with it: it may be what kills receivers
    offset fresh_end = 0;  // where the fresh records go on
    struct keyed {
        offset at;
        key_gate::key_hash key;
    };
    std::vector<keyed> keys;  // ordered_by_key: what enters the gate

    bool empty() const noexcept { return count == 0; }
};

class GODWIT_EXPORT dispatcher {
public:
    struct counters {
        std::uint64_t acked = 0, nacked = 0, redelivered = 0, expired = 0, refused = 0;
    };

    // Borrows all. All offsets below `first` are settled.
    dispatcher(stream_id stream, offset first, const ack_retry& options, time_source& time, random_source& random,
               record_log& log);

    // What the log has from before: these ranges are settled, the notes say what was tried and what is dead, and what else
    // is special below `end` is found when it is read.
    void take_up(const std::vector<offset_range>& settled, const std::vector<note>& notes, offset end);
    // So does what another hand appends, up to there.
    void take_up_to(offset end) noexcept { taken_up_below_ = end; }
    // A record came in that is not like most: a priority, a delay, a time to live.
    void admit(offset at, std::uint8_t priority, const mapped_times& times);

    bool has_more() const;  // something may go now
    portion next(const free_credit& room);
    portion of(offset_range what, std::uint32_t attempt, const free_credit& room);  // these, whatever the gates say
    void went(const portion& what);

    // How it ended. Each record was in flight at that attempt; the caller has checked it.
    void acked(offset_range what);
    void failed(offset at, std::uint32_t attempt, std::chrono::milliseconds delay, std::string_view why);
    void crashed(offset at, std::uint32_t attempt, std::string_view why);  // its receiver is lost, maybe by it
    void refused(offset at, std::uint32_t attempt, std::string_view why);
    void returned(offset_range what, std::uint32_t attempt);  // it was never handed out: the same attempt, at once
    void suspected(
        offset_range what,
        std::uint32_t attempt);  // the same, but it may have killed its receiver: the third time it goes alone
    // It is decided, wherever it was; nothing more of it is sent.
    void ended(offset at, outcome how, bool was_in_flight);
    // An attempt ended, and the next one begins where the record is now: it stays in flight. False: it is dead instead.
    bool failed_in_place(offset at, std::uint32_t attempt, std::string_view why);

    bool step(steady_time now);              // due times and ends of life; true: there may be more to send
    steady_time next_step() const noexcept;  // never: nothing is waited for
    bool requeue(offset dead);               // false: it is no dead letter
    bool discard(offset dead);
    bool takes_dead() const noexcept { return ledger_.dead < options_.dead_letters_max; }

    // What the log may let go of, since the last call.
    const std::vector<offset_range>& released() const noexcept { return released_; }
    void forget_released() noexcept { released_.clear(); }
    noted_attempts& notes() noexcept { return notes_; }  // what it is to be told
    // Called when a dead letter finds no room, once until there is room again.
    void on_overflow(std::function<void(offset)> tell) { overflow_ = std::move(tell); }

    const detail::ledger& records() const noexcept { return ledger_; }
    detail::ledger& records() noexcept { return ledger_; }
    outcomes& ends() noexcept { return ends_; }
    const outcomes& ends() const noexcept { return ends_; }
    const counters& counts() const noexcept { return counts_; }

private:
    using state = special_record::state;
    portion next_plain(const free_credit& room);
    void admit_those_of(const batch_view& taken_up);
    portion next_special(int lane, const free_credit& room);
    void fill(portion& into, const batch_ref& from, const free_credit& room);
    bool takes_fresh(offset visible) const noexcept;
    bool is_suspect(const special_record& record) const noexcept;
    bool is_held_by_key(portion& into, const record_view& record);
    void place(offset at, special_record& record, steady_time not_before);  // waiting, or due
    void make_due(offset at, special_record& record);
    void lift(offset at, special_record& record);  // out of its gate
    void bury(offset at, special_record& record, dead_reason why, std::string_view detail, steady_time now);
    void leave_key(offset at);
    void take_up(const attempt_note& tried);
    void take_up(dead_letter_note&& dead);
    void remember(offset at, const special_record& record);  // by the log, if that outlives the process
    void settle(offset_range what);

    const stream_id stream_;
    const ack_retry& options_;
    const back_off back_off_;
    time_source& time_;
    random_source& random_;
    record_log& log_;
    detail::ledger ledger_;
    offset taken_up_from_ = 0, taken_up_below_ = 0;  // of the log's, what has not been looked at for special records
    due_wheel due_, ends_of_life_;
    lanes lanes_;
    key_gate keys_;
    outcomes ends_;
    counters counts_;
    std::vector<offset_range> released_;
    const bool is_kept_;  // by a log that outlives the process
    noted_attempts notes_;
    std::unordered_set<key_gate::key_hash> keys_now_;  // of the portion that is being made
    bool keys_full_ = false;  // as many wait for their keys as may: nothing fresh before half of them have gone
    bool told_of_overflow_ = false;
    std::function<void(offset)> overflow_;
};

}  // namespace godwit::detail
