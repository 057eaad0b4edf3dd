#include "ack_retry/receiver.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include "ack_retry/tell_times.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t gathered_max = 64;  // settled records of small batches

std::uint32_t milliseconds_of(std::chrono::nanoseconds time) noexcept {
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(std::max(time, std::chrono::nanoseconds{0}));
    return static_cast<std::uint32_t>(std::min<std::int64_t>(whole.count(), std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

receiver::receiver(const ack_retry& options, protocol_world& world, ack_carrier& out, bool exact)
    : options_{options},
      exact_{exact},
      world_{world},
      out_{out},
      layers_{world.layers},
      acks_{out, exact, layers_.memory()},
      handlers_{options.handler_max},
      rate_{options.messages_per_second, options.burst_messages},
      pause_{options.pause_after_failures, options.backoff_min, options.backoff_max},
      guarded_{rate_.limits()} {}

receiver::~receiver() {
    for (auto& [number, link] : links_) abandon(*link);
}

tried receiver::recv(delivery& out) {
    record_view record;
    const bool single = inbox_.has_singles();
    taken_batch* const from = guarded_ && !may_hand_out() ? nullptr : inbox_.next(record);
    if (exact_ && inbox_.take_stopped()) tell_ahead();
    if (from == nullptr) {
        if (acks_.anything()) acks_.tell_all();
        if (in_hand_ > 0 && !starving_ && inbox_.empty()) starve();
        return tried::would_block;
    }
    starving_ = false;
    if (rate_.limits()) rate_.take();
    ++in_hand_;
    held_batch* const held = from->held;
    const std::uint32_t attempt = from->attempt;
    try {
        begin_handling(*from, record.at, single);
        delivery_access::fill(out, make_message(*held, record), held, record.at, attempt);
    } catch (...) {  // nobody has it: it comes again
        settle({.batch = held, .at = record.at, .attempt = attempt, .what = verdict::abandon});
        throw;
    }
    return tried::done;
}

inline void receiver::begin_handling(taken_batch& from, offset at, bool single) {
    if (single) [[unlikely]] {
        --keeping_;
        handlers_.extend(from, at, now() + options_.handler_max);
        acks_.note(*from.link);
    } else if (&from != open_ || open_left_ == 1 || from.unread == 0) [[unlikely]] {
        on_boundary(from, at);
    } else {
        open_range_.last = at;
        --open_left_;
    }
}

// A sender that is not flooding hears of each record before its handler begins, so that it knows which one a crash was in.
bool receiver::is_told_singly(const taken_batch& of) noexcept {
    return of.records < small_batch && of.link->last == &of;
}

// The first or the last of those that are timed together.
void receiver::on_boundary(taken_batch& from, offset at) {
    if (open_ != &from) {
        close_open();
        open_ = &from;
        open_range_.first = at;
        open_left_ = is_told_singly(from) ? 1 : inbox::in_turn;
        acks_.note(*from.link);
    }
    open_range_.last = at;
    if (--open_left_ != 0 && from.unread != 0) return want_step_within(tell_within);
    close_open();
    if (is_told_singly(from)) acks_.tell(*from.link);
}

void receiver::close_open() {
    if (open_ == nullptr) return;
    taken_batch& of = *std::exchange(open_, nullptr);
    handlers_.handed(of, open_range_, now());
    if (handlers_.next() < called_at_) want_step_within(handlers_.next() - now_);
    of.link->window.look(now_, of.link->lane.waiting != nullptr);
}

// The application asks for more, with all that came in its hands: more credit is granted after a while.
void receiver::starve() {
    starving_ = true;
    now();
    for (const auto& [number, link] : links_) {
        if (link->window.adapts() && link->window.is_used_up()) want_step_within(credit::period);
    }
}

// Only a step that is far away is asked for: in a flood, none is.
void receiver::want_step_within(std::chrono::nanoseconds time) {
    if (called_at_ - now_ <= time) return;
    if (called_at_ - now() <= time) return;
    called_at_ = now_ + time;
    world_.port.ring();
}

bool receiver::may_hand_out() {
    if (draining_) return false;
    if (inbox_.empty()) return true;
    const steady_time time = now();
    if (pause_.pauses(time)) return false;
    guarded_ = rate_.limits();
    rate_at_ = steady_time::max();
    if (!guarded_ || rate_.may(time)) return true;
    rate_at_ = rate_.next();
    want_step_within(rate_at_ - time);
    return false;
}

bool receiver::ready() {
    if (!health_) return true;
    if (inbox_.empty() || draining_) return false;
    if (!guarded_) return true;
    const steady_time time = now();
    return !pause_.pauses(time) && (!rate_.limits() || rate_.may(time));
}

bool receiver::settle(const settlement& what) noexcept {
    held_batch* const held = what.batch;
    auto* const of = static_cast<taken_batch*>(held->owner);
    bool settled = false;
    try {
        settled = of != nullptr && what.attempt == of->attempt && settle_here(*of, what);
    } catch (const std::bad_alloc&) {
        return false;  // it stays in hand, with its batch, and its time limit ends it
    }
    if (settled && what.counted != nullptr) *what.counted = true;
    if (!settled && what.what != verdict::extend) ++counted_.stale_settlements;
    if (what.what != verdict::extend && --held->unsettled == 0) release(held);
    return settled;
}

bool receiver::settle_here(taken_batch& of, const settlement& what) {
    switch (what.what) {
        case verdict::ack:
            if (!of.settled.ack(what.at)) return false;
            if (!of.joined.empty()) [[unlikely]]
                settle_copies(of, what.at, how::acked, 0, {});
            ++counted_.acked;
            pause_.succeeded();
            after_settling(of, true, what.at);
            return true;
        case verdict::nack:
            return settle_as(of, what.at, how::nacked, what.delay, what.why);
        case verdict::reject:
            return settle_as(of, what.at, how::refused, {}, what.why);
        case verdict::abandon:
            return settle_as(of, what.at, how::returned, {}, {});
        case verdict::extend:
            if (of.settled.contains(what.at)) return false;
            if (open_ == &of) close_open();
            handlers_.extend(of, what.at, now() + std::clamp<std::chrono::nanoseconds>(what.delay, 0ns, 24h * 365));
            if (handlers_.next() < called_at_) want_step_within(handlers_.next() - now_);
            return true;
    }
    return false;
}

bool receiver::settle_as(taken_batch& of, offset at, how outcome, std::chrono::nanoseconds delay,
                         std::string_view why) {
    const std::uint32_t delay_ms = milliseconds_of(delay);
    if (!of.settled.settle(at, outcome, delay_ms, why)) return false;
    if (!of.joined.empty()) settle_copies(of, at, outcome, delay_ms, why);
    count_failure(outcome);
    after_settling(of, false, at);
    return true;
}

void receiver::count_failure(how outcome) {
    if (outcome == how::refused) ++counted_.refused;
    if (outcome != how::nacked && outcome != how::crashed) return;
    ++counted_.nacked;
    if (options_.pause_after_failures == 0 || !pause_.failed(now())) return;
    guarded_ = true;
    want_step_within(pause_.until() - now_);
}

// It was in hand.
inline void receiver::after_settling(taken_batch& of, bool acked, offset at) {
    --of.in_hand;
    --in_hand_;
    if (!layers_.empty()) [[unlikely]] {
        layers_.settled(of.stream, at, acked);
        if (!acked) layers_.let_go(of.stream, {at, at});
    }
    receiving_link& link = *of.link;
    if (link.away) [[unlikely]]
        return settled_away(of);
    acks_.note(link);
    link.window.settled(1);
    ++link.untold;
    if (acked && layers_.memory() != nullptr && acks_.memory_is_idle()) acks_.remember(link);
    if (of.finished()) {
        // Of small batches some are told together, while there is more to hand out.
        const bool gathers = of.records < small_batch && link.untold < gathered_max && !inbox_.empty();
        finish(of);
        if (!gathers) return acks_.tell(link);
        want_step_within(tell_within);
    }
    if (link.untold >= link.untold_limit) return acks_.tell(link);
    if (link.untold == 1) want_step_within(tell_within);
}

// Nobody is there to be told; what remembers it hears of it now.
void receiver::settled_away(taken_batch& of) {
    receiving_link& link = *of.link;
    ++link.untold;
    if (of.finished()) finish(of);
    acks_.remember(link);
}

// They are settled with the token of their own.
void receiver::settle_copies(taken_batch& of, offset at, how outcome, std::uint32_t delay_ms, std::string_view why) {
    for (const auto& copy : of.joined) {
        receiving_link* const link = copy.at == at ? link_of(copy.link) : nullptr;
        if (link == nullptr) continue;
        acks_.add(*link, {of.stream, {at, at}, copy.attempt, outcome, delay_ms, std::string{why.substr(0, 1024)}});
        if (link != of.link) want_step_within(tell_within);
    }
}

// All of it is settled here. Who still has a delivery of it has nothing left to settle.
void receiver::finish(taken_batch& of) noexcept {
    acks_.collect(of);
    // What is told with the batch's last record is all that the sender counts of it.
    of.link->next_bytes += std::exchange(of.untold_bytes, 0);
    if (of.unread != 0) inbox_.drop(of.link->lane, of);
    unlink(of);
}

void receiver::unlink(taken_batch& of) noexcept {
    if (open_ == &of) open_ = nullptr;
    handlers_.forget(of);
    live_.remove(of);
    receiving_link& link = *of.link;
    (of.before == nullptr ? link.first : of.before->behind) = of.behind;
    (of.behind == nullptr ? link.last : of.behind->before) = of.before;
    of.held->owner = nullptr;
    if (--of.held->unsettled == 0) release(of.held);
    of.held = nullptr;
    of.link = nullptr;
    of.before = of.behind = nullptr;
    free_.push_back(&of);
}

void receiver::expire() {
    while (true) {
        const auto& overdue = handlers_.expire(now_);
        if (overdue.empty()) return;
        for (const auto& one : overdue) {
            settle_as(*one.of, one.at, exact_ ? how::crashed : how::nacked, {}, "time limit");
        }
    }
}

void receiver::give_up() {
    if (in_hand_ == 0) return;
    if (open_ != nullptr) close_open();
    while (true) {
        const auto& all = handlers_.expire(steady_time::max());
        if (all.empty()) return;
        for (const auto& one : all) settle_as(*one.of, one.at, how::crashed, {}, "the receiver was closed");
    }
}

steady_time receiver::step(steady_time other) {
    now();
    if (open_ != nullptr) close_open();
    expire();
    if (layers_.memory() != nullptr) look_at_memory();
    if (keeping_ != 0) ask_again();
    if (any_over_) forget_over();
    steady_time next = std::min(other, handlers_.next());
    for (auto& [number, link] : links_) {
        if (link->away || !link->window.adapts()) continue;
        link->window.look(now_, link->lane.waiting != nullptr, starving_);
        if (starving_ && link->window.is_used_up()) next = std::min(next, now_ + credit::period);
        if (link->window.differs_from_told()) acks_.note(*link);
        if (link->lane.waiting != nullptr && link->window.messages() > 1) next = std::min(next, now_ + credit::period);
    }
    // Once something was told, it looks again: so a flood does not ask for a step with each batch.
    const bool told = acks_.anything();
    tell_due();
    if (told) next = std::min(next, now_ + tell_within);
    if (keeping_ != 0 || keeps_any()) next = std::min(next, now_ + ask_within);
    if (!inbox_.empty()) {
        if (pause_.pauses(now_)) next = std::min(next, pause_.until());
        if (rate_.limits() && !rate_.may(now_)) next = std::min(next, rate_.next());
    }
    called_at_ = next;
    return next;
}

// Who waits for what has just come takes it in this turn, and the hand-out tells of both.
void receiver::tell_due() {
    const bool at_hand = !exact_ && !inbox_.empty() && !guarded_ && world_.port.awaits_message();
    left_arrivals_ = at_hand && !left_arrivals_;
    left_arrivals_ ? acks_.tell_all_but_arrivals() : acks_.tell_all();
}

void receiver::add_to(delivery_stats& stats) const {
    stats.acked += counted_.acked;
    stats.nacked += counted_.nacked;
    stats.refused += counted_.refused;
    stats.stale_settlements += counted_.stale_settlements;
    stats.duplicates += counted_.duplicates;
    stats.malformed += counted_.malformed;
    for (const auto& [number, link] : links_) {
        for (const taken_batch* at = link->first; at != nullptr; at = at->behind) {
            stats.unsettled += at->records - at->settled.count();
        }
    }
    stats.in_flight += in_hand_;
}

}  // namespace godwit::detail
