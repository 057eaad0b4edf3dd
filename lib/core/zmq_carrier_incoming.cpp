// What comes in by a zmq_carrier: messages, and a pub's subscriptions.
#include <algorithm>

#include "core/zmq_carrier.hpp"
#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

namespace {

constexpr int events_a_turn = 4096;
constexpr std::size_t announced_max = 10'000;  // routing ids that are remembered

}  // namespace

io zmq_carrier::try_recv(incoming& in) {
    if (reads_stamps_ || unread_->asks()) [[unlikely]]
        return link_ != nullptr ? try_recv_link(in) : try_recv_stamped(in);
    int announced = -1;
    const auto outcome = in.peer == nullptr ? receive_message(socket_.get(), in.content)
                                            : receive_from(socket_.get(), in.content, *in.peer, &announced);
    if (announced >= 0) [[unlikely]]
        note_announced(*in.peer, announced);
    if (outcome == received::message) [[likely]]
        return io::done;
    if (outcome == received::refused) {
        around_.peers->refused.fetch_add(1, std::memory_order_relaxed);
        around_.bell->ring_always();  // there may be more, in another turn
    } else {
        unread_->drained();
    }
    return io::would_block;
}

// A second peer with a routing id takes the place of the first, which libzmq then leaves unheard on an open link.
void zmq_carrier::note_announced(const std::string& routing_id, int link) {
    if (announced_.size() >= announced_max && !announced_.contains(routing_id)) announced_.clear();
    int& last = announced_.try_emplace(routing_id, link).first->second;
    const int before = std::exchange(last, link);
    if (before == link || links_->endpoint_of(before).empty()) return;
    around_.peers->report(event_kind::mismatch_suspected, links_->endpoint_of(link),
                          "two peers have the same routing id: the link of the first is ended");
    links_->end_link(before);
}

// With each message's link and user id: what its sender has no right to send is passed over.
io zmq_carrier::try_recv_stamped(incoming& in) {
    for (int count = 0; count < passed_over_a_turn; ++count) {
        const auto outcome = receive_stamped(socket_.get(), in.content, in.peer, whose_);
        if (outcome == received::nothing) return unread_->drained(), io::would_block;
        if (in.peer != nullptr && is_announced(*in.peer)) note_announced(*in.peer, whose_.descriptor);
        if (unread_->asks()) {
            // A frame's length takes two bytes or nine.
            unread_->came(whose_.descriptor, in.content.size_bytes() + in.content.frame_count() * 2);
        }
        if (outcome == received::refused) {
            around_.peers->refused.fetch_add(1, std::memory_order_relaxed);
        } else if (check_ == nullptr || check_->may_send(whose_.user_id, whose_.descriptor, in.content)) {
            return io::done;
        }
        message_access::clear(in.content);
    }
    around_.bell->ring_always();  // there may be more, in another turn
    return io::would_block;
}

readiness zmq_carrier::refresh() {
    if (link_ != nullptr) return refresh_link();
    // Taken before the subscriptions are read: what a link said before its end is then heard before its end.
    if (around_.own == pattern::pub) {
        for (const int gone : links_->take_closed()) closed_.push_back(gone);
    }
    int events = socket_.get_int(ZMQ_EVENTS);
    if (around_.own == pattern::pub && (events & ZMQ_POLLIN) != 0) {
        read_subscriptions();
        events = socket_.get_int(ZMQ_EVENTS);
        if ((events & ZMQ_POLLIN) != 0) around_.bell->ring_always();  // the rest in another turn
    }
    bool news = std::exchange(subscriptions_changed_, false);
    if ((events & ZMQ_POLLIN) == 0) {
        unread_->drained();
        news = news || !closed_.empty();
        apply_ends();
    }
    const bool ends_left = !over_.empty() && end_those_over();
    return {(events & ZMQ_POLLIN) != 0 || ends_left, (events & ZMQ_POLLOUT) != 0, news};
}

void zmq_carrier::read_subscriptions() {
    zmq_msg_t event;
    for (int count = 0; count < events_a_turn && receive_frame(socket_.get(), event) >= 0; ++count) {
        subscriptions_changed_ = true;
        const auto* text = static_cast<const char*>(zmq_msg_data(&event));
        const std::size_t size = zmq_msg_size(&event);
        if (size > 0 && (text[0] == 0 || text[0] == 1)) {
            const int link = zmq_msg_get(&event, ZMQ_SRCFD);
            if (unread_->asks()) unread_->came(link, size);
            const std::string_view prefix{text + 1, size - 1};
            if (check_ != nullptr && link >= 0) {
                judge_subscription(event, text[0] == 1, link, prefix);
            } else if (text[0] == 1) {
                take_subscription(link, user_id_of(event), prefix);
            } else if (link < 0) {
                take_hang_up(prefix);
            } else {
                subscriptions_.unsubscribed(link, prefix);
            }
        }
        zmq_msg_close(&event);
        zmq_msg_init(&event);
    }
}

// A number's load may be that of several links, one after the other: all but the last have ended, and the ends are known
// from the stream, but not applied yet.
zmq_carrier::excess zmq_carrier::excess_of(int link) {
    constexpr std::size_t lives_max = 4;  // of a number, before a limit holds for all of them
    const socket_options& options = around_.options;
    const auto beyond = [&](const subscription_table::load& held, std::size_t times) {
        if (held.prefixes / times > options.subscriptions_max) return excess::prefixes;
        return held.size_bytes / times > options.subscription_bytes_max ? excess::size_bytes : excess::none;
    };
    if (beyond(subscriptions_.load_of(link), 1) == excess::none) return excess::none;
    if (const auto all = beyond(subscriptions_.load_of_number(link), lives_max); all != excess::none) return all;
    subscriptions_.pass_over_ended(link);
    return beyond(subscriptions_.load_of(link), 1);
}

// What comes after the limit, until the link's end is told or another speaks by its number, is not kept.
void zmq_carrier::take_subscription(int link, std::string_view who, std::string_view prefix, bool taken) {
    if (!over_.empty()) {
        const auto found = std::find_if(over_.begin(), over_.end(), [&](const over& one) { return one.link == link; });
        if (found != over_.end() && found->who == who) return;
        if (found != over_.end()) over_.erase(found);
    }
    subscriptions_.subscribed(link, prefix, taken, who);
    note_if_over(link);
}

void zmq_carrier::note_if_over(int link) {
    if (const excess what = excess_of(link); what != excess::none)
        over_.push_back({link, what, std::string{subscriptions_.who(link)}, false});
}

void zmq_carrier::take_hang_up(std::string_view prefix) {
    std::erase_if(over_, [&](const over& one) { return subscriptions_.lists(one.link, prefix); });
    subscriptions_.unsubscribed_by_hang_up(prefix);
}

void zmq_carrier::apply_ends() {
    const auto ends = std::exchange(closed_, {});
    for (const int gone : ends) {
        subscriptions_.closed(gone);
        std::erase_if(over_, [&](const over& one) { return one.link == gone; });
    }
    for (const int gone : ends) note_if_over(gone);  // the next link of that number
}

// Whether some are still to be ended: the monitor may not have told of the link yet, or the end of the one that had the
// number before is not applied.
bool zmq_carrier::end_those_over() {
    const socket_options& options = around_.options;
    bool left = false;
    for (over& one : over_) {
        if (one.ended) continue;
        const bool another = std::find(closed_.begin(), closed_.end(), one.link) != closed_.end();
        one.ended =
            !another &&
            links_->end(one.link, one.what == excess::prefixes
                                      ? "subscriptions_max = " + std::to_string(options.subscriptions_max)
                                      : "subscription_bytes_max = " + std::to_string(options.subscription_bytes_max));
        left = left || !one.ended;
    }
    return left;
}

// With an access list libzmq leaves it to us which subscriptions are taken: an option set right after the reception of a
// subscription concerns its peer. But that one may be gone since, and libzmq 4.3.4 would keep what dangles: so not unless
// its link is still open. Nothing between the question and the option may let libzmq process its commands.
void zmq_carrier::judge_subscription(zmq_msg_t& event, bool wanted, int link, std::string_view prefix) {
    const std::string who = user_id_of(event);
    if (!wanted) {
        if (check_->is_here(who, link)) {
            zmq_setsockopt(socket_.get(), ZMQ_UNSUBSCRIBE, prefix.data(), prefix.size());
        }
        return subscriptions_.unsubscribed(link, prefix);
    }
    const auto outcome = check_->may_subscribe(who, link, prefix);
    if (outcome == rights_check::subscription::taken) {
        zmq_setsockopt(socket_.get(), ZMQ_SUBSCRIBE, prefix.data(), prefix.size());
    }
    // Listed although it was refused: libzmq will tell of its end like of any other.
    take_subscription(link, who, prefix, outcome == rights_check::subscription::taken);
}

}  // namespace godwit::detail
