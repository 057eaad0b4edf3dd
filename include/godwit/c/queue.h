// Completion queues: waiting without a thread. An operation is handed in, and its result taken out later, in batches,
// when the queue's one descriptor is readable: for asyncio, libuv, tokio, Go, Java.
#ifndef GODWIT_C_QUEUE_H
#define GODWIT_C_QUEUE_H

#include "godwit/c/receive.h"
#include "godwit/c/request.h"
#include "godwit/c/send.h"

GODWIT_C_BEGIN

typedef struct godwit_queue {
    uint64_t id;
} godwit_queue;

enum { GODWIT_DID_RECV = 1, GODWIT_DID_SEND = 2, GODWIT_DID_REQUEST = 3 };

typedef struct godwit_completion {
    size_t struct_size;
    uint64_t tag;        // as it was handed in
    uint64_t operation;  // its number
    int32_t kind;
    godwit_status status;
    godwit_delivery delivery;   // of a recv that is ok; the caller's to release
    godwit_message reply;       // of a request that is ok, likewise
    godwit_receipt receipt;     // of a send that is ok
    const godwit_error* error;  // in words, unless ok; lives until the next godwit_queue_next of this queue
} godwit_completion;

typedef struct godwit_queue_options {
    size_t struct_size;
    size_t operations_max;  // open ones and those not taken out, 1 to 1,000,000; then GODWIT_FULL
} godwit_queue_options;
#define GODWIT_QUEUE_OPTIONS_INIT \
    { sizeof(godwit_queue_options), 4096 }
GODWIT_API void godwit_queue_options_init(godwit_queue_options* out);

GODWIT_API godwit_status godwit_queue_open(const godwit_queue_options* options, godwit_queue* out, godwit_error* error);
// Stops what is open in it; what comes to it afterwards is let go: deliveries are nacked. Whoever waits in it is
// GODWIT_CLOSED.
GODWIT_API godwit_status godwit_queue_close(godwit_queue queue, godwit_error* error);

// Readable while there is something to take out. Only poll it; it goes with the queue.
GODWIT_API godwit_status godwit_queue_descriptor(godwit_queue queue, int* out, godwit_error* error);
// Waits for at least one, then takes out what is there, at most `max`. Each element is as large as out[0].struct_size
// says. `count` is 0 when it fails. By one thread at a time.
GODWIT_API godwit_status godwit_queue_next(godwit_queue queue, godwit_completion* out, size_t max, size_t* count,
                                           int64_t timeout_ns, godwit_error* error);

// Hand an operation in, which is tried at once. `operation`, which may be NULL, gets its number, for godwit_queue_cancel. The
// socket may be closed meanwhile: it ends as GODWIT_CLOSED. The parts are copied. A send is for push.
GODWIT_API godwit_status godwit_queue_recv(godwit_queue queue, godwit_socket socket, int64_t timeout_ns, uint64_t tag,
                                           uint64_t* operation, godwit_error* error);
GODWIT_API godwit_status godwit_queue_send(godwit_queue queue, godwit_socket socket, const godwit_parts* parts,
                                           int64_t timeout_ns, uint64_t tag, uint64_t* operation, godwit_error* error);
GODWIT_API godwit_status godwit_queue_request(godwit_queue queue, godwit_socket socket, const godwit_parts* parts,
                                              int64_t timeout_ns, uint64_t tag, uint64_t* operation,
                                              godwit_error* error);
// It completes as GODWIT_CANCELLED, unless it was faster. GODWIT_NOT_FOUND: it is complete already.
GODWIT_API godwit_status godwit_queue_cancel(godwit_queue queue, uint64_t operation, godwit_error* error);

GODWIT_C_END

#endif
