// What is sent, and when it leaves. Links: sender_links.cpp. What is asked: sender_answers.cpp.
#include "ack_retry/sender_half.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

offset first_live(record_log& log, stream_id stream, offset next) {
    const offset first = log.first(stream);
    return log.visible(stream) > 0 && first < next ? first : next;
}

}  // namespace

// Offset 0 is never given: a plain socket's receipt has it.
sender_half::sender_half(stream_id stream, const ack_retry& options, tools&& with)
    : stream_{stream},
      options_{options},
      with_{std::move(with)},
      open_{stream, std::max<offset>(1, with_.log.next_offset(stream))},
      is_kept_{with_.log.reaches() != stage::accepted},
      is_fed_{with_.log.is_fed(stream)},
      kept_below_{open_.next()},
      appended_below_{open_.next()},
      dispatcher_{stream, first_live(with_.log, stream, open_.next()), options, with_.time, with_.random, with_.log} {
    dispatcher_.on_overflow([this](offset at) {
        with_.port.report(event_kind::dead_letters_full, 0, "record " + std::to_string(at) + " stays in the queue");
    });
    dispatcher_.take_up(with_.log.holes(stream), with_.log.notes(stream), open_.next());
    open_.wait_on(false);
    if (!is_fed_) return;
    failed_ = error{errc::unsupported, "send", "another module feeds this stream: send through that"};
    full_ = true;  // so that no send takes the short way
}

// What another hand has appended counts as sent here.
void sender_half::take_up_fed() {
    const offset end = with_.log.visible(stream_);
    if (end <= appended_below_) return;
    open_.skip_to(end);
    dispatcher_.take_up_to(end);
    appended_below_ = kept_below_ = end;
    news_ = true;
}

status sender_half::check(const record_parts& what) const {
    if (auto fits = check_record(what); !fits) return fits;
    if (what.body.size() > with_.message_bytes_max)
        return error{errc::too_large, std::to_string(what.body.size()) + " bytes", "raise message_bytes_max"};
    if (!options_.ordered_by_key) return {};
    if (what.priority != priority_default)
        return error{errc::unsupported, "priority", "records that are ordered by key have no other order"};
    if (what.times.delay || what.times.deliver_at)
        return error{errc::unsupported, what.times.delay ? "delay" : "deliver_at",
                     "records that are ordered by key do not wait for a time"};
    return {};
}

tried sender_half::send_other(const record_parts& what, offset& given, status& why) {
    if (!failed_) return why = failed_, tried::failed;
    if (full_) return tried::would_block;
    if (why = check(what); !why) return tried::failed;
    given = open_.next();
    auto wish = open_.add(what);
    if (wish == open_batch::wish::full) {
        if (!seal()) return tried::would_block;
        pump();
        given = open_.next();
        wish = open_.add(what);
    }
    if (what.times.any() || what.priority != priority_default) {
        // Sent now: what the wall clock says of it is read once, and a time to live counts from here.
        const wall_time sent = what.times.sent == wall_time{} ? with_.time.wall() : what.times.sent;
        record_times times = what.times;
        times.sent = sent;
        dispatcher_.admit(given, what.priority, map_times(times, sent, with_.time.now()));
        if (dispatcher_.next_step() < stepped_until_) with_.port.ring();
    }
    if (wish == open_batch::wish::leave) leave();
    return tried::done;
}

void sender_half::leave() {
    if (!wants_batch() && !open_.must_leave()) return open_.wait_on(outlets_.any_credit());
    if (seal()) pump();
    wants_batch() ? open_.hurry() : open_.wait_on(outlets_.any_credit());
}

bool sender_half::seal() {
    if (!sealed_.empty()) keep();
    if (full_ || open_.empty()) return !full_;
    batch_ref batch = open_.seal(with_.time.wall());
    for (layer* const one : with_.layers) {
        one->outgoing(stream_, {batch.view.first(), batch.view.last()}, batch.view.count(), batch.view.data().size());
    }
    sealed_.batches.push_back(std::move(batch));
    keep();
    return !full_;
}

void sender_half::keep() {
    const offset end = sealed_.batches.back().view.last() + 1;
    log_ticket ticket;
    const log_answer answer = with_.log.append(std::move(sealed_), with_.log.reaches(), ticket);
    full_ = answer == log_answer::full;
    if (full_) return;
    sealed_ = {};
    appended_below_ = end;
    if (!early_.empty()) {
        with_.log.release(stream_, early_);
        early_.clear();
    }
    if (answer == log_answer::pending) {
        tickets_.emplace_back(ticket.number, end);
    } else {
        kept_below_ = end;
    }
}

void sender_half::pump() {
    if (is_fed_) take_up_fed();
    for (outlet& one : outlets_.all()) one.sated = false;
    while (outlet* const to = outlets_.best(with_.carrier)) {
        if (!to->owed.empty() && give_owed(*to)) continue;
        const portion next = dispatcher_.next(to->room());
        if (next.empty()) {
            to->sated = true;  // another may be owed something, or have more room
            continue;
        }
        switch (with_.carrier.send(to->link, next.attempt, dispatcher_.records().floor(), next.batch)) {
            case link_set::carried::done:
                to->out.sent(next.what, next.attempt, next.bytes);
                to->alone = next.alone;
                outlets_.used(*to);
                dispatcher_.went(next);
                break;
            case link_set::carried::busy:
                to->busy = true;
                break;
            case link_set::carried::gone:
                to->draining = true;  // left() comes
                break;
        }
    }
    after_ends();
}

// False: nothing of it fits now, which holds up nothing else.
bool sender_half::give_owed(outlet& to) {
    auto& [attempt, ranges] = *to.owed.begin();
    const portion next = dispatcher_.of(ranges.ranges().front(), attempt, to.room());
    if (next.empty()) return false;
    switch (with_.carrier.send(to.link, attempt, dispatcher_.records().floor(), next.batch)) {
        case link_set::carried::done:
            to.out.sent(next.what, attempt, next.bytes);
            outlets_.used(to);
            dispatcher_.went(next);
            for (const offset_range& range : next.what) ranges.remove(range);
            if (ranges.empty()) to.owed.erase(to.owed.begin());
            break;
        case link_set::carried::busy:
            to.busy = true;
            break;
        case link_set::carried::gone:
            to.draining = true;
            break;
    }
    return true;
}

void sender_half::wake() {
    if (!sealed_.empty()) seal();
    pump();
    if (wants_batch()) {
        if (open_.empty()) return open_.hurry();
        leave();
    } else {
        open_.wait_on(outlets_.any_credit());
    }
}

void sender_half::flush() {
    if (seal()) pump();
}

void sender_half::after_ends() {
    if (!dispatcher_.notes().empty()) with_.log.keep(dispatcher_.notes().take());
    const auto& released = dispatcher_.released();
    if (released.empty()) return;
    with_.log.release(stream_, released);
    for (const offset_range& range : released) {
        if (range.last >= appended_below_) early_.push_back(range);
    }
    dispatcher_.forget_released();
    news_ = true;
    log_events();
}

void sender_half::log_events() {
    while (const auto event = with_.log.take_event()) {
        news_ = true;
        const auto ticket = std::find_if(tickets_.begin(), tickets_.end(),
                                         [&](const auto& one) { return one.first == event->ticket.number; });
        if (event->what == log_event::kind::kept && ticket != tickets_.end()) {
            kept_below_ = std::max(kept_below_, ticket->second);
            tickets_.erase(tickets_.begin(), ticket + 1);  // a log keeps in order
        }
        if (event->what == log_event::kind::failed && failed_) {
            failed_ = event->why;
            full_ = true;
            open_.hurry();
        }
        if (event->what == log_event::kind::space && full_ && failed_) {
            full_ = false;
            if (!sealed_.empty()) keep();
        }
    }
}

steady_time sender_half::step() {
    log_events();
    const steady_time now = with_.time.now();
    if (dispatcher_.step(now)) news_ = true;
    steady_time next = never;
    for (std::size_t i = 0; i < absent_.size();) {
        const steady_time end = absent_[i].since + options_.evict_after;
        if (end > now) {
            next = std::min(next, end);
            ++i;
            continue;
        }
        absence gone = std::move(absent_[i]);
        absent_.erase(absent_.begin() + static_cast<std::ptrdiff_t>(i));
        evict(gone.what);
    }
    wake();
    return stepped_until_ = std::min(next, dispatcher_.next_step());
}

}  // namespace godwit::detail
