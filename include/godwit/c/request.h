// Requests and replies. A req may have any number of requests open, each with its own reply; a rep answers a delivery of
// its own through godwit_reply, once, in any order.
#ifndef GODWIT_C_REQUEST_H
#define GODWIT_C_REQUEST_H

#include "godwit/c/receive.h"
#include "godwit/c/send.h"

GODWIT_C_BEGIN

// One request that is open; released, it is given up.
typedef struct godwit_pending {
    uint64_t id;
} godwit_pending;

// Sends and waits for the reply, together at most the timeout. GODWIT_TIMED_OUT: executed once or not at all. With ack_retry the
// other side is told the limit, and it is known: GODWIT_EXPIRED or GODWIT_UNKNOWN. `reply` is released by the caller.
GODWIT_API godwit_status godwit_request(godwit_socket socket, const godwit_parts* parts, int64_t timeout_ns,
                                        godwit_message* reply, godwit_error* error);

// Sends, and returns without waiting for the reply. Fails as a send does; GODWIT_TOO_LARGE also with requests_max open.
GODWIT_API godwit_status godwit_request_open(godwit_socket socket, const godwit_parts* parts,
                                             const godwit_send_options* options, godwit_pending* out,
                                             godwit_error* error);
// The reply, once; afterwards, or while another thread waits for it, GODWIT_INVALID_ARGUMENT. GODWIT_TIMED_OUT leaves it open. With
// ack_retry also GODWIT_EXPIRED (surely without effect), GODWIT_UNKNOWN, GODWIT_REFUSED, once and for all.
GODWIT_API godwit_status godwit_pending_wait(godwit_pending pending, int64_t timeout_ns, godwit_message* reply,
                                             godwit_error* error);
GODWIT_API godwit_status godwit_pending_release(godwit_pending pending, godwit_error* error);

// Never block. Fail with GODWIT_UNREACHABLE (the caller is gone, or its queue is full), GODWIT_CLOSED, GODWIT_TOO_LARGE,
// GODWIT_INVALID_ARGUMENT (replied to already), GODWIT_UNSUPPORTED (no rep's). The delivery is released as any other.
GODWIT_API godwit_status godwit_reply(godwit_delivery request, godwit_bytes body, godwit_error* error);
GODWIT_API godwit_status godwit_reply_parts(godwit_delivery request, const godwit_parts* parts, godwit_error* error);

GODWIT_C_END

#endif
