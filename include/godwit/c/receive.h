// Receiving: by pull, sub and rep. A delivery is a message, its attempt, and the right to settle it; released unsettled it
// is nacked, and comes again. On a plain socket the settling calls do nothing, and are GODWIT_OK.
#ifndef GODWIT_C_RECEIVE_H
#define GODWIT_C_RECEIVE_H

#include "godwit/c/message.h"
#include "godwit/c/socket.h"

GODWIT_C_BEGIN

typedef struct godwit_delivery {
    uint64_t id;
} godwit_delivery;

// Lends the inside of a delivery until it is released. Set struct_size before.
typedef struct godwit_delivery_view {
    size_t struct_size;
    godwit_bytes topic;
    godwit_bytes key;
    godwit_bytes body;
    size_t headers_count;
    uint64_t stream_high, stream_low;  // the record's identity; 0 on a plain socket
    uint64_t at;
    uint32_t attempt;  // 1: the first; not a proof that none came before
    int32_t settled;
} godwit_delivery_view;
#define GODWIT_DELIVERY_VIEW_INIT \
    { sizeof(godwit_delivery_view), {NULL, 0}, {NULL, 0}, {NULL, 0}, 0, 0, 0, 0, 0, 0 }

// Waits for a message. Fails with GODWIT_TIMED_OUT, GODWIT_CANCELLED, GODWIT_CLOSED; a sub with ack_retry once for each also with
// GODWIT_GAP: records that the publisher has no more. `stop` of the second may be {0}.
GODWIT_API godwit_status godwit_recv(godwit_socket socket, int64_t timeout_ns, godwit_delivery* out,
                                     godwit_error* error);
// Waits for at least one, then takes what is there, at most `max`. `count` is 0 when it fails. A rep gives one.
GODWIT_API godwit_status godwit_recv_many(godwit_socket socket, godwit_delivery* out, size_t max, size_t* count,
                                          int64_t timeout_ns, godwit_stop stop, godwit_error* error);

GODWIT_API godwit_status godwit_delivery_get(godwit_delivery delivery, godwit_delivery_view* out, godwit_error* error);
// Of many in one call; each element is as large as out[0].struct_size says. Fails at the first handle that is none.
GODWIT_API godwit_status godwit_delivery_get_many(const godwit_delivery* deliveries, size_t count,
                                                  godwit_delivery_view* out, godwit_error* error);
GODWIT_API godwit_status godwit_delivery_header(godwit_delivery delivery, size_t index, godwit_header* out,
                                                godwit_error* error);
// The message alone, to keep or to send on: shares the bytes, and is released by itself.
GODWIT_API godwit_status godwit_delivery_message(godwit_delivery delivery, godwit_message* out, godwit_error* error);

GODWIT_API godwit_status godwit_ack(godwit_delivery delivery, godwit_error* error);
// Not done: another attempt, after the delay, or after the back-off if that is longer.
GODWIT_API godwit_status godwit_nack(godwit_delivery delivery, int64_t delay_ns, godwit_error* error);
// Never to be attempted again: a dead letter with these words, of which 1,024 bytes are kept.
GODWIT_API godwit_status godwit_reject(godwit_delivery delivery, godwit_bytes why, godwit_error* error);
// The handler may take so much longer, from now.
GODWIT_API godwit_status godwit_extend(godwit_delivery delivery, int64_t by_ns, godwit_error* error);
// Of any sockets, in as few pieces as can be. Handles that are none any more are passed over.
GODWIT_API godwit_status godwit_ack_many(const godwit_delivery* deliveries, size_t count, godwit_error* error);

GODWIT_API godwit_status godwit_delivery_release(godwit_delivery delivery, godwit_error* error);
GODWIT_API godwit_status godwit_delivery_release_many(const godwit_delivery* deliveries, size_t count,
                                                      godwit_error* error);

// Run for each message, on threads of the call's own and the caller's. 0: it is acked, unless it was settled; else nacked. The
// delivery is released when it returns. It may close the socket; with ack_retry that waits for what is settled, so that it is
// GODWIT_WOULD_DEADLOCK, and goes on when the handler returns, unless the handler has settled its delivery before.
typedef int32_t (*godwit_handler)(void* user_data, godwit_delivery delivery);

typedef struct godwit_consume_options {
    size_t struct_size;
    uint32_t concurrency;  // threads, the caller's among them: 1 to 1,024
    int32_t pass_gaps;     // 0: a gap ends the call with GODWIT_GAP
    godwit_stop stop;      // or {0}: ends the call with GODWIT_OK
} godwit_consume_options;
#define GODWIT_CONSUME_OPTIONS_INIT                 \
    {                                               \
        sizeof(godwit_consume_options), 1, 0, { 0 } \
    }
GODWIT_API void godwit_consume_options_init(godwit_consume_options* out);

// pull and sub: runs the handler until it is stopped or fails: GODWIT_CLOSED, GODWIT_GAP, GODWIT_INVALID_ARGUMENT,
// GODWIT_NO_RESOURCES. Messages in hand are finished first.
GODWIT_API godwit_status godwit_consume(godwit_socket socket, godwit_handler handler, void* user_data, godwit_drop drop,
                                        const godwit_consume_options* options, godwit_error* error);

GODWIT_C_END

#endif
