// receiver: batches as they come, and what of them is not handed out.
#include <algorithm>
#include <string>
#include <utility>

#include "ack_retry/hand_out.hpp"
#include "ack_retry/receiver.hpp"
#include "ack_retry/tell_times.hpp"
#include "base/rights.hpp"
#include "base/short_list.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

void receiver::took(link_number number, const data_frame& envelope, batch_ref&& batch, const range_set& done,
                    const rights* may) {
    receiving_link* const link = link_of(number);
    if (link == nullptr || link->away) return;
    const std::uint64_t size = batch.view.data().size();
    status fits;
    if (!link->window.take(batch.view.count(), size)) {
        fits = error{errc::too_large, "batch of " + std::to_string(size) + " bytes", "the credit was used up before"};
    } else if (batch.view.codec() != 0) {
        fits = layers_.decode(batch, world_.message_bytes_max);
    }
    if (!fits) return refuse(number, fits.error());

    const bool idle = inbox_.empty() && in_hand_ == 0 && batch.view.count() < small_batch;
    taken_batch& of = take(*link, envelope.attempt, std::move(batch), size);
    link->received = envelope.number;
    acks_.note(*link);
    if (!done.empty()) pass_over(of, done);
    join_copies(of);
    live_.add(of);
    if (link->has_resumed) settle_known(of);
    if (may != nullptr) refuse_beyond(*may, of);
    if (!layers_.empty()) {
        if (keeping_ != 0) ask_again();
        if (of.settled.count() != 0 || !layers_.pass_whole(of)) ask_layers(of, false);
    }
    if (draining_) drop_waiting(of, true);
    if (of.finished()) {
        finish(of);
    } else if (of.unread != 0) {
        inbox_.add(link->lane, of);
    }
    // Who waits for it takes it in a moment, and then the sender hears of both in one frame.
    if (idle && !exact_ && !world_.port.awaits_message()) return acks_.tell(*link);
    want_step_within(tell_within);
}

// Under topics that its sender has no right to.
void receiver::refuse_beyond(const rights& may, taken_batch& fresh) {
    if (fresh.held == nullptr) return;
    const pattern theirs = exact_ ? pattern::req : pattern::push;
    std::uint32_t refused = 0;
    for_each_record(fresh, fresh.position, [&](const record_view& record) {
        if (fresh.settled.contains(record.at) || may_speak(may, theirs, record.topic)) return;
        fresh.settled.settle(record.at, how::refused, 0, "no right to this topic");
        layers_.settled(fresh.stream, record.at, false);
        ++refused;
    });
    if (refused == 0) return;
    fresh.picked = true;
    counted_.refused += refused;
    beyond_rights_ += refused;
    fresh.link->untold += refused;
    acks_.note(*fresh.link);
    forgo(fresh, refused);
}

// What was settled here at this attempt, and told by a link that was lost: the sender may have sent it again before it heard.
// It is told once more, and not handled again.
void receiver::settle_known(taken_batch& fresh) {
    if (fresh.held == nullptr) return;
    receiving_link& link = *fresh.link;
    std::uint32_t settled = 0;
    for_each_record(fresh, fresh.position, [&](const record_view& record) {
        const auto* const known = link.find_told(fresh.stream, record.at, fresh.attempt);
        if (known == nullptr || fresh.settled.contains(record.at)) return;
        fresh.settled.settle(record.at, known->outcome, known->delay_ms, known->why);
        ++settled;
    });
    if (settled == 0) return;
    fresh.picked = true;
    counted_.duplicates += settled;
    link.untold += settled;
    acks_.note(link);
    forgo(fresh, settled);
}

taken_batch& receiver::take(receiving_link& link, std::uint32_t attempt, batch_ref&& batch, std::uint64_t size) {
    if (free_.empty()) {
        batches_.push_back(std::make_unique<taken_batch>());
        free_.reserve(batches_.size());
        free_.push_back(batches_.back().get());
    }
    held_batch* const held = hold(std::move(batch), world_.home, attempt);
    taken_batch& of = *free_.back();
    free_.pop_back();
    const batch_view& view = held->batch.view;
    const std::uint32_t count = view.count();
    add_references(*held, count);
    held->unsettled = count + 1;  // one is ours, until all of it is settled
    held->link = link.number;
    held->owner = &of;
    of.number = ++taken_;
    of.held = held;
    of.link = &link;
    of.stream = view.stream();
    of.first = view.first();
    of.last = view.last();
    of.attempt = attempt;
    of.position = view.begin_position();
    of.records = of.unread = count;
    of.in_hand = of.dropped_behind = 0;
    of.picked = false;
    of.arrived = view.has_exceptions() ? now() : steady_time{};
    of.untold_bytes = size;
    of.settled.begin(of.first);
    of.kept_back.clear();
    of.asking.clear();
    of.handed.clear();
    of.joined.clear();
    of.before = link.last;
    of.behind = nullptr;
    (link.last == nullptr ? link.first : link.last->behind) = &of;
    link.last = &of;
    // A quarter of the credit, in messages of the size that comes.
    const std::uint64_t by_bytes = link.window.bytes() / 4 * count / std::max<std::uint64_t>(size, 1);
    link.untold_limit = static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, std::min<std::uint64_t>(link.window.messages() / 4, by_bytes)));
    return of;
}

// A record that is in hand, or waits, is not taken again. Its settlement is that of each copy.
void receiver::join_copies(taken_batch& fresh) {
    live_.for_each_beside(fresh.stream, {fresh.first, fresh.last}, [&](taken_batch& old) {
        for_each_record(fresh, fresh.position, [&](const record_view& record) {
            record_view other;
            if (!old.held->batch.view.find(record.at, other) || fresh.settled.contains(record.at)) return;
            const bool is_same = old.attempt == fresh.attempt && old.link == fresh.link;
            const bool settled = old.settled.contains(record.at);
            if (settled && !(old.settled.untold(record.at) && is_same)) return;
            if (!is_same) old.joined.push_back({record.at, fresh.attempt, fresh.link->number});
            pass_over(fresh, record);
        });
    });
    forgo(fresh, fresh.settled.count());
}

void receiver::pass_over(taken_batch& fresh, const record_view& record) {
    fresh.settled.pass_over(record.at);
    fresh.picked = true;
    const std::uint64_t size = std::min<std::uint64_t>(record.whole.size(), fresh.untold_bytes);
    fresh.untold_bytes -= size;
    fresh.link->window.told(1, size);
    ++counted_.duplicates;
}

// join_copies() comes behind it, and lets go of them.
void receiver::pass_over(taken_batch& fresh, const range_set& done) {
    for_each_record(fresh, fresh.position, [&](const record_view& record) {
        if (done.contains(record.at)) pass_over(fresh, record);
    });
}

void receiver::cancel(link_number number, stream_id stream, offset_range what) {
    receiving_link* const link = link_of(number);
    if (link == nullptr || link->away) return;
    short_list<taken_batch*, 4> found;
    live_.for_each_beside(stream, what, [&](taken_batch& of) {
        if (of.link == link && of.unread != 0) found.push_back(&of);
    });
    for (taken_batch* const of : found.view()) {
        std::uint32_t dropped = 0;
        for_each_record(*of, of->position, [&](const record_view& record) {
            if (!what.contains(record.at) || !waits(*of, record.at)) return;
            of->settled.settle(record.at, how::returned, 0, {});
            layers_.let_go(of->stream, {record.at, record.at});
            of->picked = true;
            ++dropped;
        });
        link->untold += dropped;
        forgo(*of, dropped);
        if (of->finished()) finish(*of);
    }
    if (!found.view().empty()) acks_.note(*link);
}

void receiver::ask_layers(taken_batch& of, bool again) {
    if (of.finished()) return;
    using verdict_of = offered_record::verdict;
    receiving_link& link = *of.link;
    record_view next;
    auto position = of.position;
    const offset unread = of.unread != 0 && of.held->batch.view.next(position, next) ? next.at : offset_max;
    for (const auto& one : layers_.offer(of, again ? &of.asking : nullptr)) {
        if (one.what == verdict_of::hold) {
            if (again) continue;
            of.asking.add(one.at);
            of.kept_back.add(one.at);
            of.picked = true;
            ++keeping_;
            continue;
        }
        of.asking.remove(one.at);
        if (one.what == verdict_of::pass) {
            if (!again) continue;
            if (one.at < unread) {
                inbox_.add_single(of, one.at);
            } else {
                of.kept_back.remove(one.at);
                --keeping_;
            }
            continue;
        }
        if (again) --keeping_;
        of.kept_back.remove(one.at);
        of.picked = true;
        const bool done = one.what == verdict_of::done;
        of.settled.settle(one.at, done ? how::acked : how::refused, 0, one.why);
        ++(done ? counted_.acked : counted_.refused);
        layers_.settled(of.stream, one.at, done);
        ++link.untold;
        acks_.note(link);
        forgo(of, 1);
    }
}

void receiver::ask_again() {
    for (auto& [number, link] : links_) {
        for (taken_batch* at = link->first; at != nullptr;) {
            taken_batch& of = *std::exchange(at, at->behind);
            if (of.asking.empty()) continue;
            ask_layers(of, true);
            if (of.finished()) finish(of);
        }
    }
}

// What was not handed out: the sender is told, or has it anyway.
void receiver::drop_waiting(taken_batch& of, bool tell) {
    inbox_.drop_singles(of);
    std::uint32_t dropped = 0;
    const auto drop = [&](offset at) {
        ++dropped;
        if (!of.asking.contains(at)) layers_.let_go(of.stream, {at, at});
        if (!tell) {
            of.settled.pass_over(at);
        } else {
            of.settled.settle(at, how::returned, 0, {});
            ++of.link->untold;
        }
    };
    if (of.unread != 0) {
        for_each_record(of, of.position, [&](const record_view& record) {
            if (waits(of, record.at)) drop(record.at);
        });
        inbox_.drop(of.link->lane, of);
    }
    for (const auto& range : of.kept_back.ranges()) {
        for (offset at = range.first; at <= range.last; ++at) drop(at);
    }
    keeping_ -= of.kept_back.count();
    of.kept_back.clear();
    of.asking.clear();
    if (tell) acks_.note(*of.link);
    forgo(of, dropped);
}

// So many of its records will never be handed out.
void receiver::forgo(taken_batch& of, std::uint32_t records) noexcept {
    if (records == 0) return;
    held_batch* const held = of.held;
    release_references(held, records);
    held->unsettled -= records;
}

void receiver::drain() {
    draining_ = guarded_ = true;
    for (auto& [number, link] : links_) {
        for (taken_batch* at = link->first; at != nullptr;) {
            taken_batch& of = *std::exchange(at, at->behind);
            drop_waiting(of, true);
            if (of.finished()) finish(of);
        }
    }
    acks_.tell_all();
}

}  // namespace godwit::detail
