// Options that cannot be, the names of codes, and a child after fork().
#define _POSIX_C_SOURCE 200809L
#include <sys/wait.h>
#include <unistd.h>

#include "c/check.h"

TEST(options_that_cannot_be_are_named_by_the_first_bind) {
    const godwit_context context = new_context();
    godwit_ack_retry how = GODWIT_ACK_RETRY_INIT;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    godwit_error why = GODWIT_ERROR_INIT;
    godwit_socket socket;
    options.queue_messages_max = 0;
    MUST(godwit_socket_open(context, GODWIT_PUSH, &options, &socket, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_bind(socket, godwit_text("inproc://x"), NULL, &why));
    CHECK(strstr(why.message, "queue_messages_max") != NULL);
    MUST(godwit_socket_close(socket, 0, NULL));
    godwit_socket_options_init(&options);
    options.ack_retry = &how;
    for (int field = 0; field < 12; ++field) {
        static const char* const names[] = {"attempts_max",        "backoff_min",    "backoff_max",     "log_bytes_max",
                                            "evict_after",         "credit_bytes",   "credit_messages", "handler_max",
                                            "messages_per_second", "burst_messages", "heartbeat",       "lease"};
        godwit_ack_retry_init(&how);
        if (field == 0) how.attempts_max = 0;
        if (field == 1) how.backoff_min_ms = -1;
        if (field == 2) how.backoff_max_ms = 1;
        if (field == 3) how.log_bytes_max = 1;
        if (field == 4) how.evict_after_ms = -1;
        if (field == 5) how.credit_bytes = 1;
        if (field == 6) how.credit_messages = 1000000;
        if (field == 7) how.handler_max_ms = -1;
        if (field == 8) how.messages_per_second = -1;
        if (field == 9) how.burst_messages = -1;
        if (field == 10) how.heartbeat_ms = 1;
        if (field == 11) how.lease_ms = 1;
        const int receives = field >= 5 && field <= 9;  // the other side's are ignored
        MUST(godwit_socket_open(context, receives ? GODWIT_PULL : GODWIT_PUSH, &options, &socket, NULL));
        GIVES(GODWIT_INVALID_ARGUMENT, godwit_bind(socket, godwit_text("inproc://x"), NULL, &why));
        if (strstr(why.message, names[field]) == NULL) fprintf(stderr, "%s: %s\n", names[field], why.message);
        CHECK(strstr(why.message, names[field]) != NULL);
        MUST(godwit_socket_close(socket, 0, NULL));
    }
    options.ack_retry = NULL;
    options.key_file = godwit_text("/nonexistent/key");
    GIVES(GODWIT_NOT_FOUND, godwit_socket_open(context, GODWIT_PUSH, &options, &socket, &why));
    options.key_file = godwit_text(NULL);
    options.server_key = godwit_text("not a key");
    GIVES(GODWIT_MALFORMED, godwit_socket_open(context, GODWIT_PUSH, &options, &socket, &why));
    godwit_socket_options_init(&options);
    MUST(godwit_socket_open(context, GODWIT_PUSH, &options, &socket, NULL));
    GIVES(GODWIT_INSECURE, godwit_bind(socket, godwit_text("tcp://*:*"), NULL, &why));
    GIVES(GODWIT_INVALID_ENDPOINT, godwit_connect(socket, godwit_text("nonsense"), &why));
    CHECK(godwit_last_error(&why) == GODWIT_INVALID_ENDPOINT && strcmp(why.value, "nonsense") == 0);
    end_socket(socket);
    end_context(context);
}

TEST(names_of_status_codes_are_told_and_those_of_none_too) {
    CHECK(strcmp(godwit_status_name(0), "ok") == 0 && strcmp(godwit_status_name(GODWIT_TIMED_OUT), "timed_out") == 0);
    CHECK(strcmp(godwit_status_name(GODWIT_CORRUPT), "corrupt") == 0 && strcmp(godwit_status_name(-29), "?") == 0);
    CHECK(strcmp(godwit_status_name(1), "?") == 0 && strcmp(godwit_status_name(INT32_MIN), "?") == 0);
    CHECK(strcmp(godwit_version(), GODWIT_VERSION_STRING) == 0);
}

TEST(a_child_after_fork_is_told_and_can_make_its_own) {
    const godwit_context context = new_context();
    const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
    godwit_delivery got;
    int status = -1;
    meet(in, out, 0);
    MUST(godwit_send(out, godwit_text("x"), NULL, NULL));
    const pid_t child = fork();
    if (child == 0) {
        alarm(60);
        GIVES(GODWIT_FORKED, godwit_recv(in, 0, &got, NULL));
        GIVES(GODWIT_FORKED, godwit_send(out, godwit_text("x"), NULL, NULL));
        (void)godwit_socket_close(out, 0, NULL);
        (void)godwit_socket_close(in, 0, NULL);
        (void)godwit_context_close(context, 0, NULL);
        const godwit_context own = new_context();
        const godwit_socket a = new_socket(own, GODWIT_PUSH, NULL), b = new_socket(own, GODWIT_PULL, NULL);
        meet(b, a, 0);
        MUST(godwit_send(a, godwit_text("mine"), NULL, NULL));
        MUST(godwit_recv(b, SOON, &got, NULL));
        expect(got, "mine");
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    MUST(godwit_recv(in, SOON, &got, NULL));
    expect(got, "x");
    end_socket(out);
    end_socket(in);
    end_context(context);
}
