// Messages: topic, key, headers and body, immutable once made. Sending one shares its bytes.
#ifndef GODWIT_C_MESSAGE_H
#define GODWIT_C_MESSAGE_H

#include "godwit/c/base.h"

GODWIT_C_BEGIN

typedef struct godwit_message {
    uint64_t id;
} godwit_message;

typedef struct godwit_header {
    godwit_bytes name;
    godwit_bytes value;
} godwit_header;

// What a message is made from, or sent from without being made; all of it is copied. At most 64 headers; topic, key and
// each header's name up to 64 KiB.
typedef struct godwit_parts {
    size_t struct_size;
    godwit_bytes topic;
    godwit_bytes key;
    godwit_bytes body;
    const godwit_header* headers;
    size_t headers_count;
} godwit_parts;
#define GODWIT_PARTS_INIT \
    { sizeof(godwit_parts), {NULL, 0}, {NULL, 0}, {NULL, 0}, NULL, 0 }
GODWIT_API void godwit_parts_init(godwit_parts* out);

// Fails with GODWIT_TOO_LARGE, GODWIT_NO_RESOURCES. A message is released by who made or got it.
GODWIT_API godwit_status godwit_message_make(const godwit_parts* parts, godwit_message* out, godwit_error* error);

// A message whose body is the caller's memory, not copied: it stays as it is until drop(user_data), which runs once, on
// whichever thread lets go last, and at once if the call fails. No topic, key or headers.
GODWIT_API godwit_status godwit_message_take(godwit_bytes body, godwit_drop drop, void* user_data, godwit_message* out,
                                             godwit_error* error);

// Lends the inside of a message: it lives until the message is released. Set struct_size before.
typedef struct godwit_view {
    size_t struct_size;
    godwit_bytes topic;
    godwit_bytes key;
    godwit_bytes body;
    size_t headers_count;
} godwit_view;
#define GODWIT_VIEW_INIT \
    { sizeof(godwit_view), {NULL, 0}, {NULL, 0}, {NULL, 0}, 0 }
GODWIT_API godwit_status godwit_message_view(godwit_message message, godwit_view* out, godwit_error* error);
// GODWIT_NOT_FOUND above headers_count; lent likewise.
GODWIT_API godwit_status godwit_message_header(godwit_message message, size_t index, godwit_header* out,
                                               godwit_error* error);

GODWIT_API godwit_status godwit_message_release(godwit_message message, godwit_error* error);

GODWIT_C_END

#endif
