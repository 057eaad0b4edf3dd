#include "core/sender_verbs.hpp"

namespace godwit::detail {

namespace {

// With the turn held, or not at all.
template <class Verb>
status ask_protocol(plain_socket& socket, Verb&& verb) {
    if (socket.engine() == nullptr) {
        return error{errc::unsupported, "plain socket", "dead letters and settled records need the ack_retry module"};
    }
    if (socket.forked()) return socket.forked_error();
    const auto hold = socket.turn();
    if (auto open = socket.check_open(); !open) return open;
    delivery_protocol* const protocol = socket.engine()->protocol();
    if (protocol == nullptr) return error{errc::not_found, "no endpoint", "bind or connect first"};
    const status done = verb(*protocol);
    socket.engine()->pump();
    socket.hand_on_if_waited();
    return done;
}

}  // namespace

result<receipt> send_record(plain_socket& socket, const record_parts& what, timeout limit,
                            const std::stop_token& stop) {
    auto sent = socket.send_linked(what, limit, stop);
    if (sent) return sent;
    return full_or(socket, sent.error());
}

error full_or(plain_socket& socket, const error& why) {
    if (why.code() != errc::timed_out || socket.engine() == nullptr) return why;
    const auto hold = socket.turn();
    if (!socket.engine()->is_open()) return why;
    return error{errc::full, std::to_string(socket.engine()->stats().stored_bytes) + " bytes",
                 "the log has no room: receivers are too slow or not there"};
}

std::vector<dead_letter> dead_letters(plain_socket& socket, std::size_t at_most) {
    std::vector<dead_letter> found;
    (void)ask_protocol(socket, [&](delivery_protocol& protocol) {
        found = protocol.dead_letters(at_most);
        return status{};
    });
    return found;
}

status requeue(plain_socket& socket, offset dead) {
    return ask_protocol(socket, [&](delivery_protocol& protocol) { return protocol.requeue(dead); });
}

status discard(plain_socket& socket, offset dead) {
    return ask_protocol(socket, [&](delivery_protocol& protocol) { return protocol.discard(dead); });
}

status on_settled(plain_socket& socket, std::function<void(std::span<const settled_record>)> tell) {
    if (socket.engine() == nullptr) {
        return error{errc::unsupported, "plain socket", "settled records need the ack_retry module"};
    }
    if (socket.forked()) return socket.forked_error();
    auto callbacks = socket.home().callbacks();
    if (!callbacks) return callbacks.error();
    const auto hold = socket.turn();
    if (auto open = socket.check_open(); !open) return open;
    socket.engine()->on_settled(std::move(tell), std::move(*callbacks));
    return {};
}

}  // namespace godwit::detail
