// Sending: by push and pub; requests have a page of their own. A call that fails has surely sent nothing.
#ifndef GODWIT_C_SEND_H
#define GODWIT_C_SEND_H

#include "godwit/c/message.h"
#include "godwit/c/reliable.h"
#include "godwit/c/socket.h"

GODWIT_C_BEGIN

typedef struct godwit_send_options {
    size_t struct_size;
    int64_t timeout_ns;  // or GODWIT_DEFAULT; GODWIT_NEVER
    godwit_stop stop;    // or {0}
    // Of sockets with ack_retry; on a plain one each is GODWIT_UNSUPPORTED when it says anything.
    int32_t priority;       // 0 to 9, the higher first; 4
    int32_t idempotent;     // req: it may be executed again by another server
    int64_t delay_ms;       // not handed out before it has passed; 0: at once
    int64_t ttl_ms;         // after which it expires; 0: never
    int64_t deliver_at_ns;  // since 1970, UTC, by the sender's clock; 0: at once
} godwit_send_options;
#define GODWIT_SEND_OPTIONS_INIT \
    { sizeof(godwit_send_options), GODWIT_DEFAULT, {0}, 4, 0, 0, 0, 0 }
GODWIT_API void godwit_send_options_init(godwit_send_options* out);

// Each of these copies the bytes, waits while every queue (or the log) is full, at most the timeout, and fails with
// GODWIT_TIMED_OUT, GODWIT_CANCELLED, GODWIT_CLOSED, GODWIT_TOO_LARGE, and with ack_retry GODWIT_FULL. `receipt` and `options`
// may be NULL. A pub sends under the topic in `parts`; godwit_send is for push alone, where a body says all.
GODWIT_API godwit_status godwit_send(godwit_socket socket, godwit_bytes body, godwit_receipt* receipt,
                                     godwit_error* error);
GODWIT_API godwit_status godwit_send_parts(godwit_socket socket, const godwit_parts* parts,
                                           const godwit_send_options* options, godwit_receipt* receipt,
                                           godwit_error* error);

// Shares the message, which stays its owner's: above 8 KiB nothing is copied.
GODWIT_API godwit_status godwit_send_message(godwit_socket socket, godwit_message message,
                                             const godwit_send_options* options, godwit_receipt* receipt,
                                             godwit_error* error);
// push: sends the caller's memory without copying above 8 KiB: as godwit_message_take, godwit_send_message and
// godwit_message_release. drop(user_data) runs once, whatever the result, also before this returns.
GODWIT_API godwit_status godwit_send_take(godwit_socket socket, godwit_bytes body, godwit_drop drop, void* user_data,
                                          const godwit_send_options* options, godwit_receipt* receipt,
                                          godwit_error* error);

// Send in order until all are taken or the time is up; `sent`, which may be NULL, gets how many were, 0 when they fail.
// Fail only if none was. The bodies are for push; of the options their timeout and stop count.
GODWIT_API godwit_status godwit_send_many(godwit_socket socket, const godwit_bytes* bodies, size_t count,
                                          const godwit_send_options* options, size_t* sent, godwit_error* error);
GODWIT_API godwit_status godwit_send_messages(godwit_socket socket, const godwit_message* messages, size_t count,
                                              const godwit_send_options* options, size_t* sent, godwit_error* error);

// With ack_retry. Waits until all that was sent so far has come to the stage, or never will.
GODWIT_API godwit_status godwit_flush(godwit_socket socket, int32_t stage, int64_t timeout_ns, godwit_error* error);

// push with ack_retry: told of each record that is settled from now on, in order, in groups, on the context's callback
// thread. Before the first bind or connect, to miss none. Once a socket.
typedef struct godwit_settled {
    uint64_t at;
    int32_t outcome;
    int32_t reserved;
} godwit_settled;
typedef void (*godwit_settled_handler)(void* user_data, const godwit_settled* records, size_t count);
GODWIT_API godwit_status godwit_on_settled(godwit_socket socket, godwit_settled_handler tell, void* user_data,
                                           godwit_drop drop, godwit_error* error);

// Records that ran out of attempts or time, or were rejected; kept until they are requeued or discarded.
enum { GODWIT_DEAD_ATTEMPTS = 0, GODWIT_DEAD_EXPIRED = 1, GODWIT_DEAD_REFUSED = 2 };
typedef struct godwit_dead_letter {
    size_t struct_size;
    uint64_t stream_high, stream_low;
    uint64_t at;
    int32_t reason;
    uint32_t attempts;
    int64_t when_ns;         // since 1970, UTC
    godwit_message content;  // released by the caller
    char detail[1024];       // of the last attempt, in the receiver's words; ends with 0
} godwit_dead_letter;
// push: up to `max`, the oldest first. Each element is as large as out[0].struct_size says.
GODWIT_API godwit_status godwit_dead_letters(godwit_socket socket, godwit_dead_letter* out, size_t max, size_t* count,
                                             godwit_error* error);
GODWIT_API godwit_status godwit_requeue(godwit_socket socket, uint64_t dead, godwit_error* error);
GODWIT_API godwit_status godwit_discard(godwit_socket socket, uint64_t dead, godwit_error* error);

GODWIT_C_END

#endif
