// peer, event, socket_stats: what a socket knows of the other side, alike on inproc, ipc and tcp.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "godwit/export.hpp"

namespace godwit {

// One connected peer. Over tcp and ipc, when two peers shake hands at the same instant, which of the two rows joined
// first may be a guess until one of them leaves; their number never is.
struct peer {
    std::uint64_t id = 0;  // unique within the socket, never reused
    std::string endpoint;  // our URL that it came by
    std::string address;   // tcp: "192.0.2.1:40123"; ipc: "pid 71 uid 1000"; inproc: its URL
    std::chrono::system_clock::time_point since;
};

enum class event_kind : std::uint8_t {
    peer_joined,         // connected and shaken hands
    peer_left,           // was joined, is gone
    handshake_refused,   // the two sides could not agree: not ZMTP 3, another mechanism, or refused by one of them
    mismatch_suspected,  // closed again and again without a handshake: most likely the other side's pattern does not fit
    endpoint_stolen,     // another process has replaced our ipc path; new peers reach it and not us
    accept_failed,       // a connection could not be taken, most likely for want of descriptors
};
GODWIT_EXPORT std::string_view name(event_kind kind) noexcept;

struct event {
    event_kind kind{};
    std::uint64_t peer_id = 0;  // peer_joined, peer_left: the row's; else 0
    std::string endpoint;       // our URL
    std::string detail;         // the peer's address, or the reason in words
    std::chrono::system_clock::time_point when;
};

// Counters since the socket was made. What libzmq drops inside a plain PUB over ipc or tcp is not among them: it
// tells nobody (its queue for that subscriber was full).
struct socket_stats {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t late_replies = 0;    // req: replies whose request had been given up, dropped
    std::uint64_t stray_messages = 0;  // dropped: without the envelope that req and rep need, or
                                       // of more than 1,024 frames
    std::uint64_t dropped_full = 0;    // pub over inproc: a subscriber's queue was full
    std::uint64_t events_lost = 0;     // made room for newer ones, see events_max
    std::uint64_t peers = 0;           // joined now
};

}  // namespace godwit
