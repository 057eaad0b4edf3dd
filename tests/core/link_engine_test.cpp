#include "core/link_engine.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"
#include "core/fake_protocol.hpp"

using namespace conformance;
using testing_links::fake_delivery;
using testing_links::knobs;

namespace {

// A push that dials a pull, both reliable in the fake way.
struct pair_of_ends {
    godwit::context ctx;
    fake_delivery sends, receives;
    godwit::push out{ctx, sends};
    godwit::pull in{ctx, receives};

    explicit pair_of_ends(const transport& over) {
        const std::string url = over.url();
        must(in.bind(url));
        must(out.connect(url));
    }
};

std::string text_of(int number) { return "message " + std::to_string(number); }

}  // namespace

GODWIT_EACH_TRANSPORT("what is sent through a protocol is received, settled, and known by its receipt") {
    pair_of_ends ends{over};
    const auto first = must(ends.out.send("one"));
    const auto second = must(ends.out.send(godwit::as_bytes("two"), {.key = "k", .headers = {{"name", "value"}}}));
    auto got = must(ends.in.recv(soon));
    CHECK(got.text() == "one");
    CHECK(got.at() == first.at());
    CHECK_FALSE(got.settled());
    CHECK_FALSE(first.reached(godwit::stage::processed));
    got.ack();
    CHECK(must(first.wait(godwit::stage::processed, soon)) == godwit::outcome::processed);
    auto next = must(ends.in.recv(soon));
    CHECK(next.key() == "k");
    CHECK(next.header_value("name") == "value");
    CHECK(outcome(second.wait(godwit::stage::processed, 1ms)) == "timed_out");
    CHECK(outcome(second.wait(godwit::stage::durable, soon)) == "unsupported");
    next.ack();
    CHECK(outcome(ends.out.flush(godwit::stage::processed, soon)) == "ok");
    CHECK(outcome(ends.out.close()) == "ok");
    CHECK(outcome(ends.in.close()) == "ok");
    CHECK(outcome(first.wait(godwit::stage::processed, soon)) == "closed");
}

GODWIT_EACH_TRANSPORT("the receiver may dial, and the two come in any order") {
    godwit::context ctx;
    const std::string url = over.url();
    godwit::pull in{ctx, fake_delivery{}};
    must(in.connect(url));
    godwit::push out{ctx, fake_delivery{}};
    must(out.send("early").failed(godwit::errc::timed_out) ? godwit::status{} : godwit::status{godwit::errc::unknown});
    must(out.bind(url));
    must(out.send("late"));
    CHECK(receive(in) == "late");
}

GODWIT_EACH_TRANSPORT("a flood through a protocol arrives whole and in order, settled one by one or in pieces") {
    pair_of_ends ends{over};
    constexpr int count = 5000;
    std::thread sender{[&] {
        for (int i = 0; i < count; ++i) (void)ends.out.send(text_of(i));
    }};
    int received = 0, wrong = 0;
    std::vector<godwit::delivery> several(64);
    while (received < count / 2) {
        auto got = ends.in.recv(soon);
        if (!got) break;
        if (got->text() != text_of(received++)) ++wrong;
        got->ack();
    }
    while (received < count) {
        const auto got = ends.in.recv_many(several, soon);
        if (!got) break;
        const auto part = std::span{several}.first(*got);
        for (const auto& one : part) {
            if (one.text() != text_of(received++)) ++wrong;
        }
        ends.in.ack_many(part);
        if (std::any_of(part.begin(), part.end(), [](const auto& one) { return !one.settled(); })) ++wrong;
    }
    sender.join();
    CHECK(received == count);
    CHECK(wrong == 0);
    CHECK(outcome(ends.out.flush(godwit::stage::processed, soon)) == "ok");
    CHECK(outcome(ends.out.close(soon)) == "ok");
}

GODWIT_EACH_TRANSPORT("deliveries are settled from any thread, and one that is dropped is delivered again") {
    pair_of_ends ends{over};
    for (int i = 0; i < 100; ++i) must(ends.out.send(text_of(i)));
    std::vector<godwit::delivery> held;
    for (int i = 0; i < 100; ++i) held.push_back(must(ends.in.recv(soon)));
    std::thread drops{[&] { held.erase(held.begin(), held.begin() + 50); }};
    drops.join();
    std::thread acks{[&] {
        for (auto& one : held) one.ack();
    }};
    for (int i = 0; i < 50; ++i) must(ends.in.recv(soon)).ack();
    acks.join();
    CHECK(outcome(ends.out.flush(godwit::stage::processed, soon)) == "ok");
    CHECK(ends.sends.with->redelivered == 50);
}

GODWIT_EACH_TRANSPORT("close ends the calls that are blocked on a socket with a protocol") {
    pair_of_ends ends{over};
    ends.sends.with->queued_max = 0;
    worker receives{[&] { return outcome(ends.in.recv()); }};
    worker sends{[&] { return outcome(ends.out.send("no room", {.within = godwit::timeout::never})); }};
    CHECK(receives.blocks());
    CHECK(sends.blocks());
    CHECK(outcome(ends.in.close()) == "ok");
    CHECK(outcome(ends.out.close()) == "ok");
    CHECK(receives.saw() == "closed");
    CHECK(sends.saw() == "closed");
}

GODWIT_EACH_TRANSPORT("close waits for what is not settled, and tells how many there were") {
    pair_of_ends ends{over};
    for (int i = 0; i < 3; ++i) must(ends.out.send(text_of(i)));
    std::vector<godwit::delivery> held;
    for (int i = 0; i < 3; ++i) held.push_back(must(ends.in.recv(soon)));
    held.front().ack();
    CHECK(outcome(ends.out.flush(godwit::stage::accepted, soon)) == "ok");
    REQUIRE(eventually([&] { return ends.out.delivery_counters().unsettled == 2; }));
    const auto cut = ends.out.close(20ms);
    REQUIRE(cut.failed(godwit::errc::timed_out));
    CHECK(cut.error().value() == "2 messages are not settled");
    must(ends.in.close(0ms).failed(godwit::errc::timed_out) ? godwit::status{} : godwit::status{});
    held.clear();  // settled after close: nothing happens
}

GODWIT_EACH_TRANSPORT("a sender that is closing takes the acks that still come") {
    pair_of_ends ends{over};
    for (int i = 0; i < 20; ++i) must(ends.out.send(text_of(i)));
    worker closes{[&] { return outcome(ends.out.close(soon)); }};
    CHECK(closes.blocks());
    for (int i = 0; i < 20; ++i) must(ends.in.recv(soon)).ack();
    CHECK(closes.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("what a destroyed sender had not settled goes on in the background") {
    godwit::context ctx;
    const std::string url = over.url();
    godwit::pull in{ctx, fake_delivery{}};
    {
        godwit::push out{ctx, fake_delivery{}};
        must(out.connect(url));
        for (int i = 0; i < 20; ++i) must(out.send(text_of(i)));
    }
    must(in.bind(url));
    for (int i = 0; i < 20; ++i) {
        auto got = must(in.recv(soon));
        CHECK(got.text() == text_of(i));
        got.ack();
    }
}

GODWIT_EACH_TRANSPORT("a tail that was only queued goes out without a further call") {
    pair_of_ends ends{over};
    must(ends.out.send("first"));
    must(ends.in.recv(soon)).ack();
    ends.sends.with->only_queues = true;
    must(ends.out.send("tail"));
    CHECK(receive(ends.in) == "tail");
}

GODWIT_EACH_TRANSPORT("what comes to a sender whom nobody calls is taken in by itself") {
    pair_of_ends ends{over};
    std::atomic<int> told{0};
    must(ends.out.on_settled(
        [&](std::span<const godwit::settled_record> some) { told += static_cast<int>(some.size()); }));
    for (int i = 0; i < 10; ++i) must(ends.out.send(text_of(i)));
    for (int i = 0; i < 10; ++i) must(ends.in.recv(soon)).ack();
    CHECK(eventually([&] { return told == 10; }));
}

GODWIT_EACH_TRANSPORT("a protocol is stepped when it wants to be, whether somebody waits or nobody is there") {
    pair_of_ends ends{over};
    must(ends.out.send("first"));
    must(ends.in.recv(soon)).ack();
    ends.receives.with->step_every_ms = 10;
    (void)ends.in.recv(0ms);
    const int before = ends.receives.with->steps;
    CHECK(eventually([&] { return ends.receives.with->steps >= before + 5; }));
    worker waits{[&] { return outcome(ends.in.recv()); }};
    CHECK(waits.blocks());
    const int waiting = ends.receives.with->steps;
    CHECK(eventually([&] { return ends.receives.with->steps >= waiting + 5; }));
    CHECK(outcome(ends.in.close()) == "ok");
    CHECK(waits.saw() == "closed");
}

GODWIT_EACH_TRANSPORT("requests through a protocol are answered, each its own, in any order") {
    godwit::context ctx;
    const std::string url = over.url();
    godwit::rep server{ctx, fake_delivery{}};
    godwit::req client{ctx, fake_delivery{}};
    must(server.bind(url));
    must(client.connect(url));
    auto first = must(client.send("one"));
    auto second = must(client.send("two"));
    auto third = must(client.send("three"));
    std::vector<godwit::request> asked;
    for (int i = 0; i < 3; ++i) asked.push_back(must(server.recv(soon)));
    CHECK_FALSE(first.ready());
    worker waits{[&] { return outcome(first.wait(soon)); }};
    CHECK(waits.blocks());
    must(asked[2].reply("3"));
    must(asked[1].reply("refuse"));
    CHECK(must(third.wait(soon)).text() == "3");
    CHECK(outcome(second.wait(soon)) == "refused");
    CHECK(outcome(second.wait(soon)) == "invalid_argument");
    must(asked[0].reply("1"));
    CHECK(outcome(asked[0].reply("again")) == "invalid_argument");
    CHECK(waits.saw() == "ok");
    worker serves{[&] {
        auto got = server.recv(soon);
        return got ? outcome(got->reply("pong")) : outcome(got);
    }};
    CHECK(must(client.request("ping", soon)).text() == "pong");
    CHECK(serves.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("consume acks what its handler returns from, and has the rest delivered again") {
    pair_of_ends ends{over};
    constexpr int count = 200;
    for (int i = 0; i < count; ++i) must(ends.out.send(text_of(i)));
    std::atomic<int> calls{0};
    std::stop_source stop;
    worker consumer{[&] {
        const auto handler = [&](const godwit::delivery& one) {
            if (++calls % 4 == 0) throw one.at();
        };
        return outcome(ends.in.consume(handler, {.concurrency = 3, .stop = stop.get_token()}));
    }};
    CHECK(outcome(ends.out.flush(godwit::stage::processed, soon)) == "ok");
    stop.request_stop();
    CHECK(consumer.saw() == "ok");
    CHECK(calls == count + ends.sends.with->redelivered);
    CHECK(ends.sends.with->redelivered > 0);
}

TEST_CASE("a gap is told once, and ends consume unless somebody is told") {
    pair_of_ends ends{*find_transport("inproc")};
    ends.receives.with->gaps = 2;
    const auto gap = ends.in.recv(soon);
    REQUIRE(gap.failed(godwit::errc::gap));
    CHECK(gap.error().value() == "3..5");
    CHECK(outcome(ends.in.consume([](godwit::delivery&) {})) == "gap");
    CHECK(outcome(ends.in.recv(1ms)) == "timed_out");
    ends.receives.with->gaps = 1;
    int told = 0;
    std::stop_source stop;
    const godwit::consume_options options{.stop = stop.get_token(), .on_gap = [&](const godwit::error&) {
                                              ++told;
                                              stop.request_stop();
                                          }};
    CHECK(outcome(ends.in.consume([](godwit::delivery&) {}, options)) == "ok");
    CHECK(told == 1);
}

TEST_CASE("modules that cannot work together are refused at the first endpoint, by name") {
    struct lone_layer final : godwit::layer {
        std::string_view name() const noexcept override { return "metrics"; }
        godwit::layer_place place() const noexcept override { return godwit::layer_place::identity; }
    };
    struct lone_module {
        void install(godwit::assembly& into) const { into.add(std::make_shared<lone_layer>()); }
    };
    godwit::context ctx;
    godwit::push alone{ctx, lone_module{}, godwit::socket_options{.name = "alone"}};
    const auto refused = alone.bind("inproc://alone");
    REQUIRE(refused.failed(godwit::errc::invalid_argument));
    CHECK(std::string{refused.error().what()}.find("ack_retry") != std::string::npos);
    godwit::push twice{ctx, fake_delivery{}, fake_delivery{}};
    CHECK(outcome(twice.connect("inproc://alone")) == "invalid_argument");
}

TEST_CASE("a plain socket refuses what only a reliable one can do") {
    godwit::context ctx;
    godwit::push out{ctx};
    must(out.bind("inproc://plain"));
    CHECK(outcome(out.send("a", {.priority = 5})) == "unsupported");
    CHECK(outcome(out.send("a", {.ttl = 1s})) == "unsupported");
    CHECK(outcome(out.flush(godwit::stage::accepted)) == "ok");
    CHECK(outcome(out.flush(godwit::stage::processed)) == "unsupported");
    CHECK(outcome(out.requeue(1)) == "unsupported");
    CHECK(out.dead_letters().empty());
}

GODWIT_EACH_TRANSPORT("in a child after fork every call of a reliable socket says forked") {
    pair_of_ends ends{over};
    const auto receipt = must(ends.out.send("before"));
    auto held = must(ends.in.recv(soon));
    const pid_t child = ::fork();
    if (child == 0) {
        const bool all = outcome(ends.out.send("a")) == "forked" && outcome(ends.in.recv(1ms)) == "forked" &&
                         outcome(ends.out.flush()) == "forked" &&
                         outcome(receipt.wait(godwit::stage::processed)) == "forked";
        held.ack();
        ::_exit(all ? 0 : 1);
    }
    int left = -1;
    REQUIRE(::waitpid(child, &left, 0) == child);
    CHECK(left == 0);
    held.ack();
    CHECK(outcome(receipt.wait(godwit::stage::processed, soon)) == "ok");
}
