// Runs the case of that name; without one, all of them. At the end no handle may be open.
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <unistd.h>

#include "c/check.h"

#define CASE(name) void test_##name(void);
#include "cases.h"
#undef CASE
static const struct {
    const char* name;
    void (*run)(void);
} cases[] = {
#define CASE(name) {#name, test_##name},
#include "cases.h"
};

static char folder[64];

const char* new_folder(void) {
    strcpy(folder, "godwit-c.XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    return folder;
}
static int remove_one(const char* path, const struct stat* about, int kind, struct FTW* where) {
    (void)about, (void)kind, (void)where;
    return remove(path);
}
void drop_folder(void) { nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

void meet(godwit_socket bound, godwit_socket dialled, int transport) {
    static int number = 0;
    char url[128];
    godwit_message where;
    godwit_view view = GODWIT_VIEW_INIT;
    ++number;
    if (transport == 0) snprintf(url, sizeof url, "inproc://c-%d", number);
    if (transport == 1) snprintf(url, sizeof url, "ipc://@godwit-c-%ld-%d", (long)getpid(), number);
    if (transport == 2) snprintf(url, sizeof url, "tcp://127.0.0.1:*");
    MUST(godwit_bind(bound, godwit_text(url), &where, NULL));
    MUST(godwit_message_view(where, &view, NULL));
    MUST(godwit_connect(dialled, view.body, NULL));
    MUST(godwit_message_release(where, NULL));
    MUST(godwit_wait_for_peers(bound, 1, SOON, NULL));
    MUST(godwit_wait_for_peers(dialled, 1, SOON, NULL));
}

godwit_context new_context(void) {
    godwit_context made;
    MUST(godwit_context_open(NULL, &made, NULL));
    return made;
}
godwit_socket new_socket(godwit_context context, int32_t pattern, const godwit_socket_options* options) {
    godwit_socket made;
    MUST(godwit_socket_open(context, pattern, options, &made, NULL));
    return made;
}
godwit_socket new_reliable(godwit_context context, int32_t pattern, const godwit_ack_retry* how) {
    const godwit_ack_retry usual = GODWIT_ACK_RETRY_INIT;
    godwit_ack_retry brisk = how != NULL ? *how : usual;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    brisk.backoff_min_ms = 1;
    brisk.backoff_max_ms = 2;
    brisk.heartbeat_ms = 100;
    brisk.lease_ms = 30000;
    options.ack_retry = &brisk;
    return new_socket(context, pattern, &options);
}
void end_socket(godwit_socket socket) { MUST(godwit_socket_close(socket, SOON, NULL)); }
void end_context(godwit_context context) { MUST(godwit_context_close(context, SOON, NULL)); }

void expect(godwit_delivery delivery, const char* text) {
    godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
    MUST(godwit_delivery_get(delivery, &view, NULL));
    if (!same(view.body, text)) {
        fprintf(stderr, "got '%.*s', not '%s'\n", (int)view.body.size, (const char*)view.body.data, text);
        exit(1);
    }
    MUST(godwit_delivery_release(delivery, NULL));
}
void expect_message(godwit_message message, const char* text) {
    godwit_view view = GODWIT_VIEW_INIT;
    MUST(godwit_message_view(message, &view, NULL));
    CHECK(same(view.body, text));
    MUST(godwit_message_release(message, NULL));
}

int main(int count, char** arguments) {
    size_t ran = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        if (count > 1 && strcmp(arguments[1], cases[i].name) != 0) continue;
        cases[i].run();
        if (godwit_handles_open() != 0) {
            fprintf(stderr, "%s: %zu handles are open\n", cases[i].name, godwit_handles_open());
            return 1;
        }
        ++ran;
    }
    if (ran == 0) fprintf(stderr, "there is no such case\n");
    return ran == 0;
}
