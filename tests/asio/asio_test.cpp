// Sockets on Asio's executors: any completion token, executor, allocator and cancellation slot; nothing lost.
#include "godwit/asio.hpp"

#include <poll.h>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <array>
#include <deque>
#include <functional>
#include <stdexcept>
#include <thread>

#include "conformance/expect.hpp"
#include "conformance/race.hpp"
#include "conformance/transports.hpp"

using namespace conformance;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);
using async_pull = godwit::asio::async<godwit::pull>;

struct linked {
    explicit linked(const transport& over, godwit::socket_options options = {}) : out{ctx, options}, in{ctx, options} {
        must(out.connect(must(in.bind(over.url()))));
        must(in.wait_for_peers(1, soon));
    }
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
    asio::io_context io;
};

void run(asio::io_context& io) {
    io.restart();
    io.run_for(soon);
    if (!io.stopped()) FAIL("it does not end");
}

}  // namespace

GODWIT_EACH_TRANSPORT("a handler gets what is there and what comes later, and never before the call has returned") {
    linked both{over};
    async_pull in{both.io, both.in};
    std::string seen;
    const auto take = [&](std::error_code ec, godwit::delivery got) {
        seen += (ec ? ec.message() : std::string{got.text()}) + ";";
    };
    must(both.out.send("first"));
    pollfd there{must(both.in.descriptor()), POLLIN, 0};
    REQUIRE(::poll(&there, 1, 20'000) == 1);
    in.async_recv(take);
    REQUIRE(seen.empty());
    run(both.io);
    in.async_recv(take);
    std::jthread sender{[&] { must(both.out.send("second")); }};
    run(both.io);
    REQUIRE(seen == "first;second;");
}

GODWIT_EACH_TRANSPORT("a flood arrives whole and in order, through use_awaitable, one at a time and many") {
    linked both{over};
    constexpr int count = sanitized ? 2'000 : 20'000;
    std::jthread sender{[&] {
        for (int i = 0; i < count; ++i) must(both.out.send(std::to_string(i)));
    }};
    int received = 0;
    bool in_order = true;
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            async_pull in{both.io, both.in};
            for (; received < count / 2; ++received) {
                const auto got = co_await in.async_recv(asio::use_awaitable);
                in_order = in_order && got.text() == std::to_string(received);
            }
            std::array<godwit::delivery, 32> some;
            while (received < count) {
                const auto got = co_await in.async_recv_many(some, asio::use_awaitable);
                for (std::size_t i = 0; i < got; ++i, ++received) {
                    in_order = in_order && some[i].text() == std::to_string(received);
                }
            }
        },
        asio::detached);
    run(both.io);
    REQUIRE(received == count);
    REQUIRE(in_order);
}

// Receives by itself, again and again, as programs without coroutines do.
struct chain {
    void start() {
        starting = true;
        from.async_recv(taker{this});
        starting = false;
    }
    struct taker {
        chain* its;
        void operator()(std::error_code ec, const godwit::delivery& got) const { its->take(ec, got); }
    };
    void take(std::error_code ec, const godwit::delivery& got) {
        if (starting || within) inside = true;
        within = true;
        if (!ec && got.text() == std::to_string(received)) ++received;
        if (!ec && received < count) start();
        within = false;
        if (received == throws_at) throw std::runtime_error{"from a handler"};
    }

    async_pull& from;
    int count;
    int throws_at = -1;
    int received = 0;
    bool starting = false, within = false, inside = false;
};

GODWIT_EACH_TRANSPORT(
    "a chain of handlers runs one after the other, never within a call, and leaves others their turn") {
    linked both{over};
    async_pull in{both.io, both.in};
    constexpr int count = sanitized ? 2'000 : 20'000;
    chain receives{in, count};
    int turns = 0;
    std::function<void()> other = [&] {
        ++turns;
        if (receives.received < count) asio::post(both.io, other);
    };
    std::jthread sender{[&] {
        for (int i = 0; i < count; ++i) must(both.out.send(std::to_string(i)));
    }};
    receives.start();
    asio::post(both.io, other);
    run(both.io);
    REQUIRE(receives.received == count);
    REQUIRE_FALSE(receives.inside);
    REQUIRE(turns >= count / 128);
}

GODWIT_EACH_TRANSPORT("what a handler has started goes on when that handler throws") {
    linked both{over};
    async_pull in{both.io, both.in};
    for (int i = 0; i < 10; ++i) must(both.out.send(std::to_string(i)));
    chain receives{in, 10, 5};
    receives.start();
    REQUIRE_THROWS_WITH(both.io.run_for(soon), "from a handler");
    run(both.io);
    REQUIRE(receives.received == 10);
    REQUIRE_FALSE(receives.inside);
}

GODWIT_EACH_TRANSPORT(
    "recv() for coroutines returns what is there, waits for what is not, leaves others their turn, and throws") {
    linked both{over};
    constexpr int count = sanitized ? 2'000 : 20'000;
    int received = 0, turns = 0;
    std::string ended;
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            async_pull in{both.io, both.in};
            try {
                for (;; ++received) {
                    const auto got = co_await in.recv();
                    if (got.text() != std::to_string(received)) co_return;
                    if (received == 0) co_await asio::post(asio::use_awaitable);
                }
            } catch (const std::system_error& failure) {
                ended = failure.code() == godwit::errc::closed ? "closed" : failure.what();
            }
        },
        asio::detached);
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            for (; received < count; ++turns) co_await asio::post(asio::use_awaitable);
            must(both.in.close());
        },
        asio::detached);
    std::jthread sender{[&] {
        for (int i = 0; i < count; ++i) must(both.out.send(std::to_string(i)));
    }};
    run(both.io);
    REQUIRE(received == count);
    REQUIRE(turns >= count / 512);
    REQUIRE(ended == "closed");
}

GODWIT_EACH_TRANSPORT("many requests at once through one socket, each with its own reply; a rep serves them") {
    linked both{over};
    godwit::req client{both.ctx};
    godwit::rep server{both.ctx};
    must(client.connect(must(server.bind(over.url()))));
    must(client.wait_for_peers(1, soon));
    constexpr int count = 100;
    int right = 0, served = 0;
    godwit::asio::async<godwit::req> asks{both.io, client};
    godwit::asio::async<godwit::rep> serves{both.io, server};
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            for (; served < count; ++served) {
                auto asked = co_await serves.async_recv(asio::use_awaitable);
                (void)asked.reply("re: " + std::string{asked.text()});
            }
        },
        asio::detached);
    for (int i = 0; i < count; ++i) {
        asio::co_spawn(
            both.io,
            [&asks, &right, i]() -> asio::awaitable<void> {
                const std::string body = std::to_string(i);
                const auto reply = co_await asks.async_request(body, asio::use_awaitable);
                right += reply.text() == "re: " + body ? 1 : 0;
            },
            asio::detached);
    }
    run(both.io);
    REQUIRE(served == count);
    REQUIRE(right == count);
}

GODWIT_EACH_TRANSPORT("async_send waits for room") {
    godwit::socket_options small;
    small.queue_messages_max = 2;
    linked both{over, small};
    const std::string body = pattern_of(200'000);
    godwit::asio::async<godwit::push> out{both.io, both.out};
    async_pull in{both.io, both.in};
    constexpr int count = 50;
    int sent = 0, received = 0;
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            for (; sent < count; ++sent) co_await out.async_send(godwit::message{body}, asio::use_awaitable);
        },
        asio::detached);
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            for (; received < count; ++received) {
                const auto got = co_await in.async_recv(asio::use_awaitable);
                if (got.text() != body) co_return;
            }
        },
        asio::detached);
    run(both.io);
    REQUIRE(sent == count);
    REQUIRE(received == count);
}

GODWIT_EACH_TRANSPORT("cancelled at the last moment, a message is received or still in the queue") {
    linked both{over};
    async_pull in{both.io, both.in};
    constexpr int rounds = sanitized ? 300 : 2000;
    int received = 0, cancelled = 0;
    constexpr asio::cancellation_type types[] = {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                                 asio::cancellation_type::total};
    for (int i = 0; i < rounds; ++i) {
        asio::cancellation_signal stop;
        std::string seen;
        in.async_recv(asio::bind_cancellation_slot(stop.slot(), [&](std::error_code ec, const godwit::delivery& got) {
            cancelled += ec == asio::error::operation_aborted && ec == godwit::errc::cancelled ? 1 : 0;
            seen = got.text();
        }));
        std::jthread loop{[&] { run(both.io); }};
        race(
            i, [&] { must(both.out.send(std::to_string(i))); },
            [&] { asio::post(both.io, [&] { stop.emit(types[i % 3]); }); });
        loop.join();
        received += seen.empty() ? 0 : 1;
        if ((seen.empty() ? receive(both.in) : seen) != std::to_string(i)) FAIL("another message than was sent");
        if (both.in.recv(0s)) FAIL("received twice");
        run(both.io);  // what was posted
    }
    INFO(received << " of " << rounds << " were received");
    REQUIRE(received + cancelled == rounds);
    REQUIRE(received > 0);
    REQUIRE(cancelled > 0);
}

TEST_CASE("of two awaited together, the one that comes second takes nothing") {
    linked both{*find_transport("inproc")};
    godwit::pull idle{both.ctx};
    godwit::push feeds{both.ctx};
    must(feeds.connect(must(idle.bind("inproc://idle"))));
    std::size_t first = 9;
    must(both.out.send("x"));
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            async_pull busy_one{both.io, both.in}, idle_one{both.io, idle};
            const auto won =
                co_await (idle_one.async_recv(asio::use_awaitable) || busy_one.async_recv(asio::use_awaitable));
            first = won.index();
        },
        asio::detached);
    run(both.io);
    REQUIRE(first == 1);
    must(feeds.send("kept"));
    REQUIRE(receive(idle) == "kept");
}

TEST_CASE("close, cancel() and the end of the object end what waits") {
    linked both{*find_transport("ipc_abstract")};
    std::string seen;
    const auto tell = [&](std::error_code ec, const godwit::delivery&) {
        seen += ec == asio::error::operation_aborted ? "aborted;" : ec == godwit::errc::closed ? "closed;" : "?";
    };
    {
        async_pull in{both.io, both.in};
        in.async_recv(tell);
        asio::post(both.io, [&] { in.cancel(); });
        run(both.io);
        in.async_recv(tell);
        in.async_recv(tell);
    }
    run(both.io);
    async_pull in{both.io, both.in};
    in.async_recv(tell);
    asio::post(both.io, [&] { must(both.in.close()); });
    run(both.io);
    in.async_recv(tell);
    run(both.io);
    REQUIRE(seen == "aborted;aborted;aborted;closed;closed;");
    const std::error_code closed{static_cast<int>(godwit::errc::closed), godwit::error_category()};
    REQUIRE(closed.message() == godwit::error{godwit::errc::closed}.what());
    REQUIRE(closed != godwit::errc::cancelled);
}

TEST_CASE("futures, tuples, strands and the handler's own executor are honoured") {
    linked both{*find_transport("inproc")};
    asio::io_context other;
    async_pull in{both.io, both.in};
    auto future = in.async_recv(asio::use_future);
    must(both.out.send("to a future"));
    run(both.io);
    REQUIRE(future.get().text() == "to a future");

    std::string seen;
    asio::co_spawn(
        both.io,
        [&]() -> asio::awaitable<void> {
            auto [ec, got] = co_await in.async_recv(as_tuple);
            seen = ec ? ec.message() : std::string{got.text()};
        },
        asio::detached);
    must(both.out.send("to a tuple"));
    run(both.io);
    REQUIRE(seen == "to a tuple");

    for (const bool at_once : {true, false}) {
        const auto strand = asio::make_strand(other);
        bool there = false;
        if (at_once) must(both.out.send("x"));
        in.async_recv(asio::bind_executor(strand, [&](std::error_code ec, const godwit::delivery&) {
            there = !ec && strand.running_in_this_thread();
        }));
        if (!at_once) must(both.out.send("x"));
        std::jthread stepping{[&] {
            auto work = asio::make_work_guard(both.io);
            both.io.restart();
            both.io.run_for(at_once ? 1ms : 1000ms);
        }};
        REQUIRE(eventually([&] { return other.restart(), other.poll() > 0 && there; }));
        both.io.stop();
    }
}

TEST_CASE("an io_context may end with calls that wait and with what they have taken") {
    linked both{*find_transport("ipc_abstract")};
    for (int i = 0; i < 20; ++i) {
        asio::io_context io;
        asio::co_spawn(
            io,
            [&both, &io]() -> asio::awaitable<void> {
                async_pull in{io, both.in};
                for (;;) co_await in.async_recv(asio::use_awaitable);
            },
            asio::detached);
        if (i % 2 == 0) must(both.out.send("x"));
        io.run_one();
        io.poll();
    }
    must(both.out.send("last"));
    while (receive(both.in) != "last") {}
}
