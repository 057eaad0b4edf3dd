// ack_retry: at least once, without a broker, as an option of both sides' sockets. What it promises: docs/guarantees.md.
// Receipts say how far a message came; dead letters are those that ran out of attempts or time.
#ifndef GODWIT_C_RELIABLE_H
#define GODWIT_C_RELIABLE_H

#include "godwit/c/base.h"
#include "godwit/c/message.h"

GODWIT_C_BEGIN

typedef struct godwit_ack_retry {
    size_t struct_size;
    // Sender: what a record may cost.
    uint32_t attempts_max;   // 1 to 1,000,000; then a dead letter
    int32_t ordered_by_key;  // push: one record of a key at a time, also through retries
    int64_t backoff_min_ms;  // before the second attempt; doubles, with full jitter
    int64_t backoff_max_ms;
    size_t log_bytes_max;     // 64 KiB to 1 TiB; then a send waits, and fails with GODWIT_FULL
    size_t dead_letters_max;  // then dead letters stay in the queue, and hold it up
    int64_t evict_after_ms;   // an attempt with unknown outcome leaves its scope after it
    // Receiver: what it takes on.
    size_t credit_bytes;            // in flight to it, 64 KiB to 1 GiB
    uint32_t credit_messages;       // 1 to 65,536; 0: adapts
    uint32_t pause_after_failures;  // nacks running: then a pause as of the back-off. 0: never
    int64_t handler_max_ms;         // from hand-out to settlement; then a nack. godwit_extend moves it
    double messages_per_second;     // handed out, a token bucket; 0: no limit
    double burst_messages;          // its size
    // Both sides: the link.
    int64_t heartbeat_ms;   // 10 ms to 1 h
    int64_t lease_ms;       // 2 heartbeats at least: silent for so long, a link is lost
    godwit_bytes identity;  // up to 128 bytes: of this endpoint, across its incarnations; none: a random one
} godwit_ack_retry;
#define GODWIT_ACK_RETRY_INIT                                                                                        \
    {                                                                                                                \
        sizeof(godwit_ack_retry), 16, 0, 100, 60000, (size_t)64 << 20, 10000, 600000, (size_t)4 << 20, 0, 10, 30000, \
            0.0, 1.0, 1000, 5000, {                                                                                  \
            NULL, 0                                                                                                  \
        }                                                                                                            \
    }
GODWIT_API void godwit_ack_retry_init(godwit_ack_retry* out);

enum {
    GODWIT_START_NEXT = 0,   // what is sent from now on
    GODWIT_START_FIRST = 1,  // what the publisher still has
    GODWIT_START_LAST = 2,   // its last record, and what comes behind it
    GODWIT_START_AT = 3,     // the record `at`, or the next above it
    GODWIT_START_SINCE = 4   // what was sent at since_ns or later, and a batch before it at most
};
typedef struct godwit_subscription {
    size_t struct_size;
    int32_t from;
    int32_t reserved;   // 0
    godwit_bytes name;  // up to 128 bytes: a publisher with a journal keeps its position
    uint64_t at;
    int64_t since_ns;  // since 1970, UTC
} godwit_subscription;
#define GODWIT_SUBSCRIPTION_INIT \
    { sizeof(godwit_subscription), GODWIT_START_NEXT, 0, {NULL, 0}, 0, 0 }
GODWIT_API void godwit_subscription_init(godwit_subscription* out);

// What a send returns: a value, without anything to release; it outlives its socket. {0, 0} of a plain socket.
typedef struct godwit_receipt {
    uint64_t socket;
    uint64_t at;  // the record's offset in the socket's stream
} godwit_receipt;

enum {
    GODWIT_STAGE_ACCEPTED = 0,
    GODWIT_STAGE_STORED = 1,   // survives the process
    GODWIT_STAGE_DURABLE = 2,  // survives a power cut
    GODWIT_STAGE_RECEIVED = 3,
    GODWIT_STAGE_PROCESSED = 4
};
enum {  // the furthest that is known; from GODWIT_OUTCOME_PROCESSED on nothing more will come
    GODWIT_OUTCOME_ACCEPTED = 0,
    GODWIT_OUTCOME_STORED = 1,
    GODWIT_OUTCOME_DURABLE = 2,
    GODWIT_OUTCOME_RECEIVED = 3,
    GODWIT_OUTCOME_PROCESSED = 4,
    GODWIT_OUTCOME_EXPIRED = 5,  // its time to live ended first: no effect
    GODWIT_OUTCOME_REFUSED = 6,  // a handler rejected it
    GODWIT_OUTCOME_DEAD = 7,     // attempts ran out: effects are possible
    GODWIT_OUTCOME_UNKNOWN = 8   // it may have been handled or not, and nobody will tell
};

// What is known when the stage is reached, or can never be. Fails with GODWIT_TIMED_OUT (not yet), GODWIT_CLOSED (the socket is
// gone), GODWIT_UNSUPPORTED at once for a stage that cannot come on this socket.
GODWIT_API godwit_status godwit_receipt_wait(godwit_receipt receipt, int32_t stage, int64_t timeout_ns,
                                             int32_t* outcome, godwit_error* error);

GODWIT_C_END

#endif
