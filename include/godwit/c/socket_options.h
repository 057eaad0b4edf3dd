// Options of a socket, and the modules that it is made of. Each field's limits are checked by the first bind or connect,
// which fails with GODWIT_INVALID_ARGUMENT and the field's name.
#ifndef GODWIT_C_SOCKET_OPTIONS_H
#define GODWIT_C_SOCKET_OPTIONS_H

#include "godwit/c/base.h"
#include "godwit/c/journal.h"
#include "godwit/c/reliable.h"

GODWIT_C_BEGIN

typedef struct godwit_socket_options {
    size_t struct_size;
    godwit_bytes name;          // in reports and logs, up to 128 bytes; none: "push-1"
    size_t queue_messages_max;  // each way and peer, 1 to 1,000,000
    size_t message_bytes_max;   // a frame; a larger one is GODWIT_TOO_LARGE to send, and ends the link that it comes by
    int64_t send_timeout_ns;    // of sends that name none
    size_t requests_max;        // req: outstanding
    int64_t linger_ms;          // how long unsent messages may go out at close
    int32_t wait_for_peer;      // send holds back until a peer is connected, instead of queueing
    int32_t insecure;           // allows tcp beyond the loopback, unencrypted, unauthenticated
    int32_t any_user;           // ipc without keys: peers of other users than ours and root, too
    int32_t keepalive;          // the kernel's, on tcp
    int64_t redial_min_ms;      // first pause before connecting again; doubles, with jitter
    int64_t redial_max_ms;      // longest pause
    int64_t handshake_max_ms;   // a link that has not shaken hands by then is ended
    size_t events_max;          // kept for godwit_next_event; older ones make room, counted
    size_t handshakes_max;      // links that have not shaken hands
    size_t peers_max;           // joined over ipc and tcp
    size_t unread_bytes_max;    // tcp: taken from one peer and not received by us; 1 MiB to 1 TiB
    size_t subscriptions_max;   // pub: of one peer
    size_t subscription_bytes_max;  // pub: of one peer, all prefixes together

    // Encryption and authentication (CURVE) over tcp and ipc. The files are read by godwit_socket_open.
    godwit_bytes key_file;    // our secret key, as `godwit keygen` writes it; to bind, it must be said who may come
    godwit_bytes allow_file;  // the public keys that may come, one a line, with their rights
    godwit_bytes server_key;  // the public key, 40 characters, of whom we connect to
    int32_t allow_anyone;     // instead of allow_file: who knows our public key; encrypted, not authenticated
    int32_t reserved;         // 0

    // Modules. All NULL and none: a plain socket, which any ZeroMQ peer understands.
    const godwit_ack_retry* ack_retry;        // at least once; both sides have it
    const godwit_subscription* subscription;  // sub: where to start
    godwit_stream journal;                    // push and pub: the log; it may be released afterwards
} godwit_socket_options;
#define GODWIT_SOCKET_OPTIONS_INIT                                                                                   \
    {                                                                                                                \
        sizeof(godwit_socket_options), {NULL, 0}, 1000, (size_t)16 << 20, INT64_C(5000000000), 65536, 5000, 0, 0, 0, \
            1, 100, 5000, 5000, 1024, 256, 10000, (size_t)1 << 30, 20000, (size_t)1 << 20, {NULL, 0}, {NULL, 0},     \
            {NULL, 0}, 0, 0, NULL, NULL, {                                                                           \
            0                                                                                                        \
        }                                                                                                            \
    }
GODWIT_API void godwit_socket_options_init(godwit_socket_options* out);

GODWIT_C_END

#endif
