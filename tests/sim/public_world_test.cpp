// The public face: a user's own handlers in a world of one seed.
#include <memory>
#include <string>
#include <vector>

#include "godwit/ack_retry.hpp"
#include "godwit/sim.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

const ack_retry quick{.backoff_min = 10ms, .backoff_max = 500ms, .heartbeat = 100ms, .lease = 500ms};

}  // namespace

TEST_CASE("What is sent is handled, and settled, in virtual time") {
    sim::world world{1};
    auto& in = world.pull("in", quick);
    auto& out = world.push("out", quick);
    REQUIRE(out.connect("sim://in"));
    std::vector<std::string> handled;
    std::vector<settled_record> settled;
    in.handle([&](delivery& one) { handled.emplace_back(one.text()); });
    out.on_settled([&](const settled_record& one) { settled.push_back(one); });
    CHECK(out.send("a").value() == 1);
    CHECK(out.send("b", {.delay = 10s}).value() == 2);
    world.run_for(5s);
    CHECK(handled == std::vector<std::string>{"a"});
    world.run_for(10s);
    CHECK(handled == std::vector<std::string>{"a", "b"});
    REQUIRE(settled.size() == 2);
    CHECK(settled[1].what == outcome::processed);
    CHECK(world.now() == 15s);
    CHECK(out.stats().unsettled == 0);
}

TEST_CASE("A process that dies with its work done gets it again in its next incarnation") {
    sim::world world{2};
    auto& in = world.pull("in", quick);
    auto& out = world.push("out", quick);
    REQUIRE(out.connect("sim://in"));
    std::vector<std::uint32_t> attempts;
    in.handle([&](delivery& one) { attempts.push_back(one.attempt()); }, {.takes_min = 1s, .takes_max = 1s});
    REQUIRE(out.send("work"));
    world.run_for(500ms);
    in.kill();
    CHECK_FALSE(in.alive());
    CHECK(in.start());
    world.run_for(10s);
    CHECK(attempts == std::vector<std::uint32_t>{1, 2});
    CHECK(out.stats().unsettled == 0);
}

TEST_CASE("A handler that throws is a nack, and one that rejects makes a dead letter") {
    sim::world world{3};
    auto& in = world.pull("in", quick);
    auto& out = world.push("out", quick);
    REQUIRE(out.connect("sim://in"));
    int calls = 0;
    in.handle([&](delivery& one) {
        if (one.text() == "bad") return one.reject("no");
        if (++calls == 1) throw 1;
    });
    REQUIRE(out.send("good"));
    REQUIRE(out.send("bad"));
    world.run_for(10s);
    CHECK(calls == 2);
    REQUIRE(out.dead_letters().size() == 1);
    CHECK(out.dead_letters()[0].detail == "no");
}

TEST_CASE("Requests are replied to, and one without a server in time says so") {
    sim::world world{4};
    auto& server = world.rep("server", quick);
    auto& client = world.req("client", quick);
    server.handle([&](delivery& one) { REQUIRE(server.reply(one, "re: " + std::string{one.text()})); });
    REQUIRE(client.connect("sim://server"));
    std::string reply;
    errc why{};
    REQUIRE(client.request("hello", [&](result<message> came) { reply = came.value().text(); }));
    world.run_for(1s);
    CHECK(reply == "re: hello");
    server.kill();
    world.run_for(1s);  // until it is known
    REQUIRE(client.request("again", [&](result<message> came) { why = came.error().code(); }, {.ttl = 2s}));
    world.run_for(5s);
    CHECK(why == errc::expired);
}

TEST_CASE("A subscriber gets its topics, over cuts and partitions") {
    sim::world world{5};
    auto& out = world.pub("out", quick);
    auto& in = world.sub("in", quick);
    std::vector<std::string> got;
    in.handle([&](delivery& one) { got.emplace_back(one.text()); });
    REQUIRE(in.subscribe("eur."));
    REQUIRE(in.connect("sim://out"));
    world.run_for(1s);
    REQUIRE(out.send("1", {.topic = "eur.usd"}));
    REQUIRE(out.send("no", {.topic = "chf.usd"}));
    world.partition(in, out, true);
    REQUIRE(out.send("2", {.topic = "eur.chf"}));
    world.run_for(300ms);
    world.partition(in, out, false);
    world.run_for(5s);
    world.cut(in, out);
    REQUIRE(out.send("3", {.topic = "eur.chf"}));
    world.run_for(5s);
    CHECK(got == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("The same seed has the same history, another one another") {
    const auto history = [](std::uint64_t seed) {
        sim::world world{seed};
        auto& in = world.pull("in", quick);
        auto& out = world.push("out", quick);
        out.connect("sim://in").value();
        in.handle([](delivery&) {}, {.concurrency = 2, .takes_min = 1ms, .takes_max = 50ms});
        for (int i = 0; i < 100; ++i) out.send("x").value();
        world.random_faults(10, 5s);
        world.run_for(6s);
        world.heal();
        world.run_for(30s);
        CHECK(out.stats().unsettled == 0);
        return world.trace_hash();
    };
    for (std::uint64_t seed = 1; seed != 20; ++seed) CHECK(history(seed) == history(seed));
    CHECK(history(1) != history(2));
}

TEST_CASE("A program's timer is late while its process is paused, and gone with it") {
    sim::world world{7};
    auto& one = world.pull("one", quick);
    std::vector<std::chrono::nanoseconds> calls;
    for (const auto delay : {1s, 3s, 6s}) one.after(delay, [&] { calls.push_back(world.now()); });
    world.after(500ms, [&] { one.pause(); });
    world.after(2s, [&] { one.resume(); });
    world.after(5s, [&] { one.kill(); });
    world.run_for(10s);
    REQUIRE(calls.size() == 2);
    CHECK(calls[0] >= 2s);
    CHECK(calls[1] == 3s);
}

TEST_CASE("What a node cannot do it says") {
    sim::world world{6};
    auto& in = world.pull("in", quick);
    CHECK(in.send("x").failed(errc::unsupported));
    CHECK(in.connect("sim://nobody").failed(errc::not_found));
    CHECK(in.connect("tcp://in").failed(errc::invalid_argument));
    CHECK(in.start().failed(errc::already_exists));
    in.kill();
    CHECK(in.connect("sim://in").failed(errc::closed));
    auto& wrong = world.push("wrong", ack_retry{.attempts_max = 0});
    CHECK_FALSE(wrong.alive());
    CHECK(wrong.start().failed(errc::invalid_argument));
}
