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
    message_refused,     // dropped: its sender has no right to send under its topic; the sender's link stays
    subscription_refused,  // not taken: the subscriber has no right to that prefix; its link stays
    over_limit,            // a link was ended by us: its peer went beyond the limit that `detail` names
    peer_revoked,          // a link was ended by us: its key was revoked, or its rights changed
    name_refused,          // a name that we dial is elsewhere now, where we may not dial; the old place is still tried
    unsent_lost,  // what was queued for a peer that we dial is lost: it refused us, or its name is elsewhere now
    mismatch,     // the other side speaks, but not this: a plain peer, or another pattern, version or set of modules
    link_lost,    // a peer was silent for its lease; what it held is kept for it that long again
    link_broken,  // a link was ended by us: its peer sent what the protocol does not allow, see `detail`
    link_fenced,  // a newer incarnation has taken the place of this peer, or, where `detail` says so, ours
    dead_letters_full,  // a record that should be a dead letter stays in the queue: requeue or discard some
    conflict,           // one identity with two contents: of a log or a memory that was copied or set back, or two keys
    too_old,            // a record was refused: its sender had said that it is settled
    memory_failed,      // what was handled can no longer be kept, see `detail`: nothing more is handed out
    possible_repeat,    // records whose outcome is unknown left their scope after evict_after: see ack_retry
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
    std::uint64_t received_bytes = 0;  // of all frames, without the transport's own
    std::uint64_t sent_bytes = 0;
    std::uint64_t refused_handshakes = 0;     // see event_kind::handshake_refused; also links that came and
                                              // broke off without a reason: see mismatch_suspected
    std::uint64_t refused_messages = 0;       // see event_kind::message_refused
    std::uint64_t refused_subscriptions = 0;  // see event_kind::subscription_refused
    std::uint64_t over_limit = 0;             // links ended: see event_kind::over_limit
    std::uint64_t revoked = 0;                // links ended: see event_kind::peer_revoked
    std::uint64_t accept_failures = 0;
    std::uint64_t events_lost = 0;  // made room for newer ones, see events_max
    std::uint64_t joined = 0;       // peers that ever joined
    std::uint64_t peers = 0;        // joined now
};

}  // namespace godwit
