// What is sent, and to whom it goes. Who comes and goes: pub_links.cpp.
#include "ack_retry/pub_protocol.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace godwit::detail {

status pub_protocol::opened() {
    for (const layer* const one : world().layers) {
        if (one->codec() != 0)
            return error{errc::unsupported, one->name(),
                         "a pub encodes nothing: each subscriber gets a part of a batch"};
    }
    const stream_id stream = world().log.own_stream().value_or(stream_id{world().random.draw(), world().random.draw()});
    log_.emplace(stream, world().log, filters_, world().layers);
    if (world().log.reaches() != stage::accepted) holds_.emplace(stream).take_up(world().log.notes(stream));
    return {};
}

status pub_protocol::check(const record_parts& what) const {
    if (auto fits = check_record(what); !fits) return fits;
    if (what.body.size() > world().message_bytes_max)
        return error{errc::too_large, std::to_string(what.body.size()) + " bytes", "raise message_bytes_max"};
    return {};
}

tried pub_protocol::send(const record_parts& what, offset& given, status& why) {
    if (draining_) [[unlikely]] {
        why = error{errc::closed};
        return tried::failed;
    }
    if (why = check(what); !why) [[unlikely]]
        return tried::failed;
    if (!failed_) [[unlikely]]
        return why = failed_, tried::failed;
    if (full_) [[unlikely]]
        return tried::would_block;
    // A pub does not wait: of the options, key and headers count.
    const record_parts kept{.topic = what.topic, .key = what.key, .headers = what.headers, .body = what.body};
    given = log_->next();
    if (!log_->add(kept)) [[unlikely]] {
        if (!seal()) {
            if (full_) return tried::would_block;
            why = error{errc::full, "log", "nothing of it can be dropped now"};
            return tried::failed;
        }
        flush();
        log_->add(kept);
    }
    if (!wanted_) wanted_ = leading_ > 0 || filters_.wants(what.topic);
    maybe_flush();
    return tried::done;
}

void pub_protocol::maybe_flush() {
    // What is to outlive us is written at once, and what gathers meanwhile is the next batch.
    if (holds_) return log_->is_writing() ? void() : flush();
    constexpr std::size_t try_bytes = 64u << 10;
    const std::size_t gathered = log_->gathered_bytes();
    if (gathered >= try_bytes && (idle_ > 0 || subscribers_.empty())) return flush();
    if (idle_ == 0 || !wanted_ || gathered == 0) return;
    // What a few could take is not torn from what the others will take in one piece a little later; but they do not wait
    // for a link that takes nothing.
    if (2 * ready_ >= leading_) return flush();
    if (!std::exchange(rung_, true)) world().port.ring();
}

bool pub_protocol::seal() {
    wanted_ = false;
    while (!log_->keep(world().time.wall())) {
        full_ = log_->gives_up();
        if (full_ || !drop_oldest()) return false;
    }
    return true;
}

// Who has not got it yet, and would have: to that one it is a gap.
bool pub_protocol::drop_oldest() {
    const offset first = log_->first();
    if (first >= log_->visible()) return false;
    batch_match* const oldest = log_->read(first);
    const offset last = oldest != nullptr ? oldest->last() : first;
    for (auto& [link, one] : subscribers_) {
        const offset next = one.cursor.next();
        if (next > last) continue;
        if (oldest == nullptr || !one.complete) {
            one.cursor.dropped({next, last});
            continue;
        }
        const batch_ref& wanted = oldest->pick(one.filters);
        if (wanted.empty() || wanted.view.last() < next) {
            one.cursor.passes(last);
        } else {
            one.cursor.dropped({std::max(next, wanted.view.first()), wanted.view.last()});
            one.cursor.passes(last);
        }
    }
    return log_->drop_below(last + 1);
}

void pub_protocol::flush() {
    seal();
    for (auto& [link, one] : subscribers_) pump(one);
}

void pub_protocol::pump(subscriber& to) {
    skip_dropped(to);
    while (to.writable && !to.draining && to.cursor.has_credit()) {
        if (to.cursor.gap() && !tell_gap(to)) break;
        if (to.cursor.next() >= log_->visible()) break;
        batch_match* const next = log_->read(to.cursor.next());
        if (next == nullptr && log_->is_over(to.cursor.next())) to.cursor.passes(log_->visible() - 1);
        if (next == nullptr || !give(to, *next)) break;
    }
    hold(to);
    count(to);
}

void pub_protocol::skip_dropped(subscriber& to) {
    const offset end = log_->dropped_below();
    if (to.cursor.next() < end) to.cursor.dropped({to.cursor.next(), end - 1});
}

bool pub_protocol::give(subscriber& to, batch_match& from) {
    if (from.sealed() < to.since) return to.cursor.passes(from.last()), true;
    const offset next = to.cursor.next();
    batch_ref part;
    const batch_ref* batch = &from.pick(to.filters);
    if (next > from.first()) batch = &(part = from.pick(to.filters, next));
    if (batch->empty()) {
        to.interested = false;
        to.cursor.passes(from.last());
        return true;
    }
    switch (links().send(to.link, 1, 0, *batch)) {
        case link_set::carried::done: {
            const batch_view& view = batch->view;
            to.cursor.went({view.first(), view.last()}, view.count(), view.data().size(), from.last());
            to.interested = true;
            to.writable = !links().busy(to.link);
            return true;
        }
        case link_set::carried::busy:
            to.writable = false;
            return false;
        case link_set::carried::gone:
            to.draining = true;  // left() comes
            return false;
    }
    return false;
}

bool pub_protocol::tell_gap(subscriber& to) {
    const auto sent = links().send(to.link, gap_frame{log_->stream(), *to.cursor.gap()});
    if (sent == link_set::carried::gone) to.draining = true;
    if (sent == link_set::carried::busy) to.writable = false;
    if (sent != link_set::carried::done) return false;
    to.cursor.told();
    ++gaps_;
    return true;
}

void pub_protocol::count(subscriber& one) noexcept {
    const bool keeps_up = !one.draining && !one.cursor.gap() && one.cursor.next() >= log_->visible();
    const bool idle = keeps_up && one.writable && one.cursor.has_credit();
    const auto change = [](bool& was, bool is, std::size_t& sum) {
        sum = sum + (is ? 1 : 0) - (was ? 1 : 0);
        was = is;
    };
    change(one.leads, keeps_up && one.interested, leading_);
    change(one.ready, idle && one.interested, ready_);
    change(one.idle, idle, idle_);
}

steady_time pub_protocol::step() {
    bool kept = false;
    while (const auto event = world().log.take_event()) {
        kept = true;
        if (event->what == log_event::kind::kept) log_->kept(event->ticket);
        if (event->what == log_event::kind::space) full_ = false;
        if (event->what == log_event::kind::failed && failed_) failed_ = event->why;
        if (!failed_) full_ = false;  // who waits for room is told why
    }
    const bool rung = std::exchange(rung_, false);
    if (kept || (rung && idle_ > 0)) flush();
    if (kept) news_ = true;
    return std::min(links().step(), tell_holds(world().time.now()));
}

// Soon, and not with each ack.
steady_time pub_protocol::tell_holds(steady_time now) {
    if (!holds_ || !holds_->changed()) return never;
    if (!draining_ && now < holds_told_ + pub_holds::telling_every) return holds_told_ + pub_holds::telling_every;
    holds_told_ = now;
    world().log.keep(holds_->take(world().time.wall()));
    return never;
}

void pub_protocol::has_room() {
    for (auto& [link, one] : subscribers_) {
        if (one.writable || links().busy(link)) continue;
        one.writable = true;
        pump(one);
    }
    maybe_flush();
}

}  // namespace godwit::detail
