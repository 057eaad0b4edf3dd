// How attempts end, and what waits for a time.
#include <algorithm>

#include "ack_retry/dispatcher.hpp"

namespace godwit::detail {

void dispatcher::acked(offset_range what) {
    counts_.acked += what.count();
    ledger_.in_flight -= what.count();
    ends_.acked(what);
    settle(what);
}

void dispatcher::settle(offset_range what) {
    for (auto at = ledger_.specials.lower_bound(what.first); at != ledger_.specials.end() && at->first <= what.last;
         ++at) {
        lift(at->first, at->second);
    }
    if (options_.ordered_by_key) keys_.for_each_in(what, [&](offset one) { leave_key(one); });
    ledger_.settle(what);
    ledger_.fresh = std::max(ledger_.fresh, ledger_.floor());  // what was never sent can end, too
    released_.push_back(what);
}

void dispatcher::ended(offset at, outcome how, bool was_in_flight) {
    if (was_in_flight) --ledger_.in_flight;
    ledger_.again.remove(at);
    if (how == outcome::processed) {
        ++counts_.acked;
        ends_.acked({at, at});
    } else {
        ends_.ended(at, how);
    }
    settle({at, at});
}

void dispatcher::failed(offset at, std::uint32_t attempt, std::chrono::milliseconds delay, std::string_view why) {
    ++counts_.nacked;
    --ledger_.in_flight;
    special_record& record = ledger_.specials[at];
    const steady_time now = time_.now();
    record.sent = true;
    record.attempts = attempt;
    if (record.expires <= now) return bury(at, record, dead_reason::expired, why, now);
    if (attempt >= options_.attempts_max) return bury(at, record, dead_reason::attempts, why, now);
    place(at, record, now + std::max(delay, back_off_.after(attempt, random_)));
    remember(at, record);
}

void dispatcher::remember(offset at, const special_record& record) {
    if (is_kept_) notes_.tried(at, record, keys_.key_of(at), time_);
}

void dispatcher::crashed(offset at, std::uint32_t attempt, std::string_view why) {
    std::uint8_t& crashes = ledger_.specials[at].crashes;
    if (crashes < 2) ++crashes;
    failed(at, attempt, std::chrono::milliseconds{0}, why);
}

bool dispatcher::failed_in_place(offset at, std::uint32_t attempt, std::string_view why) {
    special_record& record = ledger_.specials[at];
    const steady_time now = time_.now();
    record.sent = true;
    record.attempts = attempt;
    ++counts_.nacked;
    if (attempt < options_.attempts_max && record.expires > now) {
        record.now = state::in_flight;
        remember(at, record);
        return true;
    }
    --ledger_.in_flight;
    bury(at, record, record.expires <= now ? dead_reason::expired : dead_reason::attempts, why, now);
    return false;
}

void dispatcher::refused(offset at, std::uint32_t attempt, std::string_view why) {
    --ledger_.in_flight;
    special_record& record = ledger_.specials[at];
    record.sent = true;
    record.attempts = attempt;
    bury(at, record, dead_reason::refused, why, time_.now());
}

void dispatcher::returned(offset_range what, std::uint32_t attempt) {
    ledger_.in_flight -= what.count();
    offset begin = what.first;
    const steady_time now = time_.now();
    for (auto at = ledger_.specials.lower_bound(what.first); at != ledger_.specials.end() && at->first <= what.last;
         ++at) {
        if (begin < at->first) ledger_.again.add({begin, at->first - 1});
        begin = at->first + 1;
        special_record& record = at->second;
        record.attempts = attempt - 1;
        if (record.expires <= now) {
            bury(at->first, record, dead_reason::expired, {}, now);
        } else {
            place(at->first, record, {});
        }
    }
    if (begin <= what.last) ledger_.again.add({begin, what.last});
}

void dispatcher::suspected(offset_range what, std::uint32_t attempt) {
    ledger_.in_flight -= what.count();
    const steady_time now = time_.now();
    for (offset at = what.first; at <= what.last; ++at) {
        special_record& record = ledger_.specials[at];
        record.sent = true;
        if (record.suspicions < suspicions_max) ++record.suspicions;
        record.attempts = attempt - 1;
        if (record.expires <= now) {
            bury(at, record, dead_reason::expired, {}, now);
            continue;
        }
        place(at, record, {});
        remember(at, record);
    }
}

void dispatcher::place(offset at, special_record& record, steady_time not_before) {
    if (record.expires != never) ends_of_life_.add(record.expires, at);
    if (not_before == steady_time{}) return make_due(at, record);
    record.now = state::waiting;
    record.not_before = not_before;
    due_.add(not_before, at);
}

void dispatcher::make_due(offset at, special_record& record) {
    record.now = state::due;
    lanes_.add(record.lane, at);
}

void dispatcher::lift(offset at, special_record& record) {
    if (record.expires != never) ends_of_life_.remove(record.expires, at);
    if (record.now == state::waiting) due_.remove(record.not_before, at);
    if (record.now == state::due) lanes_.remove(record.lane, at);
}

void dispatcher::leave_key(offset at) {
    if (const auto heir = keys_.leave(at)) {
        const auto found = ledger_.specials.find(*heir);
        if (found != ledger_.specials.end() && found->second.now == state::gated) make_due(*heir, found->second);
    }
}

// A letter that finds no room stays in the queue, and comes again as seldom as anything does.
void dispatcher::bury(offset at, special_record& record, dead_reason why, std::string_view detail, steady_time now) {
    lift(at, record);
    if (!takes_dead()) {
        record.now = state::waiting;
        record.not_before = now + back_off_.largest;
        due_.add(record.not_before, at);
        remember(at, record);
        if (!told_of_overflow_ && overflow_) overflow_(at);
        told_of_overflow_ = true;
        return;
    }
    if (why == dead_reason::expired) ++counts_.expired;
    if (why == dead_reason::refused) ++counts_.refused;
    record.now = state::dead;
    record.died = std::make_unique<special_record::epitaph>(
        special_record::epitaph{why, std::string{detail.substr(0, 1024)}, time_.wall()});
    ++ledger_.dead;
    if (is_kept_) notes_.died(at, record);
    ends_.ended(at, outcome_of(why));
    leave_key(at);
}

bool dispatcher::step(steady_time now) {
    bool more = false;
    for (offset at = 0; ends_of_life_.take_due(now, at);) {
        special_record& record = ledger_.specials.at(at);
        bury(at, record, dead_reason::expired, {}, now);
        more = true;
    }
    for (offset at = 0; due_.take_due(now, at);) {
        special_record& record = ledger_.specials.at(at);
        if (record.expires <= now) {
            record.now = state::in_place;  // out of the wheel
            bury(at, record, dead_reason::expired, {}, now);
        } else {
            make_due(at, record);
        }
        more = true;
    }
    return more;
}

steady_time dispatcher::next_step() const noexcept { return std::min(due_.next(), ends_of_life_.next()); }

bool dispatcher::requeue(offset dead) {
    const auto found = ledger_.specials.find(dead);
    if (found == ledger_.specials.end() || found->second.now != state::dead) return false;
    special_record& record = found->second;
    record.died.reset();
    record.attempts = 0;
    record.crashes = 0;
    record.expires = never;
    --ledger_.dead;
    told_of_overflow_ = false;
    ends_.begins_again(dead);
    if (options_.ordered_by_key) {
        const read_batch read = log_.read(stream_, dead);
        record_view content;
        if (read.answer == log_answer::done && read.batch.view.find(dead, content) && !content.key.empty()) {
            keys_.enter(dead, key_gate::hash(content.key));
            if (!keys_.holds(dead)) {
                record.now = state::gated;
            }
        }
    }
    if (record.now != state::gated) make_due(dead, record);
    if (is_kept_) notes_.requeued(dead, record, keys_.key_of(dead), time_);
    return true;
}

bool dispatcher::discard(offset dead) {
    const auto found = ledger_.specials.find(dead);
    if (found == ledger_.specials.end() || found->second.now != state::dead) return false;
    told_of_overflow_ = false;
    settle({dead, dead});
    return true;
}

}  // namespace godwit::detail
