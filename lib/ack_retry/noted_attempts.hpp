// noted_attempts: what a log that outlives the process is to be told of records that are not like most, gathered until it
// is told; records in a row that are alike go into one note. Pure. Threads: a value.
#pragma once
#include <optional>
#include <vector>

#include "ack_retry/key_gate.hpp"
#include "ack_retry/ledger.hpp"
#include "base/delivery_notes.hpp"
#include "base/entry.hpp"

namespace godwit::detail {

class GODWIT_EXPORT noted_attempts {
public:
    explicit noted_attempts(stream_id stream) noexcept : stream_{stream} {}
    // It was tried, and waits for the next time or is in its lane.
    void tried(offset at, const special_record& record, key_gate::key_hash key, time_source& time);
    void died(offset at, const special_record& record);
    // Its time to live, which stands in the record, counts no more.
    void requeued(offset at, const special_record& record, key_gate::key_hash key, time_source& time);

    bool empty() const noexcept { return notes_.empty() && !row_; }
    std::vector<note> take();  // in the order in which it was said

private:
    void end_row();

    const stream_id stream_;
    std::vector<note> notes_;
    std::optional<attempt_note> row_;  // behind them
};

// The other way: what a note says, `now` being now.
GODWIT_EXPORT special_record special_of(const attempt_state& from, time_source& time);
GODWIT_EXPORT special_record special_of(dead_letter_state&& from);

}  // namespace godwit::detail
