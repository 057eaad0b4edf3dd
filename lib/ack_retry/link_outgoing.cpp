// What goes out: batches, whole or in parts, and control frames, which wait where the carrier is busy and go first then.
#include <algorithm>
#include <cstring>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

namespace {

std::uint64_t checksum_of(const batch_view& batch) noexcept {  // the last word of its header
    std::uint64_t sum = 0;
    std::memcpy(&sum, batch.data().data() + batch_header_bytes - sizeof sum, sizeof sum);
    return sum;
}

message lend(const message& holder, bytes part) {
    return message::take(part.data(), part.size(), [holder] {});
}

bool is_all_of(const message& holder, bytes part) noexcept {
    return holder.frame_count() == 1 && holder.body().data() == part.data() && holder.body().size() == part.size();
}

std::size_t bytes_of(const link_content& content) noexcept {
    const auto* const filter = std::get_if<filter_frame>(&content);
    return filter == nullptr ? 64 : 64 + filter->filter.size();
}

}  // namespace

link_set::state::posted link_set::state::put(session& to, const link_content& content, const message* body,
                                             steady_time now) {
    encode({to.their_tag, content}, envelope);
    switch (port.send(to.peer, envelope, body)) {
        case link_port::sent::done:
            to.last_sent = now;
            return posted::done;
        case link_port::sent::busy:
            if (!std::exchange(to.is_busy, true)) busy_links.push_back(to.number);
            return posted::busy;
        default:
            break;
    }
    link_peer* const way = find_peer(to.peer);
    end(to, link_end::lost, now);
    if (way != nullptr && !way->dialled) forget_peer(*way);
    return posted::gone;
}

link_set::carried link_set::state::send_batch(session& to, const fragment_frame& head, const batch_ref& batch) {
    if (to.blocked()) return carried::busy;
    const bytes data = batch.view.data();
    const auto now = time.now();
    fragment_frame next = head;
    next.of.number = to.sent + 1;
    next.of.batch_checksum = checksum_of(batch.view);
    if (data.size() > options.fragment_bytes) {
        next.total = static_cast<std::uint32_t>(data.size());
        to.out = batch;
        to.out_next = next;
        const auto first = pump_parts(to, now);
        if (first == posted::gone) return carried::gone;
        if (first == posted::busy && to.out_next.at == 0) return to.out = {}, carried::busy;
        ++to.sent;
        return carried::done;
    }
    message part;
    const message* body = &batch.holder;
    if (!is_all_of(batch.holder, data)) body = &(part = lend(batch.holder, data));
    const auto sent = head.reply ? put(to, reply_frame{next.of.number, head.failed, next.of.batch_checksum}, body, now)
                                 : put(to, next.of, body, now);
    if (sent == posted::done) ++to.sent;
    return sent == posted::done ? carried::done : sent == posted::busy ? carried::busy : carried::gone;
}

link_set::carried link_set::state::control(session& to, const link_content& content) {
    if (const auto* const more = std::get_if<ack_frame>(&content)) {
        auto& all = to.acks;
        if (all.ranges.size() + more->ranges.size() > ack_ranges_waiting_max) return carried::busy;
        all.received = std::max(all.received, more->received);
        all.handed = std::max(all.handed, more->handed);
        all.window_messages = more->window_messages;
        all.window_bytes = more->window_bytes;
        all.ranges.insert(all.ranges.end(), more->ranges.begin(), more->ranges.end());
        to.acks_wait = true;
    } else {
        if (to.controls.size() >= controls_max || to.control_bytes >= control_bytes_max) return carried::busy;
        to.controls.push_back(content);
        to.control_bytes += bytes_of(content);
    }
    if (!to.is_busy) pump(to, time.now());
    return to.has_ended ? carried::gone : carried::done;
}

// Everything that waits, as far as the carrier takes it.
void link_set::state::pump(session& to, steady_time now) {
    if (to.acks_wait && pump_acks(to, now) != posted::done) return;
    while (!to.controls.empty()) {
        if (put(to, to.controls.front(), nullptr, now) != posted::done) return;
        to.control_bytes -= bytes_of(to.controls.front());
        to.controls.pop_front();
    }
    if (to.answer_waits) {
        if (put(to, ping_frame{*to.answer_waits, true, floor}, nullptr, now) != posted::done) return;
        to.answer_waits.reset();
    }
    if (to.ping_waits) {
        if (put(to, ping_frame{++to.pings, false, floor}, nullptr, now) != posted::done) return;
        to.ping_waits = false;
    }
    if (!to.out.empty()) pump_parts(to, now);
}

void link_set::state::leave(session& to, steady_time now) {
    if (!to.is_busy) pump(to, now);
    if (!to.has_ended && !to.blocked()) end(to, link_end::closed, now);
}

link_set::state::posted link_set::state::pump_acks(session& to, steady_time now) {
    link_content content = std::move(to.acks);
    auto& acks = std::get<ack_frame>(content);
    posted sent = posted::done;
    std::size_t count = 0, size = 0;
    for (const auto& one : acks.ranges) {
        size += link_settled_bytes_min + one.why.size();
        if (count == link_ranges_max || size > ack_bytes_max) break;
        ++count;
    }
    if (count == acks.ranges.size()) {
        sent = put(to, content, nullptr, now);
        if (sent == posted::done) acks.ranges.clear();
    } else {  // more than a frame takes, seldom
        while (!acks.ranges.empty() && sent == posted::done) {
            ack_frame part = acks;
            part.ranges.resize(std::min(count, acks.ranges.size()));
            const auto taken = static_cast<std::ptrdiff_t>(part.ranges.size());
            sent = put(to, link_content{std::move(part)}, nullptr, now);
            if (sent == posted::done) acks.ranges.erase(acks.ranges.begin(), acks.ranges.begin() + taken);
        }
    }
    to.acks = std::move(acks);
    to.acks_wait = sent != posted::done;
    return sent;
}

link_set::state::posted link_set::state::pump_parts(session& to, steady_time now) {
    const bytes data = to.out.view.data();
    auto& next = to.out_next;
    while (next.at < next.total) {
        const auto size = std::min<std::size_t>(options.fragment_bytes, next.total - next.at);
        const message part = lend(to.out.holder, data.subspan(next.at, size));
        const auto sent = put(to, next, &part, now);
        if (sent != posted::done) return sent;
        next.at += static_cast<std::uint32_t>(size);
    }
    to.out = {};
    return posted::done;
}

void link_set::state::ping(session& to, steady_time now) {
    to.pinged = now;
    to.ping_waits = true;
    if (!to.is_busy) pump(to, now);
}

void link_set::may_write() {
    state::entry in{*state_};
    auto waiting = std::exchange(state_->busy_links, {});
    const auto now = state_->time.now();
    bool room = false;
    for (const auto number : waiting) {
        session* const one = state_->find(number);
        if (one == nullptr) continue;
        one->is_busy = false;
        if (state_->is_closing) {
            state_->leave(*one, now);
            continue;
        }
        state_->pump(*one, now);
        room |= !one->has_ended && !one->blocked();
    }
    if (room) state_->user.has_room();
    if (state_->is_closing) state_->ended.clear();
    in.finish();
}

}  // namespace godwit::detail
