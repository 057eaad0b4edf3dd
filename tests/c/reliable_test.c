// ack_retry, receipts, dead letters, consuming and journals from C.
#include "c/check.h"

struct outcomes {
    int processed, dead, drops;
};
static void note(void* user_data, const godwit_settled* records, size_t count) {
    struct outcomes* const seen = user_data;
    for (size_t i = 0; i < count; ++i) {
        seen->processed += records[i].outcome == GODWIT_OUTCOME_PROCESSED;
        seen->dead += records[i].outcome >= GODWIT_OUTCOME_REFUSED;
    }
}
static void forget(void* user_data) { ++((struct outcomes*)user_data)->drops; }

TEST(a_message_that_is_nacked_comes_again_and_is_processed) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket out = new_reliable(context, GODWIT_PUSH, NULL),
                            in = new_reliable(context, GODWIT_PULL, NULL);
        struct outcomes seen = {0, 0, 0};
        godwit_receipt receipt;
        godwit_delivery got;
        godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
        godwit_delivery_counters counters = {sizeof counters, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        int32_t outcome = -1;
        MUST(godwit_on_settled(out, note, &seen, forget, NULL));
        meet(in, out, transport);
        MUST(godwit_send(out, godwit_text("job"), &receipt, NULL));
        CHECK(receipt.socket != 0);
        MUST(godwit_recv(in, SOON, &got, NULL));
        MUST(godwit_delivery_get(got, &view, NULL));
        CHECK(!view.settled && view.attempt == 1 && (view.stream_high | view.stream_low) != 0);
        CHECK(view.at == receipt.at);
        GIVES(GODWIT_TIMED_OUT, godwit_receipt_wait(receipt, GODWIT_STAGE_PROCESSED, 0, &outcome, NULL));
        MUST(godwit_nack(got, 0, NULL));
        MUST(godwit_delivery_release(got, NULL));
        MUST(godwit_recv(in, SOON, &got, NULL));
        MUST(godwit_delivery_get(got, &view, NULL));
        CHECK(view.attempt == 2);
        MUST(godwit_delivery_release(got, NULL));  // unsettled: comes again
        MUST(godwit_recv(in, SOON, &got, NULL));
        MUST(godwit_extend(got, INT64_C(60000000000), NULL));
        MUST(godwit_ack(got, NULL));
        MUST(godwit_delivery_get(got, &view, NULL));
        CHECK(view.attempt == 3 && view.settled);
        MUST(godwit_delivery_release(got, NULL));
        MUST(godwit_receipt_wait(receipt, GODWIT_STAGE_PROCESSED, SOON, &outcome, NULL));
        CHECK(outcome == GODWIT_OUTCOME_PROCESSED);
        GIVES(GODWIT_UNSUPPORTED, godwit_receipt_wait(receipt, GODWIT_STAGE_DURABLE, 0, &outcome, NULL));
        MUST(godwit_flush(out, GODWIT_STAGE_PROCESSED, SOON, NULL));
        MUST(godwit_delivery_count(out, &counters, NULL));
        CHECK(counters.acked == 1 && counters.nacked == 2 && counters.unsettled == 0);
        end_socket(out);
        end_socket(in);
        GIVES(GODWIT_CLOSED, godwit_receipt_wait(receipt, GODWIT_STAGE_PROCESSED, 0, &outcome, NULL));
        end_context(context);
        CHECK(seen.processed == 1 && seen.dead == 0 && seen.drops == 1);
    }
}

TEST(what_is_rejected_is_a_dead_letter_that_can_be_requeued_or_discarded) {
    FOR_EACH_TRANSPORT(transport) {
        const godwit_context context = new_context();
        const godwit_socket out = new_reliable(context, GODWIT_PUSH, NULL),
                            in = new_reliable(context, GODWIT_PULL, NULL);
        godwit_receipt receipt;
        godwit_delivery got;
        godwit_dead_letter letters[4];
        size_t count;
        int32_t outcome = -1;
        meet(in, out, transport);
        for (int round = 0; round < 2; ++round) {
            if (round == 0) MUST(godwit_send(out, godwit_text("poison"), &receipt, NULL));
            MUST(godwit_recv(in, SOON, &got, NULL));
            MUST(godwit_reject(got, godwit_text("no such customer"), NULL));
            MUST(godwit_delivery_release(got, NULL));
            letters[0].struct_size = sizeof letters[0];
            do {
                MUST(godwit_dead_letters(out, letters, 4, &count, NULL));
            } while (count == 0);
            CHECK(count == 1 && letters[0].at == receipt.at && letters[0].reason == GODWIT_DEAD_REFUSED);
            CHECK(strcmp(letters[0].detail, "no such customer") == 0 && letters[0].attempts == 1);
            expect_message(letters[0].content, "poison");
            if (round == 0) {
                MUST(godwit_receipt_wait(receipt, GODWIT_STAGE_PROCESSED, SOON, &outcome, NULL));
                CHECK(outcome == GODWIT_OUTCOME_REFUSED);
                MUST(godwit_requeue(out, receipt.at, NULL));
            } else {
                MUST(godwit_discard(out, receipt.at, NULL));
                GIVES(GODWIT_NOT_FOUND, godwit_discard(out, receipt.at, NULL));
            }
        }
        MUST(godwit_dead_letters(out, letters, 4, &count, NULL));
        CHECK(count == 0);
        end_socket(out);
        end_socket(in);
        end_context(context);
    }
}

TEST(many_are_acked_in_one_piece_also_of_two_sockets) {
    enum { each = 200 };
    const godwit_context context = new_context();
    const godwit_socket out[2] = {new_reliable(context, GODWIT_PUSH, NULL), new_reliable(context, GODWIT_PUSH, NULL)};
    const godwit_socket in[2] = {new_reliable(context, GODWIT_PULL, NULL), new_reliable(context, GODWIT_PULL, NULL)};
    godwit_delivery got[2 * each];
    godwit_delivery_counters counters = {sizeof counters, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int s = 0; s < 2; ++s) {
        meet(in[s], out[s], s);
        for (int i = 0; i < each; ++i) MUST(godwit_send(out[s], godwit_text("x"), NULL, NULL));
    }
    for (int i = 0; i < each; ++i) {
        for (int s = 0; s < 2; ++s) MUST(godwit_recv(in[s], SOON, &got[2 * i + s], NULL));
    }
    MUST(godwit_ack_many(got, 2 * each, NULL));
    MUST(godwit_ack_many(got, 2 * each, NULL));
    for (int s = 0; s < 2; ++s) {
        MUST(godwit_flush(out[s], GODWIT_STAGE_PROCESSED, SOON, NULL));
        MUST(godwit_delivery_count(out[s], &counters, NULL));
        CHECK(counters.acked == each && counters.nacked == 0);
    }
    MUST(godwit_delivery_release_many(got, 2 * each, NULL));
    for (int s = 0; s < 2; ++s) {
        end_socket(out[s]);
        end_socket(in[s]);
    }
    end_context(context);
}

TEST(options_of_one_send_go_with_the_message) {
    const godwit_context context = new_context();
    const godwit_socket out = new_reliable(context, GODWIT_PUSH, NULL), in = new_reliable(context, GODWIT_PULL, NULL);
    const godwit_socket plain = new_socket(context, GODWIT_PUSH, NULL);
    godwit_send_options options = GODWIT_SEND_OPTIONS_INIT;
    godwit_parts parts = GODWIT_PARTS_INIT;
    godwit_delivery got;
    godwit_receipt receipt;
    int32_t outcome = -1;
    parts.body = godwit_text("late");
    options.ttl_ms = 1;
    MUST(godwit_bind(in, godwit_text("inproc://options"), NULL, NULL));
    MUST(godwit_connect(plain, godwit_text("inproc://other"), NULL));
    MUST(godwit_connect(out, godwit_text("inproc://nobody-yet"), NULL));
    MUST(godwit_send_parts(out, &parts, &options, &receipt, NULL));
    MUST(godwit_receipt_wait(receipt, GODWIT_STAGE_PROCESSED, SOON, &outcome, NULL));
    CHECK(outcome == GODWIT_OUTCOME_EXPIRED);
    options.ttl_ms = 0;
    MUST(godwit_send_parts(out, &parts, &options, NULL, NULL));
    parts.body = godwit_text("first");
    options.priority = 9;
    MUST(godwit_send_parts(out, &parts, &options, NULL, NULL));
    GIVES(GODWIT_UNSUPPORTED, godwit_send_parts(plain, &parts, &options, NULL, NULL));
    options.priority = 10;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_send_parts(out, &parts, &options, NULL, NULL));
    options.priority = 4;
    options.delay_ms = -1;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_send_parts(out, &parts, &options, NULL, NULL));
    MUST(godwit_disconnect(out, godwit_text("inproc://nobody-yet"), NULL));
    MUST(godwit_connect(out, godwit_text("inproc://options"), NULL));
    MUST(godwit_recv(in, SOON, &got, NULL));
    MUST(godwit_ack(got, NULL));
    expect(got, "first");
    MUST(godwit_recv(in, SOON, &got, NULL));
    MUST(godwit_ack(got, NULL));
    expect(got, "late");
    MUST(godwit_socket_close(plain, 0, NULL));
    end_socket(out);
    end_socket(in);
    end_context(context);
}

TEST(a_reliable_subscriber_starts_where_it_says) {
    const godwit_context context = new_context();
    const godwit_ack_retry how = GODWIT_ACK_RETRY_INIT;
    godwit_subscription from = GODWIT_SUBSCRIPTION_INIT;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    godwit_journal journal;
    godwit_parts parts = GODWIT_PARTS_INIT;
    godwit_delivery got;
    char path[128];
    snprintf(path, sizeof path, "%s/journal", new_folder());
    MUST(godwit_journal_open(godwit_text(path), NULL, &journal, NULL));
    options.ack_retry = &how;
    MUST(godwit_stream_open(journal, godwit_text("ticks"), NULL, &options.journal, NULL));
    const godwit_socket out = new_socket(context, GODWIT_PUB, &options);
    MUST(godwit_stream_release(options.journal, NULL));
    MUST(godwit_bind(out, godwit_text("inproc://ticks"), NULL, NULL));
    parts.topic = godwit_text("eur");
    parts.body = godwit_text("before");
    MUST(godwit_send_parts(out, &parts, NULL, NULL, NULL));

    options.journal.id = 0;
    from.from = GODWIT_START_FIRST;
    options.subscription = &from;
    const godwit_socket in = new_socket(context, GODWIT_SUB, &options);
    MUST(godwit_subscribe(in, godwit_text("eur"), NULL));
    MUST(godwit_connect(in, godwit_text("inproc://ticks"), NULL));
    MUST(godwit_recv(in, SOON, &got, NULL));
    MUST(godwit_ack(got, NULL));
    expect(got, "before");
    from.from = 5;
    godwit_socket none = {0};
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_socket_open(context, GODWIT_SUB, &options, &none, NULL));
    end_socket(in);
    end_socket(out);
    MUST(godwit_journal_close(journal, NULL));
    end_context(context);
    drop_folder();
}

struct work {
    godwit_socket in;
    godwit_stop stop;
    int handled, drops, wanted;
};
static int32_t work(void* user_data, godwit_delivery delivery) {
    struct work* const mine = user_data;
    godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
    MUST(godwit_delivery_get(delivery, &view, NULL));
    CHECK(same(view.body, "job"));
    ++mine->handled;
    if (view.attempt == 1) return 1;  // nacked
    if (mine->handled % 2 == 0) MUST(godwit_ack(delivery, NULL));
    if (mine->handled == mine->wanted) {
        if (mine->stop.id != 0) MUST(godwit_stop_request(mine->stop, NULL));
        if (mine->in.id != 0) {
            MUST(godwit_ack(delivery, NULL));
            MUST(godwit_socket_close(mine->in, SOON, NULL));
        }
    }
    return 0;
}
static void end_work(void* user_data) { ++((struct work*)user_data)->drops; }

TEST(a_handler_is_run_until_it_is_stopped_or_closes_the_socket) {
    for (int closes = 0; closes < 2; ++closes) {
        const godwit_context context = new_context();
        const godwit_socket out = new_reliable(context, GODWIT_PUSH, NULL),
                            in = new_reliable(context, GODWIT_PULL, NULL);
        godwit_consume_options options = GODWIT_CONSUME_OPTIONS_INIT;
        struct work mine = {{0}, {0}, 0, 0, 20};
        meet(in, out, 0);
        MUST(godwit_stop_open(&options.stop, NULL));
        if (closes) {
            mine.in = in;
        } else {
            mine.stop = options.stop;
        }
        for (int i = 0; i < 10; ++i) MUST(godwit_send(out, godwit_text("job"), NULL, NULL));
        GIVES(closes ? GODWIT_CLOSED : GODWIT_OK, godwit_consume(in, work, &mine, end_work, &options, NULL));
        CHECK(mine.handled == 20 && mine.drops == 1);
        if (!closes) MUST(godwit_flush(out, GODWIT_STAGE_PROCESSED, SOON, NULL));
        MUST(godwit_stop_close(options.stop, NULL));
        end_socket(in);
        GIVES(GODWIT_CLOSED, godwit_consume(in, work, &mine, end_work, NULL, NULL));
        CHECK(mine.drops == 2);
        end_socket(out);
        end_context(context);
    }
}

TEST(a_journal_keeps_records_and_gives_them_to_readers) {
    godwit_journal journal, twin;
    godwit_stream stream;
    godwit_reader reader;
    godwit_cursor cursor;
    godwit_stream_info streams[2];
    godwit_reading reading = GODWIT_READING_INIT;
    godwit_record records[8];
    godwit_journal_recovery recovery = {sizeof recovery, 0, 0, 0, 0, 0};
    godwit_parts parts = GODWIT_PARTS_INIT;
    godwit_message messages[3];
    uint64_t first = 99, end = 99, at = 99, high = 0, low = 0, bytes = 0;
    size_t count = 0;
    char path[128], copy[160], saved[160];
    snprintf(path, sizeof path, "%s/journal", new_folder());
    snprintf(copy, sizeof copy, "%s.copy", path);
    snprintf(saved, sizeof saved, "%s.saved", path);

    MUST(godwit_journal_open(godwit_text(path), NULL, &journal, NULL));
    GIVES(GODWIT_LOCKED, godwit_journal_open(godwit_text(path), NULL, &twin, NULL));
    MUST(godwit_journal_recovered(journal, &recovery, NULL));
    CHECK(recovery.is_new && recovery.epoch == 1);
    MUST(godwit_stream_open(journal, godwit_text("orders"), NULL, &stream, NULL));
    for (int i = 0; i < 3; ++i) {
        parts.body = godwit_text(i == 0 ? "zero" : i == 1 ? "one" : "two");
        MUST(godwit_message_make(&parts, &messages[i], NULL));
    }
    MUST(godwit_append(stream, messages, 3, GODWIT_STAGE_DURABLE, SOON, &at, NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_append(stream, messages, 0, GODWIT_STAGE_DURABLE, SOON, &at, NULL));
    GIVES(GODWIT_UNSUPPORTED, godwit_append(stream, messages, 1, GODWIT_STAGE_PROCESSED, SOON, &at, NULL));
    for (int i = 0; i < 3; ++i) MUST(godwit_message_release(messages[i], NULL));
    MUST(godwit_stream_range(stream, &first, &end, NULL));
    CHECK(first == at && end == at + 3);
    MUST(godwit_stream_read(stream, at + 1, &first, &messages[0], NULL));
    CHECK(first == at + 1);
    expect_message(messages[0], "one");
    GIVES(GODWIT_NOT_FOUND, godwit_stream_read(stream, end, NULL, &messages[0], NULL));
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_stream_trim(stream, 2, 1, NULL));
    MUST(godwit_stream_trim(stream, at, at, NULL));
    MUST(godwit_stream_id(stream, &high, &low, NULL));
    CHECK((high | low) != 0);
    MUST(godwit_journal_health(journal, NULL));
    MUST(godwit_journal_bytes_used(journal, &bytes, NULL));
    CHECK(bytes > 0);

    MUST(godwit_reader_open(godwit_text(path), &reader, NULL));
    streams[0].struct_size = sizeof streams[0];
    do {  // beside a writer it is a second late at most
        MUST(godwit_reader_refresh(reader, NULL));
        MUST(godwit_reader_streams(reader, streams, 2, &count, NULL));
    } while (count == 0 || streams[0].end != at + 3);
    CHECK(count == 1 && strcmp(streams[0].name, "orders") == 0 && streams[0].stream_low == low);
    reading.stream_high = high;
    reading.stream_low = low;
    reading.from = GODWIT_READ_OFFSET;
    reading.offset = at + 1;
    MUST(godwit_cursor_open(reader, &reading, &cursor, NULL));
    records[0].struct_size = sizeof records[0];
    MUST(godwit_cursor_next(cursor, records, 8, &count, NULL));
    CHECK(count == 2 && records[0].at == at + 1 && records[0].appended_ms > 0);
    expect_message(records[0].content, "one");
    expect_message(records[1].content, "two");
    MUST(godwit_cursor_next(cursor, records, 8, &count, NULL));
    CHECK(count == 0);
    MUST(godwit_reader_refresh(reader, NULL));
    reading.from = 7;
    GIVES(GODWIT_INVALID_ARGUMENT, godwit_cursor_open(reader, &reading, &cursor, NULL));
    MUST(godwit_reader_close(reader, NULL));
    GIVES(GODWIT_CLOSED, godwit_reader_refresh(reader, NULL));
    MUST(godwit_cursor_next(cursor, records, 8, &count, NULL));
    MUST(godwit_cursor_close(cursor, NULL));

    MUST(godwit_journal_snapshot(godwit_text(path), godwit_text(copy), NULL));
    GIVES(GODWIT_ALREADY_EXISTS, godwit_journal_snapshot(godwit_text(path), godwit_text(copy), NULL));
    GIVES(GODWIT_CONFLICT, godwit_journal_open(godwit_text(copy), NULL, &twin, NULL));
    MUST(godwit_journal_adopt(godwit_text(copy), NULL));
    MUST(godwit_journal_open(godwit_text(copy), NULL, &twin, NULL));
    MUST(godwit_journal_close(twin, NULL));
    MUST(godwit_journal_repair(godwit_text(copy), godwit_text(saved), &first, &end, NULL));
    CHECK(end == 0);
    MUST(godwit_stream_release(stream, NULL));
    MUST(godwit_journal_close(journal, NULL));
    MUST(godwit_journal_close(journal, NULL));
    GIVES(GODWIT_CLOSED, godwit_journal_health(journal, NULL));
    GIVES(GODWIT_NOT_FOUND, godwit_reader_open(godwit_text("/nonexistent"), &reader, NULL));
    drop_folder();
}

TEST(what_a_push_has_in_its_journal_goes_out_after_it_was_opened_again) {
    const godwit_ack_retry how = GODWIT_ACK_RETRY_INIT;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    char path[128];
    snprintf(path, sizeof path, "%s/journal", new_folder());
    for (int life = 0; life < 2; ++life) {
        const godwit_context context = new_context();
        godwit_journal journal;
        godwit_receipt receipt;
        godwit_delivery got;
        int32_t outcome = -1;
        MUST(godwit_journal_open(godwit_text(path), NULL, &journal, NULL));
        options.ack_retry = &how;
        MUST(godwit_stream_open(journal, godwit_text("outbox"), NULL, &options.journal, NULL));
        const godwit_socket out = new_socket(context, GODWIT_PUSH, &options);
        MUST(godwit_stream_release(options.journal, NULL));
        MUST(godwit_bind(out, godwit_text("inproc://outbox"), NULL, NULL));
        if (life == 0) {
            MUST(godwit_send(out, godwit_text("kept"), &receipt, NULL));
            MUST(godwit_receipt_wait(receipt, GODWIT_STAGE_DURABLE, SOON, &outcome, NULL));
        } else {
            const godwit_socket in = new_reliable(context, GODWIT_PULL, NULL);
            MUST(godwit_connect(in, godwit_text("inproc://outbox"), NULL));
            MUST(godwit_recv(in, SOON, &got, NULL));
            MUST(godwit_ack(got, NULL));
            expect(got, "kept");
            MUST(godwit_flush(out, GODWIT_STAGE_PROCESSED, SOON, NULL));
            end_socket(in);
        }
        MUST(godwit_socket_close(out, SOON, NULL));
        end_context(context);
        MUST(godwit_journal_close(journal, NULL));
    }
    drop_folder();
}
