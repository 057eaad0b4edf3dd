// Coroutines: each call does what the blocking one does, without a thread; cancelled at the last moment, nothing is lost.
#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "conformance/race.hpp"
#include "conformance/task.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

namespace {

struct linked {
    explicit linked(const transport& over, godwit::socket_options options = {}) : out{ctx, options}, in{ctx, options} {
        must(out.connect(must(in.bind(over.url()))));
        must(in.wait_for_peers(1, soon));
    }
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
};

task echo(godwit::rep& server, int count) {
    for (int i = 0; i < count; ++i) {
        auto asked = co_await server.async_recv();
        if (!asked) co_return outcome(asked);
        (void)asked->reply("re: " + std::string{asked->text()});
    }
    co_return "ok";
}

task ask(godwit::req& client, std::string what, godwit::async_options options = {}) {
    auto reply = co_await client.async_request(what, std::move(options));
    co_return reply ? std::string{reply->text()} : outcome(reply);
}

task send(godwit::push& out, std::string what, godwit::async_options options = {}) {
    auto sent = co_await out.async_send(what, std::move(options));
    co_return outcome(sent);
}

// Suspends on the callback thread of the context once, so that what follows runs there.
task on_callback_thread(godwit::pull& in, std::function<void()> then) {
    auto first = co_await in.async_recv();
    then();
    co_return outcome(first);
}

}  // namespace

GODWIT_EACH_TRANSPORT("a coroutine takes what is there at once, and what comes later when it comes") {
    linked both{over};
    must(both.out.send("first"));
    REQUIRE(eventually([&] { return text_of(both.in, {.within = 0s}).saw() == "first"; }));
    task later = text_of(both.in);
    REQUIRE_FALSE(later.finished());
    must(both.out.send("second"));
    REQUIRE(later.saw() == "second");
}

GODWIT_EACH_TRANSPORT("a coroutine receives many at a time") {
    linked both{over};
    std::array<godwit::delivery, 8> some;
    task all = [](godwit::pull& in, std::span<godwit::delivery> out) -> task {
        std::size_t sum = 0;
        while (sum < 100) {
            auto got = co_await in.async_recv_many(out);
            if (!got) co_return outcome(got);
            sum += *got;
        }
        co_return std::to_string(sum);
    }(both.in, some);
    for (int i = 0; i < 100; ++i) must(both.out.send("x"));
    REQUIRE(all.saw() == "100");
}

GODWIT_EACH_TRANSPORT("a coroutine subscribed to a topic receives it") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    must(in.connect(must(out.bind(over.url()))));
    must(in.subscribe("a"));
    must(out.wait_for_subscribers("a", 1, soon));
    task got = text_of(in);
    must(out.send("a", "body"));
    REQUIRE(got.saw() == "body");
}

GODWIT_EACH_TRANSPORT("a thousand coroutines ask through one socket and each gets its own reply") {
    godwit::context ctx;
    godwit::req client{ctx};
    godwit::rep server{ctx};
    must(client.connect(must(server.bind(over.url()))));
    must(client.wait_for_peers(1, soon));
    constexpr int count = sanitized ? 200 : 1000;
    task served = echo(server, count);
    std::deque<task> asked;
    for (int i = 0; i < count; ++i) asked.push_back(ask(client, std::to_string(i)));
    for (int i = 0; i < count; ++i) REQUIRE(asked[static_cast<std::size_t>(i)].saw() == "re: " + std::to_string(i));
    REQUIRE(served.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("a request comes through while the reply to another lies there untaken") {
    godwit::context ctx;
    godwit::req client{ctx};
    godwit::rep server{ctx};
    must(client.connect(must(server.bind(over.url()))));
    must(client.wait_for_peers(1, soon));
    task served = echo(server, 1);
    auto untaken = must(client.send("untaken"));
    REQUIRE(served.saw() == "ok");
    task asked = ask(client, "mine");
    REQUIRE(eventually([&] { return untaken.ready(); }));
    task again = echo(server, 1);
    REQUIRE(asked.saw() == "re: mine");
    REQUIRE(must(untaken.wait(soon)).text() == "re: untaken");
}

GODWIT_EACH_TRANSPORT("a coroutine that sends into full queues goes on when there is room") {
    godwit::socket_options small;
    small.queue_messages_max = 2;
    linked both{over, small};
    const std::string body = pattern_of(200'000);
    int taken = 0;
    while (both.out.send(godwit::message{body}, {.within = 200ms})) ++taken;
    REQUIRE(taken > 0);
    // On a busy machine the kernel takes some more after that.
    std::deque<task> sent;
    do sent.push_back(send(both.out, body));
    while (sent.back().finished());
    while (send(both.out, body, {.within = 10ms}).saw() == "ok") ++taken;
    for (std::size_t i = 0; i < static_cast<std::size_t>(taken) + sent.size(); ++i) REQUIRE(receive(both.in) == body);
    for (task& one : sent) REQUIRE(one.saw() == "ok");
    REQUIRE(outcome(both.in.recv(50ms)) == "timed_out");  // what timed out was not taken
}

GODWIT_EACH_TRANSPORT("a suspended coroutine ends by its deadline, its stop token and close") {
    linked both{over};
    godwit::req client{both.ctx};
    must(client.connect(over.url()));
    godwit::rep server{both.ctx};
    must(server.bind(over.url()));
    std::array<godwit::delivery, 2> some;
    std::stop_source stop;
    const auto start_all = [&](const godwit::async_options& options) {
        std::deque<task> all;
        all.push_back(text_of(both.in, options));
        all.push_back(outcome_of(both.in.async_recv_many(some, options)));
        all.push_back(text_of(server, options));
        all.push_back(ask(client, "nobody answers", options));
        return all;
    };
    for (task& each : start_all({.within = 0s})) REQUIRE(each.saw() == "timed_out");
    for (task& each : start_all({.within = 20ms})) REQUIRE(each.saw() == "timed_out");

    std::deque<task> stopped = start_all({.stop = stop.get_token()});
    std::deque<task> closed = start_all({});
    for (task& each : stopped) REQUIRE_FALSE(each.finished());
    stop.request_stop();
    for (task& each : stopped) REQUIRE(each.saw() == "cancelled");
    for (task& each : start_all({.stop = stop.get_token()})) REQUIRE(each.saw() == "cancelled");

    for (task& each : closed) REQUIRE_FALSE(each.finished());
    must(both.in.close());
    must(server.close());
    (void)client.close(0s);
    for (task& each : closed) REQUIRE(each.saw() == "closed");
    for (task& each : start_all({})) REQUIRE(each.saw() == "closed");
}

GODWIT_EACH_TRANSPORT("the end of the context, or of the handle, ends a suspended coroutine") {
    auto ctx = std::make_unique<godwit::context>();
    godwit::pull in{*ctx};
    must(in.bind(over.url()));
    auto handle = std::make_unique<godwit::pull>(*ctx);
    must(handle->bind(over.url()));
    task handless = text_of(*handle);
    handle.reset();
    REQUIRE(handless.saw() == "closed");
    task waits = text_of(in);
    ctx.reset();
    REQUIRE(waits.saw() == "closed");
    REQUIRE(text_of(in).saw() == "closed");
}

GODWIT_EACH_TRANSPORT("coroutines that wait on one socket are served in the order of coming") {
    linked both{over};
    std::deque<task> waiting;
    for (int i = 0; i < 50; ++i) waiting.push_back(text_of(both.in));
    for (int i = 0; i < 50; ++i) must(both.out.send(std::to_string(i)));
    for (int i = 0; i < 50; ++i) REQUIRE(waiting[static_cast<std::size_t>(i)].saw() == std::to_string(i));
}

GODWIT_EACH_TRANSPORT("cancelled at the last moment, a message is received or still in the queue") {
    linked both{over};
    constexpr int rounds = sanitized ? 300 : 2000;
    int received = 0;
    int i = 0;
    // On, until it has ended both ways: which way it goes is up to the machine.
    const auto ended_both_ways = [&] { return received > 0 && received < i; };
    for (; i < rounds || (!ended_both_ways() && i < 50 * rounds); ++i) {
        std::stop_source stop;
        task racing = text_of(both.in, {.stop = stop.get_token()});
        race(
            i, [&] { must(both.out.send(std::to_string(i))); }, [&] { stop.request_stop(); });
        const std::string seen = racing.saw();
        const bool got = seen == std::to_string(i);
        received += got ? 1 : 0;
        if (!got && seen != "cancelled") FAIL(seen);
        if (!got && receive(both.in) != std::to_string(i)) FAIL("another message than was sent");
        if (both.in.recv(0s)) FAIL("received twice");
    }
    INFO(received << " of " << i << " were received");
    REQUIRE(ended_both_ways());
}

GODWIT_EACH_TRANSPORT("timed out at the last moment, a message is received or still in the queue") {
    linked both{over};
    constexpr int rounds = sanitized ? 100 : 500;
    int received = 0;
    int i = 0;
    const auto ended_both_ways = [&] { return received > 0 && received < i; };
    for (; i < rounds || (!ended_both_ways() && i < 50 * rounds); ++i) {
        task racing = text_of(both.in, {.within = std::chrono::microseconds{500}});
        race(
            0, [] {},
            [&] {
                std::this_thread::sleep_for(std::chrono::microseconds{i % 64 * 20});  // what is timed races
                must(both.out.send(std::to_string(i)));
            });
        const std::string seen = racing.saw();
        const bool got = seen == std::to_string(i);
        received += got ? 1 : 0;
        if (!got && seen != "timed_out") FAIL(seen);
        if (!got && receive(both.in) != std::to_string(i)) FAIL("another message than was sent");
        if (both.in.recv(0s)) FAIL("received twice");
    }
    INFO(received << " of " << i << " were received");
    REQUIRE(ended_both_ways());
}

TEST_CASE("a coroutine goes on where it is told to") {
    linked both{*find_transport("inproc")};
    std::mutex lock;
    std::deque<std::coroutine_handle<>> mine;
    task waits = text_of(both.in, {.where = [&](std::coroutine_handle<> who) {
                             const std::lock_guard hold{lock};
                             mine.push_back(who);
                         }});
    must(both.out.send("here"));
    REQUIRE(eventually([&] {
        const std::lock_guard hold{lock};
        return !mine.empty();
    }));
    REQUIRE_FALSE(waits.finished());
    mine.front().resume();
    REQUIRE(waits.finished());
    REQUIRE(waits.saw() == "here");
}

TEST_CASE("what a resumed coroutine, or what brings it elsewhere, throws ends nothing") {
    struct bold {
        struct promise_type {
            bold get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
            std::suspend_never initial_suspend() noexcept { return {}; }
            std::suspend_never final_suspend() noexcept { return {}; }
            void return_void() {}
            void unhandled_exception() { throw; }
        };
        std::coroutine_handle<> frame;  // stays when it throws
    };
    linked both{*find_transport("inproc")};
    bool went_on = false;
    const bold threw = [](godwit::pull& in, bool& on) -> bold {
        auto got = co_await in.async_recv();
        on = got.has_value();
        throw std::runtime_error{"a coroutine's own affair"};
    }(both.in, went_on);
    task brought = text_of(both.in, {.where = [](std::coroutine_handle<> who) {
                               who.resume();
                               throw std::runtime_error{"too late"};
                           }});
    task after = text_of(both.in);
    for (const char* each : {"1", "2", "3"}) must(both.out.send(each));
    REQUIRE(brought.saw() == "2");
    REQUIRE(after.saw() == "3");
    REQUIRE(went_on);
    threw.frame.destroy();
}

TEST_CASE("a suspended coroutine that is destroyed takes nothing with it") {
    linked both{*find_transport("inproc")};
    godwit::push trigger{both.ctx};
    godwit::pull triggered{both.ctx};
    must(trigger.connect(must(triggered.bind("inproc://trigger"))));
    task victim = text_of(both.in);
    task other = text_of(both.in, {.within = soon, .stop = std::stop_source{}.get_token()});
    task killer = on_callback_thread(triggered, [handle = victim.handle()] { handle.destroy(); });
    must(trigger.send("now"));
    REQUIRE(killer.saw() == "ok");
    task at_home = text_of(both.in);
    at_home.handle().destroy();
    must(both.out.send("kept"));
    REQUIRE(other.saw() == "kept");
    REQUIRE_THROWS_AS(victim.saw(), std::future_error);
}

TEST_CASE("a coroutine may stop itself and others from inside, and those that are settled do not mind") {
    linked both{*find_transport("inproc")};
    std::stop_source stop;
    task first = [](godwit::pull& in, std::stop_source& its) -> task {
        auto got = co_await in.async_recv(its.get_token());
        its.request_stop();
        auto next = co_await in.async_recv(its.get_token());
        co_return outcome(got) + " " + outcome(next);
    }(both.in, stop);
    task second = text_of(both.in, {.stop = stop.get_token()});
    must(both.out.send("x"));
    REQUIRE(first.saw() == "ok cancelled");
    REQUIRE(second.saw() == "cancelled");
}

TEST_CASE("a coroutine that never has to wait leaves the others their turn") {
    linked flood{*find_transport("inproc")};
    godwit::push out{flood.ctx};
    godwit::pull in{flood.ctx};
    must(out.connect(must(in.bind("inproc://other"))));
    std::atomic<bool> enough = false;
    task busy = [](godwit::pull& from, godwit::push& to, std::atomic<bool>& end) -> task {
        while (!end) {
            auto got = co_await from.async_recv();
            if (!got) co_return outcome(got);
            auto sent = co_await to.async_send(std::move(*got).message());  // to itself: there is always one there
            if (!sent) co_return outcome(sent);
        }
        co_return "ok";
    }(flood.in, flood.out, enough);
    must(flood.out.send("round and round"));
    for (int i = 0; i < 10; ++i) {
        task patient = text_of(in);
        must(out.send("in between"));
        REQUIRE(patient.saw() == "in between");
    }
    enough = true;
    REQUIRE(busy.saw() == "ok");
}

TEST_CASE("closing and stopping race with coroutines that come and go") {
    for (int round = 0; round < (sanitized ? 20 : 200); ++round) {
        linked both{*find_transport(round % 2 == 0 ? "inproc" : "ipc_abstract")};
        std::stop_source stop;
        std::deque<task> some;
        for (int i = 0; i < 8; ++i) {
            some.push_back(text_of(both.in, {.stop = i % 2 == 0 ? stop.get_token() : std::stop_token{}}));
        }
        std::jthread sender{[&] { (void)both.out.send_many(std::array<godwit::message, 4>{}, {.within = 0s}); }};
        std::jthread stopper{[&] { stop.request_stop(); }};
        std::jthread closer{[&] { (void)both.in.close(0s); }};
        for (task& each : some) {
            const std::string seen = each.saw();
            REQUIRE((seen.empty() || seen == "closed" || seen == "cancelled"));
        }
    }
}
