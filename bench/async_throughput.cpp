// Godwit: a flood from a push to a pull that waits in one way of several, --way: block, block_many,
// coroutine, coroutine_stop (with a stop token), coroutine_many, asio, asio_many, asio_recv (its awaitable).
#include <sys/resource.h>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <algorithm>
#include <array>
#include <coroutine>
#include <exception>
#include <future>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "godwit/asio.hpp"

using namespace bench;

namespace {

constexpr std::size_t batch = 64;
using batch_array = std::array<godwit::delivery, batch>;

enum class waits { blocking, blocking_many, coroutine, stoppable, coroutine_many, asio_one, asio_many, asio_recv };

waits way_of(std::string_view word) {
    constexpr std::string_view words[] = {"block",          "block_many", "coroutine", "coroutine_stop",
                                          "coroutine_many", "asio",       "asio_many", "asio_recv"};
    const auto found = std::find(std::begin(words), std::end(words), word);
    if (found == std::end(words)) fail("--way says how to wait: block, coroutine, asio, ...");
    return static_cast<waits>(found - std::begin(words));
}

struct running {
    struct promise_type {
        running get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

// False when the end came.
bool count_all(counter& mine, std::span<const godwit::delivery> some) {
    for (const auto& each : some)
        if (!mine.count(each.body())) return false;
    return true;
}

void block(godwit::pull& in, counter& mine) {
    for (;;) {
        const auto got = in.recv();
        if (!mine.count(got.value().body())) return;
    }
}

void block_many(godwit::pull& in, counter& mine) {
    batch_array some;
    while (count_all(mine, {some.data(), in.recv_many(some).value()})) {}
}

running await_each(godwit::pull& in, std::stop_token stop, counter& mine, std::promise<void>& end) {
    for (;;) {
        const auto got = co_await in.async_recv(stop);
        if (!mine.count(got.value().body())) break;
    }
    end.set_value();
}

running await_many(godwit::pull& in, counter& mine, std::promise<void>& end) {
    batch_array some;
    for (;;) {
        const auto got = co_await in.async_recv_many(some);
        if (!count_all(mine, {some.data(), got.value()})) break;
    }
    end.set_value();
}

void await(godwit::pull& in, waits how, counter& mine) {
    std::promise<void> end;
    std::stop_source stop;
    if (how == waits::coroutine_many) {
        await_many(in, mine, end);
    } else {
        await_each(in, how == waits::stoppable ? stop.get_token() : std::stop_token{}, mine, end);
    }
    end.get_future().wait();
}

void on_asio(godwit::pull& in, waits how, counter& mine) {
    asio::io_context io{1};
    godwit::asio::async<godwit::pull, asio::io_context::executor_type> from{io, in};
    const auto one = [&]() -> asio::awaitable<void, asio::io_context::executor_type> {
        for (;;) {
            const auto got = co_await from.async_recv(asio::use_awaitable_t<asio::io_context::executor_type>{});
            if (!mine.count(got.body())) co_return;
        }
    };
    const auto direct = [&]() -> asio::awaitable<void, asio::io_context::executor_type> {
        for (;;) {
            const auto got = co_await from.recv();
            if (!mine.count(got.body())) co_return;
        }
    };
    const auto many = [&]() -> asio::awaitable<void, asio::io_context::executor_type> {
        batch_array some;
        for (;;) {
            const auto got =
                co_await from.async_recv_many(some, asio::use_awaitable_t<asio::io_context::executor_type>{});
            if (!count_all(mine, {some.data(), got})) co_return;
        }
    };
    if (how == waits::asio_recv)
        asio::co_spawn(io, direct, asio::detached);
    else
        how == waits::asio_many ? asio::co_spawn(io, many, asio::detached) : asio::co_spawn(io, one, asio::detached);
    io.run();
}

void receive(godwit::pull& in, waits how, counter& mine) {
    switch (how) {
        case waits::blocking:
            return block(in, mine);
        case waits::blocking_many:
            return block_many(in, mine);
        case waits::asio_one:
        case waits::asio_many:
        case waits::asio_recv:
            return on_asio(in, how, mine);
        default:
            return await(in, how, mine);
    }
}

// Of this process: over inproc both ends'. It says more than the rate when others keep the machine busy.
double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const auto way = way_of(args.way);
    run_ends<godwit::context>(
        args,
        [&](godwit::context& context, signal_pipe&) {
            godwit::pull in{context};
            in.bind(args.url).value();
            tally all;
            counter mine;
            const double before = cpu_seconds();
            receive(in, way, mine);
            const double used = cpu_seconds() - before;
            mine.add_to(all);
            all.print(args.count, args.count * args.size);
            std::cout << "cpu_ns_per_message " << used * 1e9 / static_cast<double>(args.count) << '\n';
        },
        [&](godwit::context& context, signal_pipe& done) {
            godwit::push out{context};
            out.connect(args.url).value();
            const std::vector<std::byte> body(args.size, std::byte{'x'});
            for (std::size_t sent = 0; sent < args.count; ++sent)
                if (!out.send(godwit::bytes{body})) fail("send failed");
            out.send(std::string_view{}).value();
            done.wait_for_end();
        });
}
