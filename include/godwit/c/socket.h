// Sockets: the six patterns in one type of handle; what a pattern does not have is GODWIT_UNSUPPORTED.
// URLs: inproc://NAME, ipc://PATH, ipc://@NAME, tcp://HOST:PORT; to bind, PORT may be *, and the system chooses.
#ifndef GODWIT_C_SOCKET_H
#define GODWIT_C_SOCKET_H

#include "godwit/c/context.h"
#include "godwit/c/socket_options.h"

GODWIT_C_BEGIN

typedef struct godwit_socket {
    uint64_t id;
} godwit_socket;

enum { GODWIT_PUSH = 1, GODWIT_PULL = 2, GODWIT_PUB = 3, GODWIT_SUB = 4, GODWIT_REQ = 5, GODWIT_REP = 6 };

// `options` may be NULL. Reads the files that they name: fails also as those do, with GODWIT_NOT_FOUND, GODWIT_INSECURE,
// GODWIT_MALFORMED, GODWIT_IO.
GODWIT_API godwit_status godwit_socket_open(godwit_context context, int32_t pattern,
                                            const godwit_socket_options* options, godwit_socket* out,
                                            godwit_error* error);

// Ends every blocked call on it with GODWIT_CLOSED, and lets unsent messages go out for at most the timeout, or
// GODWIT_LINGER; zero gives up at once what is unsent. GODWIT_TIMED_OUT: some was not, and is given up. With ack_retry it
// waits until all is settled, what it received, too. The handle is gone in any case.
GODWIT_API godwit_status godwit_socket_close(godwit_socket socket, int64_t timeout_ns, godwit_error* error);

// `bound`, if not NULL, gets a message: the endpoint with the real port. Fails with GODWIT_INVALID_ENDPOINT,
// GODWIT_INSECURE, GODWIT_ADDRESS_IN_USE, GODWIT_NOT_FOUND, GODWIT_NO_RESOURCES, GODWIT_INVALID_ARGUMENT (an option),
// GODWIT_IO. May block on files.
GODWIT_API godwit_status godwit_bind(godwit_socket socket, godwit_bytes url, godwit_message* bound,
                                     godwit_error* error);
// Dials in the background until it is disconnected. Fails as godwit_bind does; may block while a name is resolved.
GODWIT_API godwit_status godwit_connect(godwit_socket socket, godwit_bytes url, godwit_error* error);
// End what one bind (the URL as given or as bound) or one connect began; GODWIT_NOT_FOUND if there is none such.
GODWIT_API godwit_status godwit_unbind(godwit_socket socket, godwit_bytes url, godwit_error* error);
GODWIT_API godwit_status godwit_disconnect(godwit_socket socket, godwit_bytes url, godwit_error* error);

// sub: a prefix; none is every topic. With ack_retry a filter (docs/wire_format.md).
GODWIT_API godwit_status godwit_subscribe(godwit_socket socket, godwit_bytes prefix, godwit_error* error);
GODWIT_API godwit_status godwit_unsubscribe(godwit_socket socket, godwit_bytes prefix, godwit_error* error);

// Waits until at least `count` peers are joined.
GODWIT_API godwit_status godwit_wait_for_peers(godwit_socket socket, size_t count, int64_t timeout_ns,
                                               godwit_error* error);
// pub: until `count` connected subscribers would get a message with this topic.
GODWIT_API godwit_status godwit_wait_for_subscribers(godwit_socket socket, godwit_bytes topic, size_t count,
                                                     int64_t timeout_ns, godwit_error* error);

enum { GODWIT_FOR_RECV = 1, GODWIT_FOR_SEND = 2 };
// A descriptor for a foreign event loop that is readable while recv (or send) would not have to wait: level-triggered,
// and now and then for nothing. It stays so until a call has met GODWIT_TIMED_OUT with a timeout of zero, or godwit_recv_many
// did not fill. The same one at each call; only poll it, never read or close it; it goes with the socket.
GODWIT_API godwit_status godwit_descriptor(godwit_socket socket, int32_t interest, int* out, godwit_error* error);

GODWIT_C_END

#endif
