// Checks for tests in C: a failed one says where, and ends the program. TEST(name) { ... } is one case; its name is a claim.
#ifndef GODWIT_TESTS_C_CHECK_H
#define GODWIT_TESTS_C_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "godwit/godwit.h"

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

// The status of a call, with the words of what is unexpected.
#define GIVES(wanted, call)                                                                                     \
    do {                                                                                                        \
        const godwit_status got_ = (call);                                                                      \
        if (got_ != (wanted)) {                                                                                 \
            godwit_error why_ = GODWIT_ERROR_INIT;                                                              \
            (void)godwit_last_error(&why_);                                                                     \
            fprintf(stderr, "%s:%d: %s gives %s, not %s (the last error was: %s)\n", __FILE__, __LINE__, #call, \
                    godwit_status_name(got_), godwit_status_name(wanted), why_.message);                        \
            exit(1);                                                                                            \
        }                                                                                                       \
    } while (0)
#define MUST(call) GIVES(GODWIT_OK, call)

#define TEST(name) void test_##name(void)

// Waits generously: a test fails by its checks, not by a slow machine.
#define SOON INT64_C(30000000000)

static inline int same(godwit_bytes bytes, const char* text) {
    return bytes.size == strlen(text) && (bytes.size == 0 || memcmp(bytes.data, text, bytes.size) == 0);
}

// What two sockets of a test meet at: of transport 0, 1, 2 (inproc, ipc, tcp), bound by the first and dialled by the second.
void meet(godwit_socket bound, godwit_socket dialled, int transport);
#define FOR_EACH_TRANSPORT(transport) for (int transport = 0; transport < 3; ++transport)

godwit_context new_context(void);
godwit_socket new_socket(godwit_context context, int32_t pattern, const godwit_socket_options* options);
// Short times, so that a lost link is noticed soon.
godwit_socket new_reliable(godwit_context context, int32_t pattern, const godwit_ack_retry* how);
void end_socket(godwit_socket socket);
void end_context(godwit_context context);
// Its body as text must be this; released.
void expect(godwit_delivery delivery, const char* text);
void expect_message(godwit_message message, const char* text);
// A directory of this process's own; removed by drop_folder, with all that is in it.
const char* new_folder(void);
void drop_folder(void);

#endif
