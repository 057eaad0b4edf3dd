#include "core/sender_verbs.hpp"

#include "core/no_stop.hpp"

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

namespace {

constexpr timeout reading_patience = std::chrono::seconds{10};  // for a record on a disk

// verb(protocol) again, as long as what it needs is being read.
template <class Verb>
status ask_with_patience(plain_socket& socket, Verb&& verb) {
    tried last = tried::would_block;
    const auto once = [&] {
        return ask_protocol(socket, [&](delivery_protocol& protocol) {
            status why;
            last = verb(protocol, why);
            return why;
        });
    };
    if (auto asked = once(); !asked || last != tried::would_block) return asked;
    status why;
    auto again = [&] {
        last = verb(*socket.engine()->protocol(), why);
        return last == tried::would_block ? io::would_block : io::done;
    };
    if (auto waited = socket.do_or_wait(want::news, reading_patience, no_stop, again); !waited) return waited;
    return why;
}

}  // namespace

std::vector<dead_letter> dead_letters(plain_socket& socket, std::size_t at_most) {
    std::vector<dead_letter> found;
    (void)ask_with_patience(socket, [&](delivery_protocol& protocol, status&) {
        return protocol.dead_letters(found.empty() ? 0 : found.back().at + 1, at_most, found);
    });
    return found;
}

status requeue(plain_socket& socket, offset dead) {
    return ask_with_patience(socket,
                             [&](delivery_protocol& protocol, status& why) { return protocol.requeue(dead, why); });
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
