#include "core/consuming.hpp"

#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/receiving.hpp"

namespace godwit::detail {

namespace {

constexpr unsigned concurrency_max = 1024;

// A handler may consume another socket, or the same one, in its turn.
struct handled {
    const plain_socket* socket;
    const delivery* what;
    const handled* around;
};
thread_local const handled* innermost = nullptr;

struct pool {
    plain_socket& socket;
    const consume_handler& handler;
    const consume_options& options;
    std::stop_source ended;  // one of the threads has ended, or all are to

    std::mutex lock;
    // Guarded by lock:
    status outcome;

    void end(status why) {
        const std::lock_guard hold{lock};
        if (ended.request_stop()) outcome = std::move(why);
    }
    // False: to be told by the end.
    bool tell_gap(const error& gap) {
        if (gap.code() != errc::gap || !options.on_gap) return false;
        options.on_gap(gap);
        return true;
    }
    void handle(delivery& one) {
        const handled me{&socket, &one, innermost};
        innermost = &me;
        struct left {
            ~left() { innermost = innermost->around; }
        } const at_end;
        try {
            handler(one);
            one.ack();
        } catch (...) {
            one.nack();
        }
    }
    void run() {
        while (!ended.stop_requested()) {
            auto got = receive(socket, timeout::never, ended.get_token());
            if (got) {
                handle(*got);
            } else if (got.failed(errc::cancelled)) {
                return;
            } else if (!tell_gap(got.error())) {
                return end(got.error());
            }
        }
    }
    void run_guarded() {
        try {
            run();
        } catch (...) {
            end(errc::no_resources);
        }
    }
};

}  // namespace

bool has_in_hand(const plain_socket& socket) noexcept {
    for (const handled* one = innermost; one != nullptr; one = one->around) {
        if (one->socket == &socket && !one->what->settled()) return true;
    }
    return false;
}

status consume(plain_socket& socket, const consume_handler& handler, const consume_options& options) {
    if (options.concurrency < 1 || options.concurrency > concurrency_max) {
        return error{errc::invalid_argument, "concurrency = " + std::to_string(options.concurrency), "give 1 to 1,024"};
    }
    pool all{socket, handler, options, {}, {}, {}};
    const std::stop_callback on_stop{options.stop, [&] { all.ended.request_stop(); }};
    std::vector<std::jthread> helpers;
    try {
        for (unsigned i = 1; i < options.concurrency; ++i) helpers.emplace_back([&all] { all.run_guarded(); });
    } catch (const std::system_error& failure) {
        all.end(error{errc::no_resources, failure.what()});
    }
    all.run_guarded();
    helpers.clear();
    return std::move(all.outcome);
}

}  // namespace godwit::detail
