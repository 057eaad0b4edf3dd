// What goes next. How it ends: dispatcher_ends.cpp.
#include "ack_retry/dispatcher.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

void append(std::vector<offset_range>& to, offset at) {
    if (!to.empty() && to.back().last + 1 == at) {
        to.back().last = at;
    } else {
        to.push_back({at, at});
    }
}

std::uint64_t count_of(const std::vector<offset_range>& ranges) noexcept {
    std::uint64_t count = 0;
    for (const offset_range& range : ranges) count += range.count();
    return count;
}

}  // namespace

dispatcher::dispatcher(stream_id stream, offset first, const ack_retry& options, time_source& time,
                       random_source& random, record_log& log)
    : stream_{stream},
      options_{options},
      back_off_{options.backoff_min, options.backoff_max},
      time_{time},
      random_{random},
      log_{log},
      ledger_{first},
      is_kept_{log.reaches() != stage::accepted},
      notes_{stream} {}

void dispatcher::take_up(const std::vector<offset_range>& settled, const std::vector<note>& notes, offset end) {
    for (const offset_range& range : settled) ledger_.settle(range);
    taken_up_from_ = ledger_.floor();
    taken_up_below_ = end;
    for (const note& one : notes) {
        if (one.what == note::kind::attempt) {
            if (const auto tried = decode_attempt(one.content)) take_up(*tried);
        } else if (one.what == note::kind::dead_letter) {
            if (auto dead = decode_dead_letter(one.content)) take_up(std::move(*dead));
        }
    }
}

void dispatcher::take_up(dead_letter_note&& dead) {
    if (ledger_.is_settled(dead.at)) return;
    ledger_.specials[dead.at] = special_of(std::move(dead.state));
    ++ledger_.dead;
}

void dispatcher::take_up(const attempt_note& tried) {
    for (offset at = tried.what.first; at <= tried.what.last; ++at) {
        if (ledger_.is_settled(at)) continue;
        special_record& record = ledger_.specials[at] = special_of(tried.state, time_);
        const key_gate::key_hash key = options_.ordered_by_key ? tried.state.key_hash : 0;
        if (key != 0) keys_.enter(at, key);
        if (key != 0 && !keys_.holds(at)) {
            record.now = state::gated;
        } else {
            place(at, record, record.not_before);
        }
    }
}

void dispatcher::admit_those_of(const batch_view& taken_up) {
    const wall_time wall = time_.wall();
    const steady_time now = time_.now();
    record_view each;
    for (std::uint32_t position = taken_up.begin_position(); taken_up.next(position, each);) {
        if (each.at < taken_up_from_ || ledger_.is_settled(each.at)) continue;
        if (!each.has_times && each.priority == priority_default) continue;
        if (ledger_.specials.contains(each.at)) continue;  // it was tried before, or is dead
        admit(each.at, each.priority, map_times(each.times(), wall, now));
    }
    taken_up_from_ = taken_up.last() + 1;
    step(now);  // some of them have expired meanwhile
}

void dispatcher::admit(offset at, std::uint8_t priority, const mapped_times& times) {
    special_record& record = ledger_.specials[at];
    record.lane = priority;
    record.expires = times.expires;
    // With a time to live alone it keeps its place, and its batch goes whole.
    if (times.due == steady_time{} && priority == priority_default) {
        if (record.expires != never) ends_of_life_.add(record.expires, at);
        return;
    }
    place(at, record, times.due);
}

bool dispatcher::has_more() const {
    const offset visible = log_.visible(stream_);
    return lanes_.pick(!ledger_.again.empty() || takes_fresh(visible), visible) != lanes::none;
}

bool dispatcher::takes_fresh(offset visible) const noexcept {
    return ledger_.fresh < visible && !(keys_full_ && keys_.waiting() > key_gate::waiting_max / 2);
}

portion dispatcher::next(const free_credit& room) {
    if (room.messages == 0) return {};
    for (;;) {
        const offset visible = log_.visible(stream_);
        const bool has_plain = !ledger_.again.empty() || takes_fresh(visible);
        const int lane = lanes_.pick(has_plain, visible);
        if (lane == lanes::none) return {};
        const offset fresh_before = ledger_.fresh;
        portion made = lane == lanes::plain ? next_plain(room) : next_special(lane, room);
        if (!made.empty() || made.held_back) return made;
        // All of that batch is settled already, or behind other records of its keys: on to the next one.
        if (made.source == portion::from::fresh) went(made);
        if (made.source == portion::from::fresh && ledger_.fresh == fresh_before) return {};
    }
}

portion dispatcher::next_plain(const free_credit& room) {
    portion made;
    const bool again = !ledger_.again.empty();
    const offset from = again ? ledger_.again.first() : ledger_.fresh;
    const read_batch read = log_.read(stream_, from);
    if (read.answer != log_answer::done) {
        // Nothing above has not been released: it is settled.
        if (read.answer == log_answer::released && again) ledger_.again.clear();
        if (read.answer == log_answer::released && !again) ledger_.fresh = log_.visible(stream_);
        made.held_back = read.answer == log_answer::pending;
        return made;
    }
    const batch_view& view = read.batch.view;
    if (!again && view.last() < taken_up_below_ && view.last() >= taken_up_from_ && view.has_exceptions())
        admit_those_of(view);
    made.source = again ? portion::from::again : portion::from::fresh;
    made.fresh_end = view.last() + 1;
    if (again) {
        ledger_.again.for_each_in({view.first(), view.last()}, [&](offset_range part) { made.what.push_back(part); });
    } else {
        offset begin = std::max(from, view.first());
        const auto take_to = [&](offset end) {  // without `end`
            if (begin < end) {
                ledger_.settled_above().for_each_missing_in({begin, end - 1},
                                                            [&](offset_range part) { made.what.push_back(part); });
            }
        };
        for (auto at = ledger_.specials.lower_bound(begin); at != ledger_.specials.end() && at->first <= view.last();
             ++at) {
            if (at->second.now == state::in_place) continue;
            take_to(at->first);
            begin = at->first + 1;
        }
        take_to(view.last() + 1);
    }
    fill(made, read.batch, room);
    if (again && made.empty() && !made.held_back) ledger_.again.remove({from, view.last()});  // it is not there
    return made;
}

portion dispatcher::next_special(int lane, const free_credit& room) {
    portion made;
    const std::set<offset>& offsets = lanes_.at(lane);
    const offset head = *offsets.begin();
    const read_batch read = log_.read(stream_, head);
    made.held_back = read.answer == log_answer::pending;
    if (made.held_back) return made;
    if (read.answer != log_answer::done || read.batch.view.first() > head) {
        settle({head, head});  // the log has let go of it by itself
        return made;
    }
    made.source = portion::from::special;
    made.attempt = ledger_.specials.at(head).attempts + 1;
    made.alone = is_suspect(ledger_.specials.at(head));
    made.held_back = made.alone && !room.unused;
    if (made.held_back) return made;
    const offset end = std::min(read.batch.view.last() + 1, log_.visible(stream_));
    for (auto at = offsets.begin(); at != offsets.end() && *at < end; ++at) {
        const special_record& one = ledger_.specials.at(*at);
        if (one.attempts + 1 == made.attempt && (*at == head || !(made.alone || is_suspect(one))))
            append(made.what, *at);
    }
    fill(made, read.batch, room);
    if (made.empty() && !made.held_back) settle({head, head});
    return made;
}

// The second time, or before its last attempt: so what was beside a record that kills never dies with it.
bool dispatcher::is_suspect(const special_record& record) const noexcept {
    return record.crashes > 1 || (record.crashes == 1 && record.attempts + 1 >= options_.attempts_max) ||
           record.suspicions == suspicions_max;
}

portion dispatcher::of(offset_range what, std::uint32_t attempt, const free_credit& room) {
    portion made;
    const read_batch read = log_.read(stream_, what.first);
    if (read.answer != log_answer::done || read.batch.view.first() > what.last || room.messages == 0) return made;
    made.attempt = attempt;
    made.what.push_back({std::max(what.first, read.batch.view.first()), std::min(what.last, read.batch.view.last())});
    fill(made, read.batch, room);
    made.source = portion::from::nothing;
    return made;
}

// Whole if it can be; else a cut of what fits.
void dispatcher::fill(portion& into, const batch_ref& from, const free_credit& room) {
    const batch_view& view = from.view;
    const std::uint64_t wanted = count_of(into.what);
    const bool by_key = options_.ordered_by_key && into.source == portion::from::fresh;
    if (wanted == 0) return;
    if (wanted == view.count() && wanted <= room.messages && view.data().size() <= room.bytes && !by_key) {
        into.batch = from;
        into.count = wanted;
        into.bytes = view.data().size();
        return;
    }
    if (room.scarce && !room.unused && !by_key && into.source == portion::from::fresh) {
        into.held_back = true;  // more comes back with what is acked
        return;
    }
    std::vector<offset_range> chosen;
    auto range = into.what.begin();
    std::uint64_t bytes = batch_header_bytes;
    record_view record;
    keys_now_.clear();
    for (std::uint32_t position = view.begin_position(); view.next(position, record);) {
        while (range != into.what.end() && range->last < record.at) ++range;
        if (range == into.what.end()) break;
        if (record.at < range->first) continue;
        const bool fits = into.count < room.messages &&
                          (bytes + record.whole.size() <= room.bytes || (room.unused && into.count == 0));
        keys_full_ = by_key && keys_.waiting() + into.keys.size() >= key_gate::waiting_max;
        if (!fits || keys_full_) {
            into.fresh_end = record.at;
            into.held_back = into.count == 0 && !fits;
            break;
        }
        if (by_key && is_held_by_key(into, record)) continue;
        append(chosen, record.at);
        ++into.count;
        bytes += record.whole.size();
    }
    into.what = std::move(chosen);
    if (into.count == 0) return;
    into.batch = into.count == view.count() ? from : cut(view, into.what);
    into.bytes = std::max<std::uint64_t>(into.batch.view.data().size(), bytes);
}

// Of a fresh record: whether another of its key goes first.
bool dispatcher::is_held_by_key(portion& into, const record_view& record) {
    if (record.key.empty()) return false;
    const key_gate::key_hash key = key_gate::hash(record.key);
    into.keys.push_back({record.at, key});
    return !keys_.open_for(key) || !keys_now_.insert(key).second;
}

void dispatcher::went(const portion& what) {
    for (const portion::keyed& one : what.keys) {
        keys_.enter(one.at, one.key);
        if (keys_.holds(one.at)) continue;
        special_record& behind = ledger_.specials[one.at];
        behind.now = state::gated;
    }
    if (what.source == portion::from::fresh) ledger_.fresh = what.fresh_end;
    if (what.source == portion::from::nothing) {  // was in flight all the time
        counts_.redelivered += what.count;
        return;
    }
    for (const offset_range& range : what.what) {
        if (what.source == portion::from::again) ledger_.again.remove(range);
        for (auto at = ledger_.specials.lower_bound(range.first);
             at != ledger_.specials.end() && at->first <= range.last; ++at) {
            special_record& record = at->second;
            lift(at->first, record);
            if (record.sent && what.source != portion::from::again) ++counts_.redelivered;
            record.sent = true;
            record.now = state::in_flight;
        }
    }
    if (what.source == portion::from::again) counts_.redelivered += what.count;
    ledger_.in_flight += what.count;
    if (what.count > 0) lanes_.picked();
}

}  // namespace godwit::detail
