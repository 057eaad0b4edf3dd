// What a socket knows of itself and of the other side: events, counters, reports.
#ifndef GODWIT_C_STATISTICS_H
#define GODWIT_C_STATISTICS_H

#include "godwit/c/socket.h"

GODWIT_C_BEGIN

enum {  // what each means: godwit/peer.hpp
    GODWIT_EVENT_PEER_JOINED = 0,
    GODWIT_EVENT_PEER_LEFT = 1,
    GODWIT_EVENT_HANDSHAKE_REFUSED = 2,
    GODWIT_EVENT_MISMATCH_SUSPECTED = 3,
    GODWIT_EVENT_ENDPOINT_STOLEN = 4,
    GODWIT_EVENT_ACCEPT_FAILED = 5,
    GODWIT_EVENT_MESSAGE_REFUSED = 6,
    GODWIT_EVENT_SUBSCRIPTION_REFUSED = 7,
    GODWIT_EVENT_OVER_LIMIT = 8,
    GODWIT_EVENT_PEER_REVOKED = 9,
    GODWIT_EVENT_NAME_REFUSED = 10,
    GODWIT_EVENT_UNSENT_LOST = 11,
    GODWIT_EVENT_MISMATCH = 12,
    GODWIT_EVENT_LINK_LOST = 13,
    GODWIT_EVENT_LINK_BROKEN = 14,
    GODWIT_EVENT_LINK_FENCED = 15,
    GODWIT_EVENT_DEAD_LETTERS_FULL = 16
};
// The texts end with 0, and are cut where they do not fit.
typedef struct godwit_event {
    size_t struct_size;
    uint64_t peer_id;  // of the two first kinds; else 0
    int64_t when_ns;   // since 1970, UTC
    int32_t kind;      // newer releases may know more
    int32_t reserved;
    char endpoint[512];  // our URL
    char detail[1024];   // the peer's address, or the reason in words
} godwit_event;
// The next one, oldest first; set struct_size before. Fails with GODWIT_TIMED_OUT, GODWIT_CLOSED.
GODWIT_API godwit_status godwit_next_event(godwit_socket socket, int64_t timeout_ns, godwit_event* out,
                                           godwit_error* error);
// "peer_joined"; lives for ever. "?" for a number that is none.
GODWIT_API const char* godwit_event_name(int32_t kind);

// Since the socket was made. What each means: godwit/peer.hpp.
typedef struct godwit_socket_counters {
    size_t struct_size;
    uint64_t sent, received, late_replies, stray_messages, dropped_full, received_bytes, sent_bytes;
    uint64_t refused_handshakes, refused_messages, refused_subscriptions, over_limit, revoked, accept_failures;
    uint64_t events_lost, joined;
    uint64_t peers;  // joined now
} godwit_socket_counters;
GODWIT_API godwit_status godwit_socket_count(godwit_socket socket, godwit_socket_counters* out, godwit_error* error);

// Of a socket with ack_retry; else zeros. What each means: godwit/reliability.hpp.
typedef struct godwit_delivery_counters {
    size_t struct_size;
    uint64_t stored_bytes, unsettled, in_flight;  // now
    uint64_t acked, nacked, redelivered;
    uint64_t dead;  // now
    uint64_t expired, refused, stale_settlements, duplicates, malformed, fenced, gaps, strays;
    uint64_t links;  // now
} godwit_delivery_counters;
GODWIT_API godwit_status godwit_delivery_count(godwit_socket socket, godwit_delivery_counters* out,
                                               godwit_error* error);

// Its counters, peers and endpoints, as JSON: a message whose body is one line of UTF-8.
GODWIT_API godwit_status godwit_socket_report(godwit_socket socket, godwit_message* out, godwit_error* error);

// How many handles of all kinds are open in this process: for the tests of who binds a language to this.
GODWIT_API size_t godwit_handles_open(void);

GODWIT_C_END

#endif
