// The completion queue: many operations, one descriptor, no thread of the caller's.
#include <poll.h>

#include "c/check.h"

static void take(godwit_queue queue, godwit_completion* out) {
    struct pollfd watched = {-1, POLLIN, 0};
    size_t count = 0;
    MUST(godwit_queue_descriptor(queue, &watched.fd, NULL));
    CHECK(poll(&watched, 1, 30000) == 1);
    out->struct_size = sizeof *out;
    MUST(godwit_queue_next(queue, out, 1, &count, 0, NULL));
    CHECK(count == 1);
}

TEST(operations_complete_through_one_descriptor) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
        const godwit_socket ask = new_socket(context, GODWIT_REQ, NULL), serve = new_socket(context, GODWIT_REP, NULL);
        godwit_queue queue;
        godwit_completion done;
        godwit_parts parts = GODWIT_PARTS_INIT;
        uint64_t first = 0, second = 0;
        size_t count = 9;
        parts.body = godwit_text("hello");
        meet(in, out, transport);
        meet(serve, ask, transport);
        MUST(godwit_queue_open(NULL, &queue, NULL));
        GIVES(GODWIT_TIMED_OUT, godwit_queue_next(queue, (done.struct_size = sizeof done, &done), 1, &count, 0, NULL));
        CHECK(count == 0);

        MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, 17, &first, NULL));
        MUST(godwit_send(out, godwit_text("wakes it"), NULL, NULL));
        take(queue, &done);
        CHECK(done.tag == 17 && done.operation == first && done.kind == GODWIT_DID_RECV && done.status == GODWIT_OK);
        expect(done.delivery, "wakes it");

        MUST(godwit_queue_send(queue, out, &parts, GODWIT_DEFAULT, 18, &second, NULL));
        CHECK(second > first);
        take(queue, &done);
        CHECK(done.tag == 18 && done.kind == GODWIT_DID_SEND && done.status == GODWIT_OK && done.error == NULL);
        MUST(godwit_queue_recv(queue, in, SOON, 19, NULL, NULL));
        take(queue, &done);
        expect(done.delivery, "hello");

        MUST(godwit_queue_recv(queue, serve, SOON, 20, NULL, NULL));
        MUST(godwit_queue_request(queue, ask, &parts, SOON, 21, NULL, NULL));
        take(queue, &done);
        CHECK(done.tag == 20);
        MUST(godwit_reply(done.delivery, godwit_text("world"), NULL));
        MUST(godwit_delivery_release(done.delivery, NULL));
        take(queue, &done);
        CHECK(done.tag == 21 && done.kind == GODWIT_DID_REQUEST && done.status == GODWIT_OK);
        expect_message(done.reply, "world");

        MUST(godwit_queue_recv(queue, in, 1000000, 22, NULL, NULL));
        take(queue, &done);
        CHECK(done.tag == 22 && done.status == GODWIT_TIMED_OUT && done.error->code == GODWIT_TIMED_OUT);
        MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, 23, &first, NULL));
        MUST(godwit_queue_cancel(queue, first, NULL));
        take(queue, &done);
        CHECK(done.tag == 23 && done.status == GODWIT_CANCELLED);
        GIVES(GODWIT_NOT_FOUND, godwit_queue_cancel(queue, first, NULL));

        MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, 24, NULL, NULL));
        end_socket(in);
        take(queue, &done);
        CHECK(done.tag == 24 && done.status == GODWIT_CLOSED && done.error->message[0] != 0);
        GIVES(GODWIT_CLOSED, godwit_queue_recv(queue, in, SOON, 25, NULL, NULL));
        GIVES(GODWIT_UNSUPPORTED, godwit_queue_recv(queue, out, SOON, 25, NULL, NULL));
        GIVES(GODWIT_UNSUPPORTED, godwit_queue_send(queue, serve, &parts, SOON, 25, NULL, NULL));
        GIVES(GODWIT_UNSUPPORTED, godwit_queue_request(queue, out, &parts, SOON, 25, NULL, NULL));
        MUST(godwit_queue_close(queue, NULL));
        end_socket(out);
        end_socket(ask);
        end_socket(serve);
        end_context(context);
    }
}

TEST(a_full_queue_takes_nothing_more_until_something_is_taken_out) {
    const godwit_context context = new_context();
    const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
    godwit_queue_options options = GODWIT_QUEUE_OPTIONS_INIT;
    godwit_queue queue;
    godwit_completion done[4];
    size_t count = 0, taken = 0;
    options.operations_max = 0;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_queue_open(&options, &queue, NULL));
    options.operations_max = 3;
    MUST(godwit_queue_open(&options, &queue, NULL));
    meet(in, out, 0);
    for (int i = 0; i < 3; ++i) MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, (uint64_t)i, NULL, NULL));
    GIVES(GODWIT_FULL, godwit_queue_recv(queue, in, GODWIT_NEVER, 3, NULL, NULL));
    for (int i = 0; i < 3; ++i) MUST(godwit_send(out, godwit_text("x"), NULL, NULL));
    done[0].struct_size = sizeof done[0];
    for (taken = 0; taken < 3; taken += count) {
        MUST(godwit_queue_next(queue, done, 4, &count, SOON, NULL));
        for (size_t i = 0; i < count; ++i) {
            CHECK(done[i].tag == taken + i);
            expect(done[i].delivery, "x");
        }
    }
    MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, 3, NULL, NULL));
    MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, 4, NULL, NULL));
    MUST(godwit_queue_close(queue, NULL));  // with open operations
    MUST(godwit_queue_close(queue, NULL));
    GIVES(GODWIT_CLOSED, godwit_queue_next(queue, done, 4, &count, SOON, NULL));
    MUST(godwit_send(out, godwit_text("for whoever comes"), NULL, NULL));
    godwit_delivery got;
    MUST(godwit_recv(in, SOON, &got, NULL));
    expect(got, "for whoever comes");
    end_socket(out);
    end_socket(in);
    end_context(context);
}
