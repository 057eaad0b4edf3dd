// rep: the receiver, whose settlements are replies: they go back as batches with the requests' own stream and offsets. It
// hands out only what the requester knows of (hand_out.hpp), and nothing whose time is over.
#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "ack_retry/protocol_base.hpp"
#include "ack_retry/receiver.hpp"
#include "ack_retry/reply_outbox.hpp"

namespace godwit::detail {

namespace {

class rep_protocol final : public protocol_base, private ack_carrier {
public:
    using protocol_base::protocol_base;

    steady_time step() override;
    tried recv(delivery& out, status& why) override;
    void settle(const settlement& what) noexcept override;
    status reply(const settlement& to, const record_parts& what) override;
    void has_room() override;
    possible ready() override { return {.in = receiver_->ready(), .out = false, .news = false}; }
    delivery_stats stats() const override;
    void drain() override {
        receiver_->drain();
        links().drain();
    }
    bool drained() const override;
    std::uint64_t unsettled() const override { return receiver_ ? receiver_->unsettled() : 0; }
    void say_goodbye() override {
        receiver_->tell_all();
        protocol_base::say_goodbye();
    }
    using protocol_base::send;
    using protocol_base::took;

private:
    struct requester {
        requester(stream_id requests, const endpoint_id& who) noexcept : replies{requests}, identity{who} {}
        reply_outbox replies;
        endpoint_id identity;
        offset memory = 0;  // names the session with which it began
        bool away = false;
        bool held_up = false;
    };
    using requester_map = std::unordered_map<link_number, requester>;

    status opened() override {
        ack_carrier& out = *this;
        receiver_ = std::make_unique<receiver>(options(), world(), out, true);
        return {};
    }

    // link_user
    void greet(hello& ours) override;
    status meet(const hello&) override { return {}; }
    void claimed(link_number, greeting_claims&& ours) override;
    void joined(link_number link, const hello& theirs, link_number resumed) override;
    void left(link_number link, link_end why) override;
    void took(link_number link, const data_frame& envelope, batch_ref&& batch) override;
    void took(link_number link, ack_frame&& acks) override;
    void took(link_number link, const cancel_frame& given_up) override {
        receiver_->cancel(link, given_up.stream, given_up.what);
    }
    void drains(link_number) override {}  // it asks nothing new, and still hears
    void floor_moved(link_number link, offset to) override { receiver_->floor_moved(link, to); }

    // ack_carrier
    link_set::carried send(link_number to, const link_content& what) override { return links().send(to, what); }
    void refuse(link_number which, errc code, std::string_view why) override {
        links().send(which, refuse_frame{code, std::string{why.substr(0, link_why_bytes_max)}});
    }

    static taken_batch* batch_of(const settlement& to) { return static_cast<taken_batch*>(to.batch->owner); }
    bool is_over(const delivery& request);
    void flush(link_number to, requester& what);
    void flush_all();
    void look_at_size(link_number of, requester& what);

    std::unique_ptr<receiver> receiver_;
    requester_map requesters_;
    std::vector<std::pair<stream_id, offset>> remembered_;  // as our greeting to who joins now has said
};

void rep_protocol::greet(hello& ours) {
    receiver_->greet(ours);
    for (const auto& [link, one] : requesters_) {
        one.replies.list(ours.holds);
        if (ours.next.size() < link_ranges_max) ours.next.emplace_back(one.replies.stream(), one.memory);
    }
}

// What is answered for by a reply is none of the receiver's.
void rep_protocol::claimed(link_number, greeting_claims&& ours) {
    std::map<stream_id, range_set> replied;
    std::vector<attempted_range> listed, rest;
    for (const auto& [link, one] : requesters_) one.replies.list(listed);
    for (const auto& one : listed) replied[one.stream].add(one.what);
    for (const auto& one : ours.holds) {
        replied[one.stream].for_each_missing_in(one.what, [&](offset_range part) {
            rest.push_back({one.stream, part, one.attempt});
        });
    }
    receiver_->claimed(std::move(rest));
    remembered_ = std::move(ours.next);
}

void rep_protocol::joined(link_number link, const hello& theirs, link_number resumed) {
    receiver_->joined(link, theirs, resumed);
    const auto said = std::find_if(remembered_.begin(), remembered_.end(),
                                   [&](const auto& one) { return one.first == theirs.stream; });
    auto before = resumed == 0 ? requesters_.extract(link) : requesters_.extract(resumed);
    if (!before.empty()) {
        before.key() = link;
        before.mapped().away = false;
        before.mapped().replies.begin_again(world().time.wall());
        requesters_.insert(std::move(before));
    } else {
        requesters_.emplace(link, requester{theirs.stream, theirs.identity}).first->second.memory =
            memory_of(theirs.tag);
    }
    // An older incarnation will not come again.
    std::erase_if(requesters_,
                  [&](const auto& one) { return one.second.away && one.second.identity == theirs.identity; });
    requester& now = requesters_.at(link);
    // What we have executed, and forgotten since we greeted, it would send again: it has to begin anew.
    if (said != remembered_.end() && said->second != now.memory)
        return refuse(link, errc::fenced, "what was remembered is forgotten");
    now.held_up = false;
    look_at_size(link, now);
    flush(link, now);
}

void rep_protocol::left(link_number link, link_end why) {
    receiver_->left(link, why);
    const auto found = requesters_.find(link);
    if (found == requesters_.end()) return;
    found->second.away = true;
    if (why == link_end::goodbye || why == link_end::closed) requesters_.erase(found);
}

void rep_protocol::took(link_number link, const data_frame& envelope, batch_ref&& batch) {
    const auto from = requesters_.find(link);
    if (from == requesters_.end()) return;
    const auto may = links().rights_of(link);
    const auto before = receiver_->beyond_rights();
    receiver_->took(link, envelope, std::move(batch), from->second.replies.carried_over(), may.get());
    report_beyond_rights(link, receiver_->beyond_rights() - before);
}

void rep_protocol::took(link_number link, ack_frame&& acks) {
    const auto from = requesters_.find(link);
    if (from == requesters_.end()) return;
    from->second.replies.received(acks.received);
    receiver_->agreed(link, acks.handed);
    look_at_size(link, from->second);
}

// Replies that nobody takes are bounded by the credit: nothing more of that requester is handed out.
void rep_protocol::look_at_size(link_number of, requester& what) {
    const bool all = what.replies.size_bytes() >= options().credit_bytes;
    if (all == what.held_up) return;
    what.held_up = all;
    receiver_->hold_up(of, all);
}

tried rep_protocol::recv(delivery& out, status&) {
    for (;;) {
        const tried got = receiver_->recv(out);
        if (got != tried::done || !is_over(out)) return got;
        held_batch* const held = delivery_access::take(out);
        receiver_->settle({held, out.at(), out.attempt(), verdict::abandon});
        out = {};
    }
}

// Its time counts from its arrival here, at most: clocks of two hosts are not compared.
bool rep_protocol::is_over(const delivery& request) {
    const held_batch& held = *delivery_access::held(request);
    const auto* const from = static_cast<const taken_batch*>(held.owner);
    if (from == nullptr || from->arrived == steady_time{}) return false;
    record_view record;
    if (!held.batch.view.find(request.at(), record) || !record.has_times) return false;
    const auto ttl = record.times().ttl;
    return ttl && world().time.now() - from->arrived >= *ttl;
}

// An ack without a word is an empty reply.
void rep_protocol::settle(const settlement& what) noexcept {
    if (what.what == verdict::ack) {
        try {
            if (reply(what, {})) return;
        } catch (const std::bad_alloc&) {
            // It ends as it would have without the reply: by a nack.
        }
        settlement nack = what;
        nack.what = verdict::nack;
        receiver_->settle(nack);
        return;
    }
    receiver_->settle(what);
}

status rep_protocol::reply(const settlement& to, const record_parts& what) {
    if (auto fits = check_record(what); !fits) return fits;
    if (what.body.size() > world().message_bytes_max) {
        return error{errc::too_large, std::to_string(what.body.size()) + " bytes", "raise message_bytes_max"};
    }
    const taken_batch* const of = batch_of(to);
    const auto asked_by = of == nullptr ? requesters_.end() : requesters_.find(of->link->number);
    if (asked_by == requesters_.end() || of->attempt != to.attempt || of->settled.contains(to.at)) {
        return error{errc::unreachable, std::to_string(to.at), "who asked is gone, or its time here is over"};
    }
    const link_number link = asked_by->first;
    requester& asker = asked_by->second;
    asker.replies.add(to.at, to.attempt, what, world().time.wall());
    settlement ack = to;
    ack.what = verdict::ack;
    receiver_->settle(ack);  // tells first: the requester's credit is free when the reply comes, and so is ours
    look_at_size(link, asker);
    if (!asker.away && !links().busy(link)) flush(link, asker);
    return {};
}

void rep_protocol::flush(link_number to, requester& what) {
    if (what.away || what.replies.unsent() == 0) return;
    receiver_->tell(to);
    what.replies.flush(world().time.wall(), [&](const batch_ref& batch) { return links().reply(to, false, batch); });
}

void rep_protocol::flush_all() {
    for (auto& [link, one] : requesters_) {
        if (!one.away && !links().busy(link)) flush(link, one);
    }
}

steady_time rep_protocol::step() {
    const steady_time theirs = links().step();
    flush_all();
    return receiver_->step(theirs);
}

void rep_protocol::has_room() {
    receiver_->tell_all();
    flush_all();
}

bool rep_protocol::drained() const {
    if (!receiver_->drained()) return false;
    for (const auto& [link, one] : requesters_) {
        if (!one.replies.empty()) return false;
    }
    return true;
}

delivery_stats rep_protocol::stats() const {
    delivery_stats sum;
    receiver_->add_to(sum);
    for (const auto& [link, one] : requesters_) sum.stored_bytes += one.replies.size_bytes();
    sum.malformed += links().malformed();
    sum.fenced += links().fenced();
    sum.links = links().count();
    return sum;
}

}  // namespace

std::unique_ptr<delivery_protocol> make_rep(const ack_retry& options) {
    return std::make_unique<rep_protocol>(options);
}

}  // namespace godwit::detail
