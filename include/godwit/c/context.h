// Contexts: the home of sockets; one per process is usual. inproc:// names are its own.
#ifndef GODWIT_C_CONTEXT_H
#define GODWIT_C_CONTEXT_H

#include "godwit/c/base.h"
#include "godwit/c/message.h"

GODWIT_C_BEGIN

typedef struct godwit_context {
    uint64_t id;
} godwit_context;

enum { GODWIT_LOG_DEBUG = 0, GODWIT_LOG_INFO = 1, GODWIT_LOG_WARNING = 2, GODWIT_LOG_ERROR = 3 };

// A line of the log; its views live until the callback returns.
typedef struct godwit_log_record {
    size_t struct_size;
    int64_t when_ns;  // since 1970, UTC
    godwit_bytes socket;
    godwit_bytes text;
    int32_t level;
    int32_t reserved;
} godwit_log_record;

typedef struct godwit_context_options {
    size_t struct_size;
    int32_t io_threads;  // 1 to 16; one carries about 3 M messages/s
    int32_t log_from;    // the lowest level that log is told
    size_t sockets_max;  // over ipc and tcp, 1 to 20,000
    // Told what happens, on the context's callback thread, one record at a time; NULL: nobody is.
    void (*log)(void* user_data, const godwit_log_record* record);
    void* log_user_data;
    godwit_drop log_drop;
} godwit_context_options;
#define GODWIT_CONTEXT_OPTIONS_INIT \
    { sizeof(godwit_context_options), 1, GODWIT_LOG_INFO, 1023, NULL, NULL, NULL }
GODWIT_API void godwit_context_options_init(godwit_context_options* out);

// `options` may be NULL. What of them cannot be is told by the first bind or connect.
GODWIT_API godwit_status godwit_context_open(const godwit_context_options* options, godwit_context* out,
                                             godwit_error* error);

// Ends every blocked call on its sockets with GODWIT_CLOSED, lets unsent messages go out, each at most its socket's linger,
// and stops the threads. GODWIT_TIMED_OUT if the timeout comes first: the rest goes on in the background. The handle is
// gone in any case; the handles of its sockets are closed by themselves, before or after. Blocks.
GODWIT_API godwit_status godwit_context_close(godwit_context context, int64_t timeout_ns, godwit_error* error);

enum { GODWIT_REPORT_JSON = 0, GODWIT_REPORT_PROMETHEUS = 1 };
// Counters, peers and endpoints of all open sockets: a message whose body is the text.
GODWIT_API godwit_status godwit_context_report(godwit_context context, int32_t format, godwit_message* out,
                                               godwit_error* error);

GODWIT_C_END

#endif
