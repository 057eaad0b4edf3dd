// Wrong handles, sizes and pointers, and what is closed: an error code each, and never anything else.
#include "c/check.h"

// All handles of one call below; every call that takes a handle is in the list.
struct handles {
    godwit_context context;
    godwit_socket socket;
    godwit_message message;
    godwit_delivery delivery;
    godwit_pending pending;
    godwit_queue queue;
    godwit_stop stop;
    godwit_journal journal;
    godwit_stream stream;
    godwit_reader reader;
    godwit_cursor cursor;
};
static int32_t never(void* user_data, godwit_delivery delivery) { return (void)user_data, (void)delivery, 0; }
static void never_settled(void* user_data, const godwit_settled* records, size_t count) {
    (void)user_data, (void)records, (void)count;
}

static void every_call_gives(const struct handles* h, godwit_status wanted) {
    const godwit_bytes text = godwit_text("inproc://nobody");
    const godwit_stop none = {0};
    godwit_socket socket;
    godwit_message message = {0};
    godwit_delivery delivery;
    godwit_pending pending;
    godwit_stream stream;
    godwit_cursor cursor;
    godwit_view view = GODWIT_VIEW_INIT;
    godwit_delivery_view seen = GODWIT_DELIVERY_VIEW_INIT;
    godwit_event event = {sizeof event, 0, 0, 0, 0, {0}, {0}};
    godwit_socket_counters counters = {sizeof counters, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    godwit_delivery_counters delivered = {sizeof delivered, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    godwit_journal_recovery recovery = {sizeof recovery, 0, 0, 0, 0, 0};
    godwit_completion done;
    godwit_record record;
    godwit_stream_info info;
    godwit_dead_letter letter;
    godwit_header header;
    uint64_t number;
    size_t count;
    int descriptor;
    done.struct_size = sizeof done;
    record.struct_size = sizeof record;
    info.struct_size = sizeof info;
    letter.struct_size = sizeof letter;

    GIVES(wanted, godwit_context_report(h->context, 0, &message, NULL));
    GIVES(wanted, godwit_socket_open(h->context, GODWIT_PUSH, NULL, &socket, NULL));
    GIVES(wanted, godwit_bind(h->socket, text, NULL, NULL));
    GIVES(wanted, godwit_connect(h->socket, text, NULL));
    GIVES(wanted, godwit_unbind(h->socket, text, NULL));
    GIVES(wanted, godwit_disconnect(h->socket, text, NULL));
    GIVES(wanted, godwit_subscribe(h->socket, text, NULL));
    GIVES(wanted, godwit_unsubscribe(h->socket, text, NULL));
    GIVES(wanted, godwit_wait_for_peers(h->socket, 1, 0, NULL));
    GIVES(wanted, godwit_wait_for_subscribers(h->socket, text, 1, 0, NULL));
    GIVES(wanted, godwit_descriptor(h->socket, GODWIT_FOR_RECV, &descriptor, NULL));
    GIVES(wanted, godwit_send(h->socket, text, NULL, NULL));
    GIVES(wanted, godwit_send_parts(h->socket, NULL, NULL, NULL, NULL));
    GIVES(wanted, godwit_send_message(h->socket, h->message, NULL, NULL, NULL));
    GIVES(wanted, godwit_send_take(h->socket, text, NULL, NULL, NULL, NULL, NULL));
    GIVES(wanted, godwit_send_many(h->socket, &text, 1, NULL, &count, NULL));
    GIVES(wanted, godwit_send_messages(h->socket, &h->message, 1, NULL, &count, NULL));
    GIVES(wanted, godwit_flush(h->socket, GODWIT_STAGE_ACCEPTED, 0, NULL));
    GIVES(wanted, godwit_on_settled(h->socket, never_settled, NULL, NULL, NULL));
    GIVES(wanted, godwit_dead_letters(h->socket, &letter, 1, &count, NULL));
    GIVES(wanted, godwit_requeue(h->socket, 0, NULL));
    GIVES(wanted, godwit_discard(h->socket, 0, NULL));
    GIVES(wanted, godwit_recv(h->socket, 0, &delivery, NULL));
    GIVES(wanted, godwit_recv_many(h->socket, &delivery, 1, &count, 0, none, NULL));
    GIVES(wanted, godwit_consume(h->socket, never, NULL, NULL, NULL, NULL));
    GIVES(wanted, godwit_request(h->socket, NULL, 0, &message, NULL));
    GIVES(wanted, godwit_request_open(h->socket, NULL, NULL, &pending, NULL));
    GIVES(wanted, godwit_next_event(h->socket, 0, &event, NULL));
    GIVES(wanted, godwit_socket_count(h->socket, &counters, NULL));
    GIVES(wanted, godwit_delivery_count(h->socket, &delivered, NULL));
    GIVES(wanted, godwit_socket_report(h->socket, &message, NULL));
    GIVES(wanted, godwit_message_view(h->message, &view, NULL));
    GIVES(wanted, godwit_message_header(h->message, 0, &header, NULL));
    GIVES(wanted, godwit_delivery_get(h->delivery, &seen, NULL));
    GIVES(wanted, godwit_delivery_get_many(&h->delivery, 1, &seen, NULL));
    GIVES(wanted, godwit_delivery_header(h->delivery, 0, &header, NULL));
    GIVES(wanted, godwit_delivery_message(h->delivery, &message, NULL));
    GIVES(wanted, godwit_ack(h->delivery, NULL));
    GIVES(wanted, godwit_nack(h->delivery, 0, NULL));
    GIVES(wanted, godwit_reject(h->delivery, text, NULL));
    GIVES(wanted, godwit_extend(h->delivery, 0, NULL));
    GIVES(wanted, godwit_reply(h->delivery, text, NULL));
    GIVES(wanted, godwit_reply_parts(h->delivery, NULL, NULL));
    MUST(godwit_ack_many(&h->delivery, 1, NULL));
    GIVES(wanted, godwit_pending_wait(h->pending, 0, &message, NULL));
    GIVES(wanted, godwit_queue_descriptor(h->queue, &descriptor, NULL));
    GIVES(wanted, godwit_queue_next(h->queue, &done, 1, &count, 0, NULL));
    GIVES(wanted, godwit_queue_recv(h->queue, h->socket, 0, 0, NULL, NULL));
    GIVES(wanted, godwit_queue_send(h->queue, h->socket, NULL, 0, 0, NULL, NULL));
    GIVES(wanted, godwit_queue_request(h->queue, h->socket, NULL, 0, 0, NULL, NULL));
    GIVES(wanted, godwit_queue_cancel(h->queue, 1, NULL));
    GIVES(wanted, godwit_stop_request(h->stop, NULL));
    GIVES(wanted, godwit_journal_recovered(h->journal, &recovery, NULL));
    GIVES(wanted, godwit_journal_health(h->journal, NULL));
    GIVES(wanted, godwit_journal_bytes_used(h->journal, &number, NULL));
    GIVES(wanted, godwit_stream_open(h->journal, text, NULL, &stream, NULL));
    GIVES(wanted, godwit_stream_id(h->stream, &number, &number, NULL));
    GIVES(wanted, godwit_append(h->stream, &h->message, 1, 0, 0, NULL, NULL));
    GIVES(wanted, godwit_stream_read(h->stream, 0, NULL, &message, NULL));
    GIVES(wanted, godwit_stream_range(h->stream, NULL, NULL, NULL));
    GIVES(wanted, godwit_stream_trim(h->stream, 0, 0, NULL));
    GIVES(wanted, godwit_reader_refresh(h->reader, NULL));
    GIVES(wanted, godwit_reader_streams(h->reader, &info, 1, &count, NULL));
    GIVES(wanted, godwit_cursor_open(h->reader, NULL, &cursor, NULL));
    GIVES(wanted, godwit_cursor_next(h->cursor, &record, 1, &count, NULL));
}

static void every_end_gives(const struct handles* h, godwit_status wanted) {
    GIVES(wanted, godwit_delivery_release(h->delivery, NULL));
    GIVES(wanted, godwit_delivery_release_many(&h->delivery, 1, NULL));
    GIVES(wanted, godwit_pending_release(h->pending, NULL));
    GIVES(wanted, godwit_message_release(h->message, NULL));
    GIVES(wanted, godwit_queue_close(h->queue, NULL));
    GIVES(wanted, godwit_stop_close(h->stop, NULL));
    GIVES(wanted, godwit_cursor_close(h->cursor, NULL));
    GIVES(wanted, godwit_reader_close(h->reader, NULL));
    GIVES(wanted, godwit_socket_close(h->socket, 0, NULL));
    GIVES(wanted, godwit_context_close(h->context, SOON, NULL));
    GIVES(wanted, godwit_stream_release(h->stream, NULL));
    GIVES(wanted, godwit_journal_close(h->journal, NULL));
}

static struct handles open_one_of_each(void) {
    struct handles h;
    const godwit_parts parts = GODWIT_PARTS_INIT;
    char path[128];
    snprintf(path, sizeof path, "%s/journal", new_folder());
    MUST(godwit_context_open(NULL, &h.context, NULL));
    h.socket = new_socket(h.context, GODWIT_PULL, NULL);
    const godwit_socket out = new_socket(h.context, GODWIT_PUSH, NULL), ask = new_socket(h.context, GODWIT_REQ, NULL);
    meet(h.socket, out, 0);
    MUST(godwit_send(out, godwit_text("x"), NULL, NULL));
    MUST(godwit_recv(h.socket, SOON, &h.delivery, NULL));
    end_socket(out);
    MUST(godwit_connect(ask, godwit_text("inproc://nobody"), NULL));
    const godwit_socket serve = new_socket(h.context, GODWIT_REP, NULL);
    MUST(godwit_bind(serve, godwit_text("inproc://nobody"), NULL, NULL));
    MUST(godwit_request_open(ask, &parts, NULL, &h.pending, NULL));
    MUST(godwit_socket_close(ask, 0, NULL));
    end_socket(serve);
    MUST(godwit_message_make(&parts, &h.message, NULL));
    MUST(godwit_queue_open(NULL, &h.queue, NULL));
    MUST(godwit_stop_open(&h.stop, NULL));
    MUST(godwit_journal_open(godwit_text(path), NULL, &h.journal, NULL));
    MUST(godwit_stream_open(h.journal, godwit_text("s"), NULL, &h.stream, NULL));
    MUST(godwit_reader_open(godwit_text(path), &h.reader, NULL));
    MUST(godwit_cursor_open(h.reader, NULL, &h.cursor, NULL));
    return h;
}

TEST(a_handle_that_was_never_given_is_an_invalid_argument_everywhere) {
    struct handles h;
    memset(&h, 0, sizeof h);
    every_call_gives(&h, GODWIT_INVALID_ARGUMENT);
    every_end_gives(&h, GODWIT_INVALID_ARGUMENT);
    memset(&h, 0xff, sizeof h);
    every_call_gives(&h, GODWIT_INVALID_ARGUMENT);
    every_end_gives(&h, GODWIT_INVALID_ARGUMENT);
    // Of another kind, and of a generation to come.
    const struct handles real = open_one_of_each();
    h = real;
    h.socket.id = real.context.id;
    h.context.id = real.socket.id;
    h.message.id = real.delivery.id;
    h.delivery.id = real.message.id;
    h.pending.id = real.queue.id;
    h.queue.id = real.pending.id;
    h.stop.id += UINT64_C(1) << 20;
    h.journal.id += UINT64_C(1) << 20;
    h.stream.id = real.journal.id;
    h.reader.id = real.cursor.id;
    h.cursor.id = real.reader.id + (UINT64_C(1) << 59);
    every_call_gives(&h, GODWIT_INVALID_ARGUMENT);
    every_end_gives(&real, GODWIT_OK);
    drop_folder();
}

TEST(a_handle_that_was_closed_is_closed_everywhere_and_closing_it_again_is_fine) {
    const struct handles h = open_one_of_each();
    every_end_gives(&h, GODWIT_OK);
    every_call_gives(&h, GODWIT_CLOSED);
    every_end_gives(&h, GODWIT_OK);
    drop_folder();
    // Their slots in other hands.
    const struct handles next = open_one_of_each();
    every_call_gives(&h, GODWIT_CLOSED);
    every_end_gives(&h, GODWIT_OK);
    MUST(godwit_stop_request(next.stop, NULL));
    every_end_gives(&next, GODWIT_OK);
    drop_folder();
}

TEST(sockets_of_a_closed_context_are_closed_and_have_their_own_handles) {
    const godwit_context context = new_context();
    const godwit_socket in = new_socket(context, GODWIT_PULL, NULL);
    godwit_delivery got;
    MUST(godwit_bind(in, godwit_text("inproc://closed"), NULL, NULL));
    end_context(context);
    GIVES(GODWIT_CLOSED, godwit_recv(in, SOON, &got, NULL));
    GIVES(GODWIT_CLOSED, godwit_bind(in, godwit_text("inproc://again"), NULL, NULL));
    CHECK(godwit_handles_open() == 1);
    end_socket(in);
}

TEST(a_null_pointer_is_named) {
    const struct handles h = open_one_of_each();
    godwit_error why = GODWIT_ERROR_INIT;
    const godwit_bytes lie = {NULL, 5};
    godwit_parts parts = GODWIT_PARTS_INIT;
    godwit_message message;
    godwit_context context;
    size_t count;
    const godwit_stop none = {0};
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_context_open(NULL, NULL, &why));
    CHECK(why.code == GODWIT_INVALID_ARGUMENT && strcmp(why.value, "out") == 0 && !why.retriable);
    CHECK(strcmp(why.message, "invalid_argument: out: is NULL") == 0);
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_socket_open(h.context, GODWIT_PUSH, NULL, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_bind(h.socket, lie, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_message_make(NULL, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_message_take(lie, NULL, NULL, &message, NULL));
    parts.headers_count = 1;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_message_make(&parts, &message, NULL));
    parts.headers_count = 65;
    parts.headers = (const godwit_header*)&parts;
    GIVES(GODWIT_TOO_LARGE, godwit_message_make(&parts, &message, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_message_view(h.message, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_delivery_get(h.delivery, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_delivery_get_many(NULL, 1, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_delivery_get_many(&h.delivery, 1, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_ack_many(NULL, 1, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_delivery_release_many(NULL, 1, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_reject(h.delivery, lie, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_recv(h.socket, 0, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_recv_many(h.socket, NULL, 1, &count, 0, none, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_recv_many(h.socket, NULL, 1, NULL, 0, none, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_consume(h.socket, NULL, NULL, NULL, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_next_event(h.socket, 0, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_descriptor(h.socket, GODWIT_FOR_RECV, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_queue_open(NULL, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_queue_next(h.queue, NULL, 1, &count, 0, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_append(h.stream, NULL, 1, 0, 0, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_journal_open(godwit_text(NULL), NULL, NULL, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_cursor_next(h.cursor, NULL, 1, &count, NULL));
    GIVES(GODWIT_OK, godwit_context_open(NULL, &context, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_socket_open(context, 7, NULL, (godwit_socket*)&message, NULL));
    end_context(context);
    every_end_gives(&h, GODWIT_OK);
    drop_folder();
}

TEST(a_struct_of_a_wrong_size_is_refused_and_of_another_release_understood) {
    const struct handles h = open_one_of_each();
    struct {
        godwit_socket_options known;
        uint64_t later;
    } newer;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    struct {
        godwit_view known;
        uint64_t later;
    } view;
    godwit_socket socket;
    godwit_error why = GODWIT_ERROR_INIT;
    struct {
        size_t struct_size;
        godwit_status code;
        int32_t retriable;
        char rest[8];
    } small = {16, 0, 0, "beyond"};
    const size_t wrong[] = {0, 1, 8, sizeof options - 1, 1u << 20, (size_t)-1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        options.struct_size = wrong[i];
        GIVES(GODWIT_INVALID_ARGUMENT, godwit_socket_open(h.context, GODWIT_PUSH, &options, &socket, &why));
        CHECK(strncmp(why.value, "struct_size ", 12) == 0);
    }
    memset(&newer, 0, sizeof newer);
    godwit_socket_options_init(&newer.known);
    newer.known.struct_size = sizeof newer;
    MUST(godwit_socket_open(h.context, GODWIT_PUSH, &newer.known, &socket, NULL));
    end_socket(socket);
    newer.later = 1;
    GIVES(GODWIT_UNSUPPORTED, godwit_socket_open(h.context, GODWIT_PUSH, &newer.known, &socket, NULL));
    memset(&view, 0xff, sizeof view);
    view.known.struct_size = sizeof view;
    MUST(godwit_message_view(h.message, &view.known, NULL));
    CHECK(view.later == 0 && view.known.struct_size == sizeof view && view.known.body.size == 0);
    view.known.struct_size = 12;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_message_view(h.message, &view.known, NULL));
    // Of an error only what has room is written.
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_context_open(NULL, NULL, (godwit_error*)&small));
    CHECK(small.code == GODWIT_INVALID_ARGUMENT && strcmp(small.rest, "beyond") == 0);
    small.struct_size = 0;
    small.code = 0;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_context_open(NULL, NULL, (godwit_error*)&small));
    CHECK(small.code == 0);
    every_end_gives(&h, GODWIT_OK);
    drop_folder();
}

TEST(a_context_whose_time_is_up_lets_its_caller_go) {
    const godwit_context context = new_context();
    const godwit_socket out = new_reliable(context, GODWIT_PUSH, NULL);
    MUST(godwit_bind(out, godwit_text("inproc://nobody-takes-it"), NULL, NULL));
    MUST(godwit_send(out, godwit_text("x"), NULL, NULL));
    // Unsettled for 30 s more: its linger, which a test that waited for it would run out of.
    GIVES(GODWIT_TIMED_OUT, godwit_context_close(context, 0, NULL));
    GIVES(GODWIT_TIMED_OUT, godwit_socket_close(out, 0, NULL));
}
