// What comes in: each frame is judged here before anybody acts on it.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t batch_slack_bytes = (256u << 10) + (64u << 10);  // of many small records, and around one large

bool carries_batch(const link_content& content) noexcept {
    return std::holds_alternative<data_frame>(content) || std::holds_alternative<fragment_frame>(content) ||
           std::holds_alternative<reply_frame>(content);
}

// Whether a peer that fits us may say that: requests and records to those who take them, replies to who asked.
bool is_for(pattern own, const link_content& content) noexcept {
    const bool takes_records = own == pattern::pull || own == pattern::sub || own == pattern::rep;
    if (std::holds_alternative<data_frame>(content)) return takes_records;
    if (const auto* const part = std::get_if<fragment_frame>(&content)) {
        return part->reply ? own == pattern::req : takes_records;
    }
    if (std::holds_alternative<reply_frame>(content)) return own == pattern::req;
    if (std::holds_alternative<filter_frame>(content)) return own == pattern::pub;
    if (std::holds_alternative<gap_frame>(content)) return own == pattern::sub;
    if (std::holds_alternative<cancel_frame>(content)) return own == pattern::rep;
    return true;
}

std::uint64_t checksum_of(bytes batch) noexcept {
    std::uint64_t sum = 0;
    std::memcpy(&sum, batch.data() + batch_header_bytes - sizeof sum, sizeof sum);
    return sum;
}

}  // namespace

void link_set::state::took(link_peer& from, message&& frames, steady_time now) {
    if (is_closing) return;
    const bytes first = frames.frame(0);
    if (!looks_like_link(first)) {
        ++malformed;
        report_once(from, errc::mismatch, "not a link: most likely a plain ZeroMQ peer");
        if (session* const one = find(from.link)) end(*one, link_end::lost, now);
        back_off(from, now);
        port.end(from.number);
        if (!from.dialled) forget_peer(from);
        return;
    }
    auto frame = decode(first);
    if (frame.failed(errc::unsupported)) {
        if (session* const one = find(from.link)) end(*one, link_end::lost, now);
        return refuse(from, error{errc::mismatch, frame.error().value(), "the other side speaks version 1"}, now);
    }
    if (!frame) return breach(from, frame.error().value(), now);
    if (frames.frame_count() != (carries_batch(frame->content) ? 2u : 1u)) {
        return breach(from, "frames: " + std::to_string(frames.frame_count()), now);
    }
    if (auto* const theirs = std::get_if<hello>(&frame->content)) return took_hello(from, std::move(*theirs), now);
    if (const auto* const words = std::get_if<refuse_frame>(&frame->content)) return took_refusal(from, *words, now);
    session* const one = find(from.link);
    if (const auto* const reset = std::get_if<reset_frame>(&frame->content)) {
        if (one == nullptr || reset->tag != one->their_tag) {
            ++fenced;
        } else {
            end(*one, link_end::lost, now);  // and greeted again, if we dial it
        }
        return;
    }
    if (one == nullptr || frame->tag != one->our_tag) return stale(from, frame->tag, now);
    one->last_heard = now;
    took_in_session(*one, std::move(*frame), std::move(frames), now);
}

void link_set::state::took_in_session(session& of, link_frame&& frame, message&& frames, steady_time now) {
    link_peer& from = *find_peer(of.peer);
    auto& content = frame.content;
    if (!is_for(own, content)) {
        return breach(from, "kind " + std::to_string(content.index() + 1) + " to a " + std::string{name(own)}, now);
    }
    if (const auto* const data = std::get_if<data_frame>(&content)) return took_data(of, *data, std::move(frames));
    if (auto* const acks = std::get_if<ack_frame>(&content)) return user.took(of.number, std::move(*acks));
    if (const auto* const ping = std::get_if<ping_frame>(&content)) return took_ping(of, *ping);
    if (const auto* const reply = std::get_if<reply_frame>(&content)) return took_reply(of, *reply, std::move(frames));
    if (const auto* const part = std::get_if<fragment_frame>(&content)) return took_fragment(of, *part, frames);
    if (auto* const filter = std::get_if<filter_frame>(&content)) return user.took(of.number, std::move(*filter));
    if (const auto* const gap = std::get_if<gap_frame>(&content)) return user.took(of.number, *gap);
    if (const auto* const given_up = std::get_if<cancel_frame>(&content)) return user.took(of.number, *given_up);
    if (std::get<bye_frame>(content).drains) return user.drains(of.number);
    end(of, link_end::goodbye, now);
}

void link_set::state::took_data(session& of, const data_frame& head, message&& frames) {
    fragment_frame whole;
    whole.of = head;
    hand_over(of, whole, {std::move(frames), {}});
}

void link_set::state::took_reply(session& of, const reply_frame& head, message&& frames) {
    fragment_frame whole;
    whole.of.number = head.number;
    whole.of.batch_checksum = head.batch_checksum;
    whole.reply = true;
    whole.failed = head.failed;
    hand_over(of, whole, {std::move(frames), {}});
}

// Memory is taken as the parts arrive, twice as much each time, never because of what `total` says.
void link_set::state::took_fragment(session& of, const fragment_frame& head, const message& frames) {
    const auto now = time.now();
    link_peer& from = *find_peer(of.peer);
    const bytes part = frames.frame(1);
    const auto& last = of.in_last;
    const bool begins = of.in.empty();
    const bool fits = begins ? head.at == 0
                             : head.at == of.in.size() && head.total == last.total && head.reply == last.reply &&
                                   head.failed == last.failed && head.of.number == last.of.number &&
                                   head.of.batch_checksum == last.of.batch_checksum;
    if (!fits || part.empty() || part.size() > head.total - head.at || head.of.number != of.taken + 1) {
        return breach(from, "a part that does not fit", now);
    }
    if (head.total > options.message_bytes_max + batch_slack_bytes) {
        return breach(from, "batch of " + std::to_string(head.total) + " bytes", now);
    }
    of.in_last = head;
    const auto wanted = of.in.size() + part.size();
    if (wanted > of.in.capacity()) of.in.reserve(std::min<std::size_t>(head.total, std::max(wanted, 2 * of.in.size())));
    of.in.insert(of.in.end(), part.begin(), part.end());
    if (of.in.size() < head.total) return;
    auto kept = std::make_shared<std::vector<std::byte>>(std::exchange(of.in, {}));
    const auto* const data = kept->data();
    hand_over(of, head, {message::take(data, kept->size(), [kept] {}), {}});
}

// The batch is the last frame of its holder.
void link_set::state::hand_over(session& of, const fragment_frame& head, batch_ref&& batch) {
    link_peer& from = *find_peer(of.peer);
    const auto place = batch.holder.frame_count() - 1;
    if (head.of.number != of.taken + 1 || !of.in.empty()) {
        return breach(from, "number " + std::to_string(head.of.number) + " after " + std::to_string(of.taken),
                      time.now());
    }
    const bytes data = batch.holder.frame(place);
    const auto checked = batch_view::check(data, options.message_bytes_max);
    if (!checked) return breach(from, checked.error().value(), time.now());
    if (checksum_of(data) != head.of.batch_checksum) return breach(from, "another message's batch", time.now());
    ++of.taken;
    if (!head.reply) floor_rises(of, head.of.floor);
    if (of.has_ended) return;
    batch.view = *checked;
    if (head.reply) {
        user.took(of.number, reply_frame{head.of.number, head.failed, head.of.batch_checksum}, std::move(batch));
    } else {
        user.took(of.number, head.of, std::move(batch));
    }
}

void link_set::state::took_ping(session& of, const ping_frame& ping) {
    if (!ping.answer) {
        of.answer_waits = ping.number;
        if (!of.is_busy) pump(of, time.now());
        if (of.has_ended) return;
    }
    floor_rises(of, ping.floor);
}

void link_set::state::floor_rises(session& of, offset to) {
    if (to <= of.their_floor) return;
    of.their_floor = to;
    user.floor_moved(of.number, to);
}

void link_set::state::breach(link_peer& by, std::string_view what, steady_time now) {
    ++malformed;
    port.report(event_kind::link_broken, by.number, what);
    if (session* const one = find(by.link)) end(*one, link_end::lost, now);
    back_off(by, now);
    port.end(by.number);
    if (!by.dialled) forget_peer(by);
}

// For a session that is over, or never was: its sender is asked to greet again.
void link_set::state::stale(link_peer& from, std::uint64_t tag, steady_time now) {
    ++fenced;
    if (now < from.no_reset_before) return;
    from.no_reset_before = now + options.greet_again_min;
    post(from, {0, reset_frame{tag}});
}

}  // namespace godwit::detail
