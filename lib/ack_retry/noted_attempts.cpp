#include "ack_retry/noted_attempts.hpp"

namespace godwit::detail {

namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;

wall_time wall_of(steady_time when, time_source& time) {
    if (when == never) return wall_time::max();
    return std::max(wall_time{}, time.wall() + ceil<milliseconds>(when - time.now()));
}

steady_time steady_of(wall_time when, time_source& time) {
    if (when == wall_time::max()) return never;
    return time.now() + std::max(milliseconds{0}, when - time.wall());
}

}  // namespace

void noted_attempts::tried(offset at, const special_record& record, key_gate::key_hash key, time_source& time) {
    attempt_state state;
    state.attempts = record.attempts;
    state.crashes = record.crashes;
    state.suspicions = record.suspicions;
    state.priority = record.lane;
    if (record.now == special_record::state::waiting) state.not_before = wall_of(record.not_before, time);
    state.expires = wall_of(record.expires, time);
    state.key_hash = key;
    if (row_ && row_->what.last + 1 == at && row_->state == state && row_->what.count() < attempt_note::records_max) {
        row_->what.last = at;
        return;
    }
    end_row();
    row_ = {{at, at}, state};
}

void noted_attempts::died(offset at, const special_record& record) {
    end_row();
    const dead_letter_note said{
        at, {record.attempts, record.died->why, record.lane, record.died->when, record.died->detail, false}};
    notes_.push_back({note::kind::dead_letter, stream_, encode(said)});
}

void noted_attempts::requeued(offset at, const special_record& record, key_gate::key_hash key, time_source& time) {
    end_row();
    dead_letter_note said{.at = at};
    said.state.is_taken_out = true;
    notes_.push_back({note::kind::dead_letter, stream_, encode(said)});
    tried(at, record, key, time);
}

void noted_attempts::end_row() {
    if (row_) notes_.push_back({note::kind::attempt, stream_, encode(*row_)});
    row_.reset();
}

std::vector<note> noted_attempts::take() {
    end_row();
    return std::exchange(notes_, {});
}

special_record special_of(const attempt_state& from, time_source& time) {
    special_record made;
    made.lane = from.priority;
    made.sent = true;
    made.crashes = from.crashes;
    made.suspicions = from.suspicions;
    made.attempts = from.attempts;
    made.not_before = from.not_before > time.wall() ? steady_of(from.not_before, time) : steady_time{};
    made.expires = steady_of(from.expires, time);
    return made;
}

special_record special_of(dead_letter_state&& from) {
    special_record made;
    made.now = special_record::state::dead;
    made.lane = from.priority;
    made.sent = true;
    made.attempts = from.attempts;
    made.died =
        std::make_unique<special_record::epitaph>(special_record::epitaph{from.why, std::move(from.detail), from.when});
    return made;
}

}  // namespace godwit::detail
