// Options of a context and of a socket: plain structs with documented defaults and limits, checked at the first bind
// or connect, which fails with `invalid_argument` and the field's name.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "godwit/message.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

struct context_options {
    int io_threads = 1;              // libzmq's own, 1 to 16; one carries about 3 M messages/s
    std::size_t sockets_max = 1023;  // over ipc and tcp, 1 to 20,000
};

struct socket_options {
    // Plain queues count messages: for messages of one frame, memory is bounded by queue_messages_max x message_bytes_max
    // for each peer. What libzmq takes of a foreign peer's endless frames, or of a pub's subscriptions, it does not bound.
    std::size_t queue_messages_max = 1000;           // each way and peer, 1 to 1,000,000
    std::size_t message_bytes_max = 16u << 20;       // a frame; a larger one is too_large to send, and
                                                     // ends the link of the peer that sent it (ipc, tcp: from 4 KiB on)
    timeout send_timeout = std::chrono::seconds{5};  // for sends that name none
    std::chrono::milliseconds linger{5000};          // close() and the destructor: how long unsent messages may go out
    bool wait_for_peer = false;                      // send holds back until a peer is connected, instead of queueing
    bool insecure = false;                           // allows tcp beyond the loopback, unencrypted, unauthenticated
    std::chrono::milliseconds redial_min{100};       // first pause before connecting again; doubles, with jitter
    std::chrono::milliseconds redial_max{5000};      // longest pause
    std::chrono::milliseconds handshake_max{5000};   // a link that has not shaken hands by then is ended
    bool keepalive = true;                           // the kernel's, on tcp: a dead peer is noticed in about 15 s
    std::size_t events_max = 1024;                   // events kept for next_event(); older ones make room, counted
};

struct send_options {
    std::string_view topic = {};
    std::string_view key = {};
    std::vector<header> headers = {};
    std::optional<timeout> within = {};  // else the socket's send_timeout
    std::stop_token stop = {};
};

}  // namespace godwit
