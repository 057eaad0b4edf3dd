// What is handed out, and settled. What comes, and from whom: sub_links.cpp.
#include "ack_retry/sub_protocol.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ack_retry/tell_times.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t window_max = 65'536;  // no other subscriber gets less for it: nothing to adapt

}  // namespace

sub_protocol::sub_protocol(const ack_retry& options)
    : protocol_base{options},
      rate_{options.messages_per_second, options.burst_messages},
      pause_{options.pause_after_failures, options.backoff_min, options.backoff_max},
      window_messages_{options.credit_messages == 0 ? window_max : options.credit_messages},
      window_bytes_{options.credit_bytes} {}

sub_protocol::~sub_protocol() = default;

tried sub_protocol::recv(delivery& out, status& why) {
    while (sub_item* const front = queue_.front()) {
        if (draining_) break;
        if (front->held == nullptr) {
            why = error{errc::gap, std::to_string(front->what.first) + ".." + std::to_string(front->what.last),
                        "the publisher had to drop these records before they went"};
            queue_.pop();
            ++counted_.gaps;
            return tried::failed;
        }
        if (!may_hand_out()) break;
        record_view record;
        auto answer = asked::pass;
        if (!world().layers.empty()) {
            queue_.peek(record);
            answer = ask_layers(record);
            if (answer == asked::wait) break;
        }
        held_batch& held = queue_.take(record);
        if (answer == asked::skip) {
            release(&held);  // the message's
            settle_one(held);
            continue;
        }
        if (rate_.limits()) rate_.take();
        ++in_hand_;
        delivery_access::fill(out, make_message(held, record), &held, record.at, held.attempt);
        return tried::done;
    }
    return tried::would_block;
}

bool sub_protocol::may_hand_out() {
    if (!rate_.limits() && pause_.until() == steady_time{}) return true;
    const steady_time now = world().time.now();
    steady_time when{};
    if (pause_.pauses(now)) when = pause_.until();
    if (rate_.limits() && !rate_.may(now)) when = std::max(when, rate_.next());
    if (when == steady_time{}) return true;
    hand_out_at_ = when;
    want_step_at(when);
    return false;
}

// One record at a time: what is kept back keeps those behind it, which must not be asked for twice.
sub_protocol::asked sub_protocol::ask_layers(const record_view& record) {
    using said = offered_record::verdict;
    if (kept_back_) return asked::wait;
    const stream_id stream = queue_.front()->stream;
    offered_record one{stream, record.at, 1, record.topic, record.key, record.body, said::pass, {}};
    for (layer* const each : world().layers) {
        each->incoming({&one, 1});
        if (one.what != said::pass) break;
    }
    if (one.what == said::pass) return asked::pass;
    if (one.what == said::hold) {
        kept_back_ = true;
        ask_at_ = world().time.now() + ask_within;
        want_step_at(ask_at_);
        return asked::wait;
    }
    const bool done = one.what == said::done;
    ++(done ? counted_.acked : counted_.refused);
    for (layer* const each : world().layers) each->settled(stream, record.at, done);
    return asked::skip;
}

void sub_protocol::settle(const settlement& what) noexcept {
    if (what.what == verdict::extend) return;  // there is no limit of time
    --in_hand_;
    if (what.what == verdict::ack) {
        ++counted_.acked;
        pause_.succeeded();
    }
    if (what.what == verdict::nack) {
        ++counted_.nacked;
        pause_.failed(world().time.now());
    }
    if (what.what == verdict::reject) ++counted_.refused;
    for (layer* const one : world().layers)
        one->settled(what.batch->batch.view.stream(), what.at, what.what == verdict::ack);
    settle_one(*what.batch);
}

void sub_protocol::settle_one(held_batch& of) noexcept {
    auto* const item = static_cast<sub_item*>(of.owner);
    if (item != nullptr && --item->unsettled == 0) {
        finish(*item);
        queue_.settled(*item);
    }
    if (--of.unsettled == 0) release(&of);
}

void sub_protocol::finish(const sub_item& one) noexcept {
    if (sub_publisher* const from = publishers_.by_stream(one.stream))
        settled(*from, one.link, one.sent, one.messages, one.size_bytes);
}

void sub_protocol::settled(sub_publisher& of, link_number link, offset_range what, std::uint64_t messages,
                           std::uint64_t size_bytes) noexcept {
    try {
        publishers_.settled(of, link, what, messages, size_bytes);
    } catch (const std::bad_alloc&) {
        return;  // its credit comes back with the next session
    }
    if (of.link == 0) return;
    const bool much = 4 * of.ack_messages >= window_messages_ || 4 * of.ack_bytes >= window_bytes_;
    if (much || (of.must_tell && of.changes.empty())) return tell(of);
    if (tell_at_ != steady_time::max()) return;
    tell_at_ = world().time.now() + tell_within;
    want_step_at(tell_at_);
}

// Filters first. Acks overtake what waits in the link: so the first window, behind which data comes, is kept until
// nothing does.
void sub_protocol::tell(sub_publisher& one) {
    while (!one.changes.empty()) {
        const auto& [filter, add] = *one.changes.begin();
        if (links().send(one.link, filter_frame{add, filter}) != link_set::carried::done) return;
        one.changes.erase(one.changes.begin());
    }
    if (one.acks.empty() && !one.must_tell) return;
    if (!one.is_open && links().busy(one.link)) return;
    ack_frame acks;
    acks.received = one.frames;
    acks.window_messages =
        static_cast<std::uint32_t>(window_messages_ - std::min<std::uint64_t>(window_messages_, one.old_messages));
    acks.window_bytes = window_bytes_ - std::min(window_bytes_, one.old_bytes);
    acks.ranges = std::move(one.acks);
    if (links().send(one.link, acks) == link_set::carried::busy) {
        one.acks = std::move(acks.ranges);
        return;
    }
    one.is_open = true;
    sub_publishers::told(one);
}

void sub_protocol::want_step_at(steady_time when) {
    if (when >= step_at_) return;
    step_at_ = when;
    world().port.ring();
}

steady_time sub_protocol::step() {
    const steady_time now = world().time.now();
    if (ask_at_ <= now) {
        kept_back_ = false;
        ask_at_ = steady_time::max();
    }
    if (hand_out_at_ <= now) hand_out_at_ = steady_time::max();
    if (tell_at_ <= now) {
        tell_at_ = steady_time::max();
        for (auto& [stream, one] : publishers_.all())
            if (one.link != 0) tell(one);
    }
    step_at_ = std::min({links().step(), tell_at_, hand_out_at_, ask_at_});
    return step_at_;
}

delivery_protocol::possible sub_protocol::ready() {
    const sub_item* const front = queue_.front();
    const bool in = front != nullptr && !draining_ && (front->held == nullptr || (!kept_back_ && may_hand_out()));
    return {.in = in, .out = false, .news = std::exchange(news_, false)};
}

delivery_stats sub_protocol::stats() const {
    delivery_stats sum = counted_;
    sum.in_flight = sum.unsettled = in_hand_;
    sum.malformed += links().malformed();
    sum.fenced = links().fenced();
    sum.links = links().count();
    return sum;
}

void sub_protocol::drain() {
    draining_ = true;
    while (!queue_.empty()) queue_.pop();  // of a batch that is partly handed out, that part is still settled
    links().drain();
}

void sub_protocol::say_goodbye() {
    for (auto& [stream, one] : publishers_.all())
        if (one.link != 0) tell(one);
    protocol_base::say_goodbye();
}

std::unique_ptr<delivery_protocol> make_sub(const ack_retry& options) {
    return std::make_unique<sub_protocol>(options);
}

}  // namespace godwit::detail
