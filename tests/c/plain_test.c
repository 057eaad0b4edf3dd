// The six plain sockets from C.
#include <poll.h>

#include "c/check.h"

static void count_drop(void* user_data) { ++*(int*)user_data; }

TEST(push_and_pull_pass_bodies_of_every_kind) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
        godwit_delivery got;
        godwit_message whole;
        godwit_receipt receipt = {7, 7};
        meet(in, out, transport);

        MUST(godwit_send(out, godwit_text("hello"), &receipt, NULL));
        CHECK(receipt.socket == 0 && receipt.at == 0);
        MUST(godwit_recv(in, SOON, &got, NULL));
        expect(got, "hello");
        MUST(godwit_send(out, godwit_text(NULL), NULL, NULL));
        MUST(godwit_recv(in, SOON, &got, NULL));
        expect(got, "");

        MUST(godwit_message_make(NULL, &whole, NULL));
        MUST(godwit_send_message(out, whole, NULL, NULL, NULL));
        MUST(godwit_message_release(whole, NULL));
        MUST(godwit_message_release(whole, NULL));
        MUST(godwit_recv(in, SOON, &got, NULL));
        expect(got, "");
        GIVES(GODWIT_TIMED_OUT, godwit_recv(in, 0, &got, NULL));
        GIVES(GODWIT_TIMED_OUT, godwit_recv(in, -1, &got, NULL));
        end_socket(out);
        end_socket(in);
        end_context(context);
    }
}

TEST(topic_key_and_headers_come_as_they_were_sent) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
        const godwit_header headers[2] = {{godwit_text("trace"), godwit_text("7f")}, {godwit_text("lang"), {NULL, 0}}};
        godwit_parts parts = GODWIT_PARTS_INIT;
        godwit_delivery got;
        godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
        godwit_header header;
        godwit_message kept;
        godwit_view inside = GODWIT_VIEW_INIT;
        parts.topic = godwit_text("orders.eur");
        parts.key = godwit_text("customer-7");
        parts.body = godwit_text("tern");
        parts.headers = headers;
        parts.headers_count = 2;
        meet(in, out, transport);

        MUST(godwit_send_parts(out, &parts, NULL, NULL, NULL));
        MUST(godwit_recv(in, SOON, &got, NULL));
        MUST(godwit_delivery_get(got, &view, NULL));
        CHECK(same(view.topic, "orders.eur") && same(view.key, "customer-7") && same(view.body, "tern"));
        CHECK(view.headers_count == 2 && view.attempt == 1 && view.at == 0 && view.settled);
        MUST(godwit_delivery_header(got, 0, &header, NULL));
        CHECK(same(header.name, "trace") && same(header.value, "7f"));
        MUST(godwit_delivery_header(got, 1, &header, NULL));
        CHECK(same(header.name, "lang") && same(header.value, ""));
        GIVES(GODWIT_NOT_FOUND, godwit_delivery_header(got, 2, &header, NULL));
        MUST(godwit_ack(got, NULL));
        MUST(godwit_nack(got, 0, NULL));
        MUST(godwit_delivery_message(got, &kept, NULL));
        MUST(godwit_delivery_release(got, NULL));
        MUST(godwit_message_view(kept, &inside, NULL));
        CHECK(same(inside.topic, "orders.eur") && same(inside.body, "tern") && inside.headers_count == 2);
        MUST(godwit_message_header(kept, 0, &header, NULL));
        CHECK(same(header.name, "trace"));
        GIVES(GODWIT_NOT_FOUND, godwit_message_header(kept, 2, &header, NULL));
        MUST(godwit_message_release(kept, NULL));
        end_socket(out);
        end_socket(in);
        end_context(context);
    }
}

TEST(a_buffer_is_taken_without_a_copy_and_given_back_once) {
    const godwit_context context = new_context();
    const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
    static char large[100000];
    const godwit_bytes body = {large, sizeof large};
    int drops = 0;
    godwit_message whole;
    godwit_view view = GODWIT_VIEW_INIT;
    godwit_delivery got;
    godwit_delivery_view came = GODWIT_DELIVERY_VIEW_INIT;
    memset(large, 'g', sizeof large);
    meet(in, out, 0);

    MUST(godwit_message_take(body, count_drop, &drops, &whole, NULL));
    MUST(godwit_message_view(whole, &view, NULL));
    CHECK(view.body.data == large && drops == 0);
    MUST(godwit_send_message(out, whole, NULL, NULL, NULL));
    MUST(godwit_message_release(whole, NULL));
    MUST(godwit_recv(in, SOON, &got, NULL));
    MUST(godwit_delivery_get(got, &came, NULL));
    CHECK(came.body.data == large && drops == 0);
    MUST(godwit_delivery_release(got, NULL));
    CHECK(drops == 1);

    MUST(godwit_send_take(out, body, count_drop, &drops, NULL, NULL, NULL));
    MUST(godwit_recv(in, SOON, &got, NULL));
    MUST(godwit_delivery_release(got, NULL));
    CHECK(drops == 2);
    GIVES(GODWIT_UNSUPPORTED, godwit_send_take(in, body, count_drop, &drops, NULL, NULL, NULL));
    CHECK(drops == 3);
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_message_take(body, count_drop, &drops, NULL, NULL));
    CHECK(drops == 4);
    MUST(godwit_message_take(godwit_text("small"), count_drop, &drops, &whole, NULL));
    MUST(godwit_message_release(whole, NULL));
    CHECK(drops == 5);
    MUST(godwit_message_take(godwit_text("static"), NULL, NULL, &whole, NULL));
    expect_message(whole, "static");
    end_socket(out);
    end_socket(in);
    end_context(context);
}

TEST(many_are_sent_and_received_at_once_in_order) {
    FOR_EACH_TRANSPORT(transport) {
        enum { count = 300 };
        const godwit_context context = new_context();
        const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
        static char numbers[count][8];
        godwit_bytes bodies[count];
        godwit_message messages[count];
        godwit_delivery got[count];
        godwit_delivery_view views[count];
        godwit_parts parts = GODWIT_PARTS_INIT;
        const godwit_stop none = {0};
        size_t sent = 99, taken = 0, some;
        meet(in, out, transport);
        for (int i = 0; i < count; ++i) {
            sprintf(numbers[i], "%d", i);
            bodies[i] = godwit_text(numbers[i]);
            parts.body = bodies[i];
            MUST(godwit_message_make(&parts, &messages[i], NULL));
        }
        for (int round = 0; round < 2; ++round) {
            MUST(round == 0 ? godwit_send_many(out, bodies, count, NULL, &sent, NULL)
                            : godwit_send_messages(out, messages, count, NULL, &sent, NULL));
            CHECK(sent == count);
            for (taken = 0; taken < count; taken += some) {
                MUST(godwit_recv_many(in, got + taken, count - taken, &some, SOON, none, NULL));
                CHECK(some > 0);
            }
            views[0].struct_size = sizeof views[0];
            MUST(godwit_delivery_get_many(got, count, views, NULL));
            for (int i = 0; i < count; ++i) CHECK(same(views[i].body, numbers[i]));
            MUST(godwit_ack_many(got, count, NULL));
            MUST(godwit_delivery_release_many(got, count, NULL));
        }
        for (int i = 0; i < count; ++i) MUST(godwit_message_release(messages[i], NULL));
        MUST(godwit_send_many(out, NULL, 0, NULL, &sent, NULL));
        CHECK(sent == 0);
        end_socket(out);
        end_socket(in);
        end_context(context);
    }
}

TEST(subscribers_get_the_topics_that_they_want) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket out = new_socket(context, GODWIT_PUB, NULL), in = new_socket(context, GODWIT_SUB, NULL);
        godwit_parts parts = GODWIT_PARTS_INIT;
        const godwit_send_options options = GODWIT_SEND_OPTIONS_INIT;
        godwit_message whole;
        godwit_delivery got;
        godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
        size_t sent;
        MUST(godwit_subscribe(in, godwit_text("eur."), NULL));
        meet(out, in, transport);
        MUST(godwit_wait_for_subscribers(out, godwit_text("eur.usd"), 1, SOON, NULL));
        parts.topic = godwit_text("gbp.usd");
        parts.body = godwit_text("1");
        MUST(godwit_send_parts(out, &parts, NULL, NULL, NULL));
        parts.topic = godwit_text("eur.usd");
        parts.key = godwit_text("k");
        parts.body = godwit_text("2");
        MUST(godwit_message_make(&parts, &whole, NULL));
        MUST(godwit_send_message(out, whole, NULL, NULL, NULL));
        MUST(godwit_send_message(out, whole, &options, NULL, NULL));
        MUST(godwit_send_messages(out, &whole, 1, NULL, &sent, NULL));
        MUST(godwit_message_release(whole, NULL));
        for (int i = 0; i < 3; ++i) {
            MUST(godwit_recv(in, SOON, &got, NULL));
            MUST(godwit_delivery_get(got, &view, NULL));
            CHECK(same(view.topic, "eur.usd") && same(view.key, "k"));
            expect(got, "2");
        }
        MUST(godwit_unsubscribe(in, godwit_text("eur."), NULL));
        GIVES(GODWIT_NOT_FOUND, godwit_unsubscribe(in, godwit_text("eur."), NULL));
        GIVES(GODWIT_UNSUPPORTED, godwit_subscribe(out, godwit_text(""), NULL));
        GIVES(GODWIT_UNSUPPORTED, godwit_send(out, godwit_text("without a topic"), NULL, NULL));
        end_socket(out);
        end_socket(in);
        end_context(context);
    }
}

TEST(requests_get_their_own_replies_in_any_order) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket ask = new_socket(context, GODWIT_REQ, NULL), serve = new_socket(context, GODWIT_REP, NULL);
        godwit_parts parts = GODWIT_PARTS_INIT;
        godwit_pending first, second;
        godwit_delivery asked[2];
        godwit_message reply;
        godwit_header header = {godwit_text("status"), godwit_text("fine")};
        size_t count;
        const godwit_stop none = {0};
        meet(serve, ask, transport);
        parts.body = godwit_text("one");
        MUST(godwit_request_open(ask, &parts, NULL, &first, NULL));
        parts.body = godwit_text("two");
        MUST(godwit_request_open(ask, &parts, NULL, &second, NULL));
        MUST(godwit_recv(serve, SOON, &asked[0], NULL));
        MUST(godwit_recv_many(serve, &asked[1], 1, &count, SOON, none, NULL));
        CHECK(count == 1);
        MUST(godwit_reply(asked[1], godwit_text("to two"), NULL));
        GIVES(GODWIT_INVALID_ARGUMENT, godwit_reply(asked[1], godwit_text("again"), NULL));
        MUST(godwit_pending_wait(second, SOON, &reply, NULL));
        expect_message(reply, "to two");
        GIVES(GODWIT_TIMED_OUT, godwit_pending_wait(first, 0, &reply, NULL));
        parts.body = godwit_text("to one");
        parts.headers = &header;
        parts.headers_count = 1;
        MUST(godwit_reply_parts(asked[0], &parts, NULL));
        MUST(godwit_pending_wait(first, SOON, &reply, NULL));
        expect_message(reply, "to one");
        GIVES(GODWIT_INVALID_ARGUMENT, godwit_pending_wait(first, 0, &reply, NULL));
        expect(asked[0], "one");
        expect(asked[1], "two");
        MUST(godwit_pending_release(first, NULL));
        MUST(godwit_pending_release(second, NULL));
        GIVES(GODWIT_CLOSED, godwit_pending_wait(first, 0, &reply, NULL));
        GIVES(GODWIT_TIMED_OUT, godwit_request(ask, &parts, 0, &reply, NULL));
        end_socket(ask);
        end_socket(serve);
        end_context(context);
    }
}

TEST(a_descriptor_is_readable_while_a_message_waits) {
    const godwit_context context = new_context();
    const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
    struct pollfd watched = {-1, POLLIN, 0};
    godwit_delivery got;
    int again = -1;
    meet(in, out, 1);
    MUST(godwit_descriptor(in, GODWIT_FOR_RECV, &watched.fd, NULL));
    MUST(godwit_descriptor(in, GODWIT_FOR_RECV, &again, NULL));
    CHECK(again == watched.fd);
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_descriptor(in, GODWIT_FOR_SEND, &again, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_descriptor(in, 3, &again, NULL));
    for (int i = 0; i < 3; ++i) MUST(godwit_send(out, godwit_text("x"), NULL, NULL));
    for (int i = 0; i < 3;) {
        CHECK(poll(&watched, 1, 30000) == 1);
        const godwit_status status = godwit_recv(in, 0, &got, NULL);
        if (status == GODWIT_TIMED_OUT) continue;
        MUST(status);
        expect(got, "x");
        ++i;
    }
    end_socket(out);
    end_socket(in);
    end_context(context);
}

TEST(events_counters_and_reports_tell_what_happened) {
    const godwit_context context = new_context();
    const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
    godwit_event event = {sizeof event, 0, 0, 0, 0, {0}, {0}};
    godwit_socket_counters counters = {sizeof counters, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    godwit_message text;
    godwit_view view = GODWIT_VIEW_INIT;
    godwit_delivery got;
    meet(in, out, 2);
    MUST(godwit_next_event(in, SOON, &event, NULL));
    CHECK(event.kind == GODWIT_EVENT_PEER_JOINED && event.peer_id != 0 && event.when_ns > 0);
    CHECK(strncmp(event.endpoint, "tcp://127.0.0.1:", 16) == 0 &&
          strcmp(godwit_event_name(event.kind), "peer_joined") == 0);
    MUST(godwit_send(out, godwit_text("12345"), NULL, NULL));
    MUST(godwit_recv(in, SOON, &got, NULL));
    expect(got, "12345");
    MUST(godwit_socket_count(in, &counters, NULL));
    CHECK(counters.received == 1 && counters.received_bytes == 5 && counters.peers == 1);
    MUST(godwit_socket_report(in, &text, NULL));
    MUST(godwit_message_view(text, &view, NULL));
    CHECK(view.body.size > 100 && *(const char*)view.body.data == '{');
    MUST(godwit_message_release(text, NULL));
    for (int format = 0; format < 2; ++format) {
        MUST(godwit_context_report(context, format, &text, NULL));
        MUST(godwit_message_view(text, &view, NULL));
        CHECK(view.body.size > 100);
        MUST(godwit_message_release(text, NULL));
    }
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_context_report(context, 2, &text, NULL));
    MUST(godwit_disconnect(out, godwit_text(event.endpoint), NULL));
    MUST(godwit_next_event(in, SOON, &event, NULL));
    CHECK(event.kind == GODWIT_EVENT_PEER_LEFT);
    GIVES(GODWIT_TIMED_OUT, godwit_next_event(in, 0, &event, NULL));
    GIVES(GODWIT_NOT_FOUND, godwit_unbind(in, godwit_text("tcp://127.0.0.1:1"), NULL));
    MUST(godwit_unbind(in, godwit_text(event.endpoint), NULL));
    CHECK(strcmp(godwit_event_name(-1), "?") == 0 && strcmp(godwit_event_name(1000), "?") == 0);
    end_socket(out);
    end_socket(in);
    end_context(context);
}

struct heard {
    int lines, drops;
};
static void hear(void* user_data, const godwit_log_record* record) {
    CHECK(record->struct_size == sizeof *record && record->text.size > 0 && record->when_ns > 0);
    ++((struct heard*)user_data)->lines;
}
static void stop_hearing(void* user_data) { ++((struct heard*)user_data)->drops; }

TEST(a_log_is_told_and_dropped_with_its_context) {
    struct heard heard = {0, 0};
    godwit_context_options options = GODWIT_CONTEXT_OPTIONS_INIT;
    godwit_context context;
    options.log = hear;
    options.log_user_data = &heard;
    options.log_drop = stop_hearing;
    options.log_from = GODWIT_LOG_DEBUG;
    MUST(godwit_context_open(&options, &context, NULL));
    const godwit_socket out = new_socket(context, GODWIT_PUSH, NULL), in = new_socket(context, GODWIT_PULL, NULL);
    meet(in, out, 0);
    end_socket(out);
    end_socket(in);
    end_context(context);
    CHECK(heard.lines > 0 && heard.drops == 1);
    options.log_from = 9;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_context_open(&options, &context, NULL));
    CHECK(heard.drops == 2);
}
