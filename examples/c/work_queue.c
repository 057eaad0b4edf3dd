// A work queue from C: at least once, with receipts. A job whose handler fails comes again; one that is rejected is a dead letter.
// Usage: work_queue [URL], by default inproc://jobs. The same program in any language that calls C: godwit/godwit.h.
// Prints: what was done at which attempt, and what became of each job.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "godwit/godwit.h"

#define WITHIN INT64_C(30000000000)

static void must(godwit_status status) {
    godwit_error why = GODWIT_ERROR_INIT;
    if (status == GODWIT_OK) return;
    godwit_last_error(&why);
    fprintf(stderr, "work_queue: %s\n", why.message);
    exit(1);
}

static godwit_socket open_reliable(godwit_context context, int32_t pattern) {
    godwit_ack_retry at_least_once = GODWIT_ACK_RETRY_INIT;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    godwit_socket made;
    at_least_once.backoff_min_ms = 1;
    at_least_once.backoff_max_ms = 10;
    options.ack_retry = &at_least_once;
    must(godwit_socket_open(context, pattern, &options, &made, NULL));
    return made;
}

// Whether it is done with, one way or the other.
static int work(godwit_delivery job) {
    int is_finished = 1;
    godwit_delivery_view view = GODWIT_DELIVERY_VIEW_INIT;
    must(godwit_delivery_get(job, &view, NULL));
    const char kind = view.body.size > 0 ? *(const char*)view.body.data : '?';
    printf("attempt %u of %.*s: ", view.attempt, (int)view.body.size, (const char*)view.body.data);
    if (kind == 'b') {
        puts("it never will be possible");
        must(godwit_reject(job, godwit_text("malformed order"), NULL));
    } else if (kind == 's' && view.attempt == 1) {
        puts("not now");
        must(godwit_nack(job, 0, NULL));
        is_finished = 0;
    } else {
        puts("done");
        must(godwit_ack(job, NULL));
    }
    must(godwit_delivery_release(job, NULL));
    return is_finished;
}

int main(int count, char** arguments) {
    static const char* const jobs[] = {"good", "shy", "bad"};
    godwit_context context;
    godwit_message bound;
    godwit_view url = GODWIT_VIEW_INIT;
    godwit_receipt receipt;
    int32_t outcome;

    must(godwit_context_open(NULL, &context, NULL));
    const godwit_socket in = open_reliable(context, GODWIT_PULL), out = open_reliable(context, GODWIT_PUSH);
    must(godwit_bind(in, godwit_text(count > 1 ? arguments[1] : "inproc://jobs"), &bound, NULL));
    must(godwit_message_view(bound, &url, NULL));  // with the real port
    must(godwit_connect(out, url.body, NULL));
    must(godwit_message_release(bound, NULL));

    for (int i = 0; i < 3; ++i) {
        must(godwit_send(out, godwit_text(jobs[i]), &receipt, NULL));
        godwit_delivery job;
        do {
            must(godwit_recv(in, WITHIN, &job, NULL));
        } while (!work(job));
        must(godwit_receipt_wait(receipt, GODWIT_STAGE_PROCESSED, WITHIN, &outcome, NULL));
        printf("%s: %s\n", jobs[i], outcome == GODWIT_OUTCOME_PROCESSED ? "processed" : "refused");
    }
    must(godwit_socket_close(out, GODWIT_LINGER, NULL));
    must(godwit_socket_close(in, GODWIT_LINGER, NULL));
    must(godwit_context_close(context, GODWIT_NEVER, NULL));
    return 0;
}
