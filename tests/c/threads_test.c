// Threads that wait while a handle is closed, and 100,000 of each kind made and closed.
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <pthread.h>
#include <time.h>

#include "c/check.h"

struct waiting {
    int what;
    godwit_socket in, ask;
    godwit_queue queue;
    godwit_pending pending;
    pthread_barrier_t* begin;
    godwit_status status;
};

static int32_t never(void* user_data, godwit_delivery delivery) { return (void)user_data, (void)delivery, 0; }

static void* wait_in_it(void* argument) {
    struct waiting* const mine = argument;
    const godwit_stop none = {0};
    godwit_delivery got;
    godwit_event event = {sizeof event, 0, 0, 0, 0, {0}, {0}};
    godwit_message reply;
    godwit_completion done;
    size_t count;
    done.struct_size = sizeof done;
    pthread_barrier_wait(mine->begin);
    switch (mine->what) {
        case 0:
            mine->status = godwit_recv(mine->in, GODWIT_NEVER, &got, NULL);
            break;
        case 1:
            mine->status = godwit_recv_many(mine->in, &got, 1, &count, GODWIT_NEVER, none, NULL);
            break;
        case 2:
            do {
                mine->status = godwit_next_event(mine->in, GODWIT_NEVER, &event, NULL);
            } while (mine->status == GODWIT_OK);
            break;
        case 3:
            mine->status = godwit_wait_for_peers(mine->in, 1000, GODWIT_NEVER, NULL);
            break;
        case 4:
            mine->status = godwit_consume(mine->in, never, NULL, NULL, NULL, NULL);
            break;
        case 5:
            mine->status = godwit_queue_next(mine->queue, &done, 1, &count, GODWIT_NEVER, NULL);
            break;
        default:
            mine->status = godwit_pending_wait(mine->pending, GODWIT_NEVER, &reply, NULL);
            break;
    }
    return NULL;
}

TEST(closing_wakes_every_thread_that_waits_with_closed) {
    enum { threads = 7, rounds = 20 };
    for (int round = 0; round < rounds; ++round) {
        const godwit_context context = new_context();
        const godwit_socket in = new_socket(context, GODWIT_PULL, NULL), ask = new_socket(context, GODWIT_REQ, NULL);
        const godwit_socket serve = new_socket(context, GODWIT_REP, NULL);
        struct waiting waiting[threads];
        pthread_t ids[threads];
        pthread_barrier_t begin;
        godwit_queue queue;
        godwit_pending pending;
        godwit_delivery got;
        CHECK(pthread_barrier_init(&begin, NULL, threads + 1) == 0);
        MUST(godwit_bind(in, godwit_text(round % 2 ? "inproc://wait" : "tcp://127.0.0.1:*"), NULL, NULL));
        meet(serve, ask, 0);
        MUST(godwit_request_open(ask, NULL, NULL, &pending, NULL));
        MUST(godwit_queue_open(NULL, &queue, NULL));
        for (int i = 0; i < threads; ++i) {
            const struct waiting one = {i, in, ask, queue, pending, &begin, GODWIT_OK};
            waiting[i] = one;
            CHECK(pthread_create(&ids[i], NULL, wait_in_it, &waiting[i]) == 0);
        }
        pthread_barrier_wait(&begin);
        end_socket(in);
        end_socket(ask);
        MUST(godwit_queue_close(queue, NULL));
        for (int i = 0; i < threads; ++i) {
            CHECK(pthread_join(ids[i], NULL) == 0);
            GIVES(GODWIT_CLOSED, waiting[i].status);
        }
        MUST(godwit_pending_release(pending, NULL));
        MUST(godwit_recv(serve, SOON, &got, NULL));
        MUST(godwit_delivery_release(got, NULL));
        end_socket(serve);
        end_context(context);
        CHECK(pthread_barrier_destroy(&begin) == 0);
    }
}

struct racing {
    godwit_socket socket;
    godwit_message message;
    pthread_barrier_t* begin;
};
static void* race(void* argument) {
    const struct racing* const mine = argument;
    godwit_view view = GODWIT_VIEW_INIT;
    godwit_socket_counters counters = {sizeof counters, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    godwit_status status = GODWIT_OK;
    pthread_barrier_wait(mine->begin);
    while (status == GODWIT_OK) {
        status = godwit_socket_count(mine->socket, &counters, NULL);
        const godwit_status seen = godwit_message_view(mine->message, &view, NULL);
        CHECK(seen == GODWIT_OK || seen == GODWIT_CLOSED);
    }
    GIVES(GODWIT_CLOSED, status);
    MUST(godwit_socket_close(mine->socket, 0, NULL));
    MUST(godwit_message_release(mine->message, NULL));
    return NULL;
}

TEST(threads_may_use_a_handle_while_others_close_it) {
    enum { threads = 3, rounds = 200 };
    const godwit_context context = new_context();
    for (int round = 0; round < rounds; ++round) {
        struct racing racing = {new_socket(context, GODWIT_PULL, NULL), {0}, NULL};
        pthread_t ids[threads];
        pthread_barrier_t begin;
        CHECK(pthread_barrier_init(&begin, NULL, threads + 1) == 0);
        racing.begin = &begin;
        MUST(godwit_message_make(NULL, &racing.message, NULL));
        for (int i = 0; i < threads; ++i) CHECK(pthread_create(&ids[i], NULL, race, &racing) == 0);
        pthread_barrier_wait(&begin);
        MUST(godwit_message_release(racing.message, NULL));
        end_socket(racing.socket);
        for (int i = 0; i < threads; ++i) CHECK(pthread_join(ids[i], NULL) == 0);
        CHECK(pthread_barrier_destroy(&begin) == 0);
    }
    end_context(context);
}

static long resident_pages(void) {
    long size = 0, resident = 0;
    FILE* const file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident;
}
static int descriptors(void) {
    int count = 0;
    DIR* const folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    while (readdir(folder) != NULL) ++count;
    closedir(folder);
    return count;
}

TEST(a_hundred_thousand_of_each_kind_leave_nothing_behind) {
#ifdef GODWIT_TEST_SANITIZED
    enum { rounds = 2000, growth_max = 512 << 20 };  // what is freed is kept for a while there
#else
    enum { rounds = 100000, growth_max = 8 << 20 };
#endif
    long before = 0;
    int open_before = 0;
    for (int round = 0; round < rounds; ++round) {
        godwit_queue queue;
        godwit_stop stop;
        godwit_message message;
        const godwit_context context = new_context();
        const godwit_socket in = new_socket(context, GODWIT_PULL, NULL), out = new_reliable(context, GODWIT_PUSH, NULL);
        MUST(godwit_queue_open(NULL, &queue, NULL));
        MUST(godwit_stop_open(&stop, NULL));
        MUST(godwit_message_make(NULL, &message, NULL));
        if (round % 100 == 0) {
            MUST(godwit_bind(in, godwit_text("inproc://cycle"), NULL, NULL));
            MUST(godwit_queue_recv(queue, in, GODWIT_NEVER, 0, NULL, NULL));
        }
        MUST(godwit_message_release(message, NULL));
        MUST(godwit_stop_close(stop, NULL));
        MUST(godwit_queue_close(queue, NULL));
        end_socket(in);
        end_socket(out);
        end_context(context);
        if (round == rounds / 10) {
            before = resident_pages();
            open_before = descriptors();
        }
    }
    CHECK(descriptors() <= open_before + 2);
    CHECK((resident_pages() - before) * 4096 < growth_max);
    CHECK(godwit_handles_open() == 0);
}
