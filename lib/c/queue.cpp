#include "godwit/c/queue.h"

#include <coroutine>

#include "c/completion_queue.hpp"
#include "c/guarded.hpp"
#include "c/receipts.hpp"

namespace godwit::c {

// Not of the unnamed namespace: a coroutine's frame has them as its parts.
// A coroutine that nobody waits for.
struct detached {
    struct promise_type {
        detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}  // nothing in them throws once they run
    };
};

using shared_queue = std::shared_ptr<completion_queue>;
using place = completion_queue::place;

void keep(completion_queue::operation& into, delivery&& came) { into.came = as_request(std::move(came)); }
void keep(completion_queue::operation& into, request&& came) {
    into.came = std::move(came);
    into.can_reply = true;
}
void keep(completion_queue::operation& into, message&& came) { into.reply = std::move(came); }
void keep(completion_queue::operation& into, receipt&& given) { into.receipt = as_value(given); }

template <class Call>
detached run(shared_queue queue, place which, awaitable<Call> waiting) {
    auto came = co_await waiting;
    if (came) {
        keep(*which, *std::move(came));
    } else {
        which->why = came.error();
    }
    queue->complete(which);
}

namespace {

constexpr godwit_queue_options no_queue_options = GODWIT_QUEUE_OPTIONS_INIT;

// What cannot begin has no completion: the call itself fails then.
template <class Start>
status hand_in(godwit_queue handle, godwit_socket from, std::int32_t kind, std::uint64_t tag, std::int64_t timeout_ns,
               std::uint64_t* number, Start&& start) {
    const auto found = tables().sockets.at(from.id);
    const shared_queue queue = *tables().queues.at(handle.id);
    const place which = queue->begin(kind, tag, from.id);
    const std::uint64_t given = which->number;
    async_options options;
    if (timeout_ns != GODWIT_DEFAULT) options.within = timeout_of(timeout_ns);
    try {
        options.stop = which->stop.get_token();
        start(*found, queue, which, std::move(options));
    } catch (...) {
        queue->withdraw(which);
        throw;
    }
    if (number != nullptr) *number = given;
    return {};
}

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

void godwit_queue_options_init(godwit_queue_options* out) {
    if (out != nullptr) *out = no_queue_options;
}

godwit_status godwit_queue_open(const godwit_queue_options* options, godwit_queue* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        godwit_queue& into = needed(out, "out");
        const auto most = read_struct(options, no_queue_options).operations_max;
        if (most < 1 || most > 1'000'000)
            return godwit::error{godwit::errc::invalid_argument, "operations_max = " + std::to_string(most),
                                 "give 1 to 1,000,000"};
        into.id = tables().queues.add(std::make_shared<completion_queue>(most));
        return {};
    });
}

godwit_status godwit_queue_close(godwit_queue queue, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        if (const auto found = tables().queues.retired(queue.id)) (**found)->close();
        return {};
    });
}

godwit_status godwit_queue_descriptor(godwit_queue queue, int* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().queues.at(queue.id);
        needed(out, "out") = (*found)->descriptor();
        return {};
    });
}

godwit_status godwit_queue_next(godwit_queue queue, godwit_completion* out, size_t max, size_t* count,
                                int64_t timeout_ns, godwit_error* error) {
    if (count != nullptr) *count = 0;
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().queues.at(queue.id);
        return (*found)->next(out, max, needed(count, "count"), timeout_of(timeout_ns));
    });
}

godwit_status godwit_queue_recv(godwit_queue queue, godwit_socket socket, int64_t timeout_ns, uint64_t tag,
                                uint64_t* operation, godwit_error* error) {
    return guarded(error, [&] {
        const auto start = [&](any_socket& from, const shared_queue& into, place which,
                               godwit::async_options&& options) {
            if (auto* const in = std::get_if<godwit::sub>(&from.it)) {
                run(into, which, in->async_recv(std::move(options)));
            } else if (auto* const asked = std::get_if<godwit::rep>(&from.it)) {
                run(into, which, asked->async_recv(std::move(options)));
            } else {
                run(into, which, from.as<godwit::pull>().async_recv(std::move(options)));
            }
        };
        return hand_in(queue, socket, GODWIT_DID_RECV, tag, timeout_ns, operation, start);
    });
}

godwit_status godwit_queue_send(godwit_queue queue, godwit_socket socket, const godwit_parts* parts, int64_t timeout_ns,
                                uint64_t tag, uint64_t* operation, godwit_error* error) {
    return guarded(error, [&] {
        auto whole = make_message(parts);
        const auto start = [&](any_socket& from, const shared_queue& into, place which,
                               godwit::async_options&& options) {
            run(into, which, from.as<godwit::push>().async_send(std::move(whole), std::move(options)));
        };
        return hand_in(queue, socket, GODWIT_DID_SEND, tag, timeout_ns, operation, start);
    });
}

godwit_status godwit_queue_request(godwit_queue queue, godwit_socket socket, const godwit_parts* parts,
                                   int64_t timeout_ns, uint64_t tag, uint64_t* operation, godwit_error* error) {
    return guarded(error, [&] {
        auto whole = make_message(parts);
        const auto start = [&](any_socket& from, const shared_queue& into, place which,
                               godwit::async_options&& options) {
            run(into, which, from.as<godwit::req>().async_request(std::move(whole), std::move(options)));
        };
        return hand_in(queue, socket, GODWIT_DID_REQUEST, tag, timeout_ns, operation, start);
    });
}

godwit_status godwit_queue_cancel(godwit_queue queue, uint64_t operation, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().queues.at(queue.id);
        return (*found)->cancel(operation);
    });
}
