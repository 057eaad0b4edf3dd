// Status codes, errors, bytes and time: what every other header of the C interface stands on. Conventions: godwit/godwit.h.
#ifndef GODWIT_C_BASE_H
#define GODWIT_C_BASE_H

#include <stddef.h>
#include <stdint.h>

#include "godwit/version.hpp"

#if defined(GODWIT_STATIC_DEFINE)
#define GODWIT_API
#else
#define GODWIT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define GODWIT_C_BEGIN extern "C" {
#define GODWIT_C_END }
#else
#define GODWIT_C_BEGIN
#define GODWIT_C_END
#endif

GODWIT_C_BEGIN

typedef int32_t godwit_status;

enum {
    GODWIT_OK = 0,
    GODWIT_INVALID_ARGUMENT = -1,  // a value that can never be right here; also a handle that was never given
    GODWIT_INVALID_ENDPOINT = -2,  // a URL that does not parse, or names what cannot be bound or connected to
    GODWIT_INSECURE = -3,          // what others could listen to, change or steal, and nobody has said that they may
    GODWIT_ADDRESS_IN_USE = -4,    // somebody listens there already
    GODWIT_NOT_FOUND = -5,         // no such endpoint, name, host or interface
    GODWIT_TOO_LARGE = -6,         // above a limit in bytes or in number
    GODWIT_TOO_LATE = -7,          // an option set after the first bind or connect
    GODWIT_TIMED_OUT = -8,         // the deadline came first; nothing was taken
    GODWIT_CANCELLED = -9,         // stopped first; nothing was taken
    GODWIT_CLOSED = -10,           // the handle, its socket or its context was closed
    GODWIT_FORKED = -11,           // a handle made before fork() was used in the child
    GODWIT_UNSUPPORTED = -12,      // this socket, with these modules, cannot do that
    GODWIT_UNREACHABLE = -13,      // the peer that this was meant for is gone
    GODWIT_MALFORMED = -14,        // bytes that do not decode
    GODWIT_NO_RESOURCES = -15,     // the process or the system is out of descriptors, memory or threads
    GODWIT_IO = -16,               // any other error of the operating system
    GODWIT_ALREADY_EXISTS = -17,   // a file that would be overwritten
    GODWIT_FULL = -18,             // a log has reached its limit in bytes
    GODWIT_GAP = -19,              // records that are gone: the value names the first and the last
    GODWIT_MISMATCH = -20,         // the other side speaks, but not this
    GODWIT_FENCED = -21,           // a newer incarnation has taken this one's place
    GODWIT_CONFLICT = -22,         // one identity with two contents
    GODWIT_WOULD_DEADLOCK = -23,   // waiting, in a callback, for what only that callback's return can bring
    GODWIT_EXPIRED = -24,          // its time to live or its deadline ended first
    GODWIT_REFUSED = -25,          // a handler rejected it
    GODWIT_UNKNOWN = -26,          // it may have happened or not
    GODWIT_LOCKED = -27,           // another process, or another part of this one, has it open to write
    GODWIT_CORRUPT = -28           // what was written and confirmed is damaged; the value says where
};

// "timed_out"; lives for ever. "?" for a number that is none.
GODWIT_API const char* godwit_status_name(godwit_status status);

// The texts end with 0. Only what struct_size has room for is written.
typedef struct godwit_error {
    size_t struct_size;
    godwit_status code;
    int32_t retriable;  // 1: nothing was taken, and the same call may succeed later
    char value[256];    // what offended, cut at 200 bytes
    char message[768];  // one line: "name: value: what to do"
} godwit_error;
#define GODWIT_ERROR_INIT                              \
    {                                                  \
        sizeof(godwit_error), GODWIT_OK, 0, {0}, { 0 } \
    }

// The last error of a call on this thread; GODWIT_OK if there was none. `out` may be NULL. Success leaves it as it is.
GODWIT_API godwit_status godwit_last_error(godwit_error* out);

typedef struct godwit_bytes {
    const void* data;
    size_t size;
} godwit_bytes;

// The bytes of a text that ends with 0, without the 0. NULL: none.
GODWIT_API godwit_bytes godwit_text(const char* text);

#define GODWIT_NEVER INT64_MAX    // as a timeout: wait until it comes
#define GODWIT_DEFAULT INT64_MIN  // of a send: the socket's send_timeout_ns
#define GODWIT_LINGER INT64_MIN   // of a close: as long as the socket's linger_ms

// Runs once, when what it belongs to will not be used any more. On any thread, which may be one of the library's in the middle of
// its work: it must not block or call into the library.
typedef void (*godwit_drop)(void* user_data);

// "0.1.0", of the library that runs, which may be another than the header's GODWIT_VERSION_STRING.
GODWIT_API const char* godwit_version(void);

// Ends waiting calls that were given it, from any thread and once for all: they fail with GODWIT_CANCELLED.
typedef struct godwit_stop {
    uint64_t id;
} godwit_stop;
GODWIT_API godwit_status godwit_stop_open(godwit_stop* out, godwit_error* error);
GODWIT_API godwit_status godwit_stop_request(godwit_stop stop, godwit_error* error);
GODWIT_API godwit_status godwit_stop_close(godwit_stop stop, godwit_error* error);

GODWIT_C_END

#endif
