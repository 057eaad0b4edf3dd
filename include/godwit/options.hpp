// Options of a context and of a socket: plain structs with documented defaults and limits, checked at the first bind
// or connect, which fails with `invalid_argument` and the field's name.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/access_list.hpp"
#include "godwit/key.hpp"
#include "godwit/log.hpp"
#include "godwit/message.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

struct context_options {
    int io_threads = 1;              // libzmq's own, 1 to 16; one carries about 3 M messages/s
    std::size_t sockets_max = 1023;  // over ipc and tcp, 1 to 20,000
    log_sink log = {};               // told what happens, from log_from upwards
    log_level log_from = log_level::info;
};

struct socket_options {
    // In reports and logs, up to 128 bytes. One that another open socket of the context has gets -2, -3, … behind it, and
    // without one it is made: "push-1".
    std::string name = {};
    // Plain queues count messages; what else bounds a peer's memory: see the limits below.
    std::size_t queue_messages_max = 1000;           // each way and peer, 1 to 1,000,000
    std::size_t message_bytes_max = 16u << 20;       // a frame; a larger one is too_large to send, and
                                                     // ends the link of the peer that sent it (ipc, tcp: from 4 KiB on)
    timeout send_timeout = std::chrono::seconds{5};  // for sends that name none
    std::size_t requests_max = 65'536;               // req: outstanding; with so many, a further one is too_large
    std::chrono::milliseconds linger{5000};          // close() and the destructor: how long unsent messages may go out
    bool wait_for_peer = false;                      // send holds back until a peer is connected, instead of queueing
    bool insecure = false;                           // allows tcp beyond the loopback, unencrypted, unauthenticated

    // Encryption and authentication over tcp and ipc: CURVE. With keys of ours every link is encrypted; to bind, it must
    // be said who may come; to connect, whom we expect there.
    std::optional<key_pair> keys = {};
    std::optional<access_list> allow = {};      // to bind
    std::optional<public_key> server_key = {};  // to connect, unless connect() names another
    bool any_user = false;                      // ipc without keys: peers of other users than ours and root, too

    std::chrono::milliseconds redial_min{100};      // first pause before connecting again; doubles, with jitter
    std::chrono::milliseconds redial_max{5000};     // longest pause
    std::chrono::milliseconds handshake_max{5000};  // a link that has not shaken hands by then is ended
    bool keepalive = true;                          // the kernel's, on tcp: a dead peer is noticed in about 15 s
    std::size_t events_max = 1024;                  // events kept for next_event(); older ones make room, counted

    // What strangers may cost. A link beyond a limit is ended, which is an event (over_limit) and counted. Links that we
    // dialled count, but are not ended for the first two.
    // Links that have not shaken hands; the oldest makes room. One over tcp that has sent more than 32 KiB is ended, which
    // is looked at every 20 ms.
    std::size_t handshakes_max = 256;
    std::size_t peers_max = 10'000;  // joined over ipc and tcp; further ones are refused
    // tcp (over ipc the system does not count): taken from one peer and not received by us. Looked at every 20 ms while
    // bytes move, every 320 ms when idle: what comes in between is on top. Likewise for one unfinished message, of which
    // a peer may make us hold three times message_bytes_max.
    std::size_t unread_bytes_max = 1u << 30;  // 1 MiB to 1 TiB
    // pub: of one peer; cost it at most 4 KiB a prefix and 40 times their bytes in memory (measured: 3.4 KiB and 37).
    std::size_t subscriptions_max = 20'000;        // and repeats of one
    std::size_t subscription_bytes_max = 1 << 20;  // all prefixes together
};

struct send_options {
    std::string_view topic = {};
    std::string_view key = {};
    std::vector<header> headers = {};
    std::optional<timeout> within = {};  // else the socket's send_timeout
    std::stop_token stop = {};

    // Of reliable sockets; on a plain one each is `unsupported` when it says anything.
    std::uint8_t priority = priority_default;             // 0 to 9, the higher first
    std::optional<std::chrono::milliseconds> delay = {};  // not handed out before it has passed
    std::optional<std::chrono::milliseconds> ttl = {};    // after which it expires; a request's deadline, too
    // Not handed out before, by the sender's clock.
    std::optional<std::chrono::system_clock::time_point> deliver_at = {};
    bool idempotent = false;  // req: it may be executed again by another server

    static constexpr std::uint8_t priority_default = 4;
    static constexpr std::uint8_t priority_max = 9;
};

}  // namespace godwit
