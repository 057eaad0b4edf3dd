// What a zmq_carrier does for a link: peers by their names, and what became of them.
#include "core/zmq_carrier.hpp"
#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

result<std::string> zmq_carrier::dial(const endpoint& where, const std::optional<public_key>& server) {
    if (link_ == nullptr) return carrier::dial(where, server);
    if (status begun = connect(where, server); !begun) return begun.error();
    return link_->dial(where.url());
}

// An empty message is no more than the rest of a question: see zmq_link.
io zmq_carrier::try_recv_link(incoming& in) {
    std::string routing_id;
    std::string& peer = in.peer != nullptr ? *in.peer : routing_id;
    for (int count = 0; count < passed_over_a_turn; ++count) {
        const auto outcome = receive_stamped(socket_.get(), in.content, &peer, whose_);
        if (outcome == received::nothing) return unread_->drained(), io::would_block;
        if (unread_->asks()) {
            unread_->came(whose_.descriptor, in.content.size_bytes() + in.content.frame_count() * 2);
        }
        const auto from = link_->translate(peer);
        if (from == zmq_link::origin::stranger) end_stranger();
        if (from == zmq_link::origin::peer && outcome == received::message) {
            link_->heard(peer, whose_.user_id, whose_.descriptor, *links_);
            if (in.content.frame_count() > 1 || !in.content.frame(0).empty()) return io::done;
        } else {
            around_.peers->refused.fetch_add(1, std::memory_order_relaxed);
        }
        message_access::clear(in.content);
    }
    around_.bell->ring_always();  // there may be more, in another turn
    return io::would_block;
}

// No link announces a routing id: it could be one that another is known by.
void zmq_carrier::end_stranger() {
    const std::string endpoint = links_->endpoint_of(whose_.descriptor);
    if (strangers_.happens()) {
        around_.peers->report(event_kind::mismatch_suspected, endpoint,
                              "a peer with a routing id of its own choice is not the other side of a " +
                                  std::string{name(around_.shown)} + " with modules: its link was ended");
    } else {
        around_.peers->count(event_kind::mismatch_suspected);
    }
    links_->end_link(whose_.descriptor);
}

readiness zmq_carrier::refresh_link() {
    const int events = socket_.get_int(ZMQ_EVENTS);
    if ((events & ZMQ_POLLIN) == 0) unread_->drained();
    return {(events & ZMQ_POLLIN) != 0, link_->any_writable(), links_->changed()};
}

bool zmq_carrier::take_changes() { return links_->take_changed(); }

void zmq_carrier::take_writable(std::vector<std::string>& into) {
    if (link_ != nullptr) link_->take_writable(into);
}

void zmq_carrier::end_peer(std::string_view peer, std::string_view reason) {
    if (link_ == nullptr) return;
    if (const std::string url = link_->url_of(peer); !url.empty()) {
        return links_->end_dialled(dialled_as(url), reason);
    }
    const auto* const speaker = link_->find(peer);
    if (speaker != nullptr && links_->belongs(speaker->link, speaker->who)) links_->end_link(speaker->link, reason);
}

admission zmq_carrier::who(std::string_view peer) const {
    if (link_ == nullptr) return {};
    if (const auto* const speaker = link_->find(peer)) return speaker->who;
    const auto server = servers_.find(dialled_as(link_->url_of(peer)));
    return server == servers_.end() ? admission{} : admission{server->second, 0, 0};
}

// What waits for peers that are not there is the protocol's to send again; it would only delay the close.
void zmq_carrier::drop_for_absent() {
    socket_.set(ZMQ_LINGER, 0);
    std::set<std::string> places;
    for (const auto& [url, dialled] : dialled_) places.insert(dialled);
    for (const std::string& dialled : places) {
        if (!links_->any_joined(dialled)) socket_.disconnect(dialled);
    }
}

}  // namespace godwit::detail
