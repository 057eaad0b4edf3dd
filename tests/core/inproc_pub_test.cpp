#include <atomic>
#include <thread>

#include "core/inproc_side.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

TEST_CASE("inproc: a subscription is known to the pub when subscribe() has returned, in any order") {
    inproc_world world;
    const bool pub_binds = GENERATE(true, false);
    const bool subscribe_first = GENERATE(true, false);
    auto out = world.make(pattern::pub);
    auto in = world.make(pattern::sub);
    if (subscribe_first) in.carrier.subscribe("eur.");
    auto& binder = pub_binds ? out : in;
    auto& connecter = pub_binds ? in : out;
    REQUIRE(connecter.connect("here"));
    REQUIRE(binder.bind("here"));
    if (!subscribe_first) in.carrier.subscribe("eur.");

    CHECK(out.send_frames({"eur.usd", "1"}) == io::done);
    CHECK(out.send_frames({"usd.eur", "2"}) == io::done);
    CHECK(out.carrier.subscribers("eur.chf") == 1);
    CHECK(out.carrier.subscribers("usd") == 0);
    const auto received = in.recv();
    REQUIRE(received);
    CHECK(received->topic() == "eur.usd");
    CHECK(received->text() == "1");
    CHECK_FALSE(in.recv());

    in.carrier.unsubscribe("eur.");
    CHECK(out.send_frames({"eur.usd", "3"}) == io::done);
    CHECK_FALSE(in.recv());
    CHECK(out.carrier.subscribers("eur.chf") == 0);
}

TEST_CASE("inproc: a prefix subscribed twice takes two unsubscribes") {
    inproc_world world;
    auto out = world.make(pattern::pub);
    auto in = world.make(pattern::sub);
    REQUIRE(out.bind("here"));
    REQUIRE(in.connect("here"));
    in.carrier.subscribe("a");
    in.carrier.subscribe("a");
    in.carrier.unsubscribe("a");
    CHECK(out.send("a1") == io::done);
    CHECK(in.text() == "a1");
    in.carrier.unsubscribe("a");
    CHECK(out.send("a2") == io::done);
    CHECK_FALSE(in.recv());
}

TEST_CASE("inproc: nothing unwanted comes after an unsubscribe, though it was queued before") {
    inproc_world world;
    auto out = world.make(pattern::pub);
    auto in = world.make(pattern::sub);
    REQUIRE(out.bind("here"));
    REQUIRE(in.connect("here"));
    in.carrier.subscribe("a");
    in.carrier.subscribe("b");
    for (const char* text : {"a1", "b1", "a2"}) REQUIRE(out.send(text) == io::done);
    in.carrier.unsubscribe("a");
    CHECK(in.text() == "b1");
    CHECK_FALSE(in.recv());
}

TEST_CASE("inproc: every subscriber of a topic gets the message, and shares its memory") {
    inproc_world world;
    auto out = world.make(pattern::pub);
    REQUIRE(out.bind("here"));
    auto first = world.make(pattern::sub);
    auto second = world.make(pattern::sub);
    auto third = world.make(pattern::sub);
    for (auto* side : {&first, &second, &third}) REQUIRE(side->connect("here"));
    first.carrier.subscribe("");
    second.carrier.subscribe("t");
    third.carrier.subscribe("u");
    const std::string body(10'000, 'x');
    REQUIRE(out.send_frames({"topic", body}) == io::done);
    auto one = first.recv(), two = second.recv();
    REQUIRE((one && two));
    CHECK_FALSE(third.recv());
    CHECK(one->body().data() == two->body().data());
    one.reset();
    CHECK(two->text() == body);
}

TEST_CASE("inproc: a full subscriber misses the message, which is counted, and holds up nobody") {
    inproc_world world;
    auto out = world.make(pattern::pub, queue_of(1));
    REQUIRE(out.bind("here"));
    auto slow = world.make(pattern::sub, queue_of(1));
    auto fast = world.make(pattern::sub, queue_of(100));
    for (auto* side : {&slow, &fast}) {
        REQUIRE(side->connect("here"));
        side->carrier.subscribe("");
    }
    for (int i = 0; i < 10; ++i) REQUIRE(out.send("x") == io::done);
    CHECK(out.carrier.refresh().out);
    CHECK(out.peers->dropped_full == 8);
    int at_slow = 0, at_fast = 0;
    while (slow.recv()) ++at_slow;
    while (fast.recv()) ++at_fast;
    CHECK(at_slow == 2);
    CHECK(at_fast == 10);
}

TEST_CASE("inproc: subscriptions are never lost, however many, and survive a restart of the pub") {
    constexpr int count = 5'000;
    inproc_world world;
    auto in = world.make(pattern::sub, queue_of(count));
    for (int i = 0; i < count / 2; ++i) in.carrier.subscribe("topic " + std::to_string(i) + ".");
    REQUIRE(in.connect("here"));
    for (int round = 0; round < 2; ++round) {
        auto out = world.make(pattern::pub);
        REQUIRE(out.bind("here"));
        if (round == 0) {
            for (int i = count / 2; i < count; ++i) in.carrier.subscribe("topic " + std::to_string(i) + ".");
        }
        for (int i = 0; i < count; ++i) REQUIRE(out.send("topic " + std::to_string(i) + ".") == io::done);
        int received = 0;
        while (in.recv()) ++received;
        CHECK(received == count);
        CHECK(out.peers->dropped_full == 0);
    }
}

TEST_CASE("inproc: the pub's bell rings for a new subscription") {
    inproc_world world;
    auto out = world.make(pattern::pub);
    auto in = world.make(pattern::sub);
    REQUIRE(out.bind("here"));
    REQUIRE(in.connect("here"));
    out.carrier.refresh();
    std::thread subscriber{[&] { in.carrier.subscribe("a"); }};
    bool woken = true;
    while (woken && out.carrier.subscribers("a") == 0) {
        out.bell->arm();
        out.carrier.refresh();
        bool rang = false;
        if (out.carrier.subscribers("a") == 0) {
            pollfd waits{out.bell->descriptor(), POLLIN, 0};
            woken = rang = ::poll(&waits, 1, 30'000) == 1;
        }
        out.bell->disarm(rang);
    }
    subscriber.join();
    CHECK(woken);
}

TEST_CASE("inproc: subscribers come, change and go beside a pub at full speed") {
    inproc_world world;
    auto out = world.make(pattern::pub);
    REQUIRE(out.bind("here"));
    std::atomic<bool> done{false};
    std::thread publisher{[&] {
        while (!done) {
            out.send("a");
            out.send("b");
        }
    }};
    int wrong = 0, received = 0;
    for (int round = 0; round < 300; ++round) {
        auto in = world.make(pattern::sub);
        REQUIRE(in.connect("here"));
        in.carrier.subscribe("a");
        const auto first = in.recv_waiting();
        REQUIRE(first);
        wrong += first->text() != "a";
        in.carrier.subscribe("b");
        in.carrier.unsubscribe("a");
        for (int i = 0; i < 20; ++i) {
            const auto next = in.recv_waiting();
            REQUIRE(next);
            wrong += next->text() != "b";
            ++received;
        }
    }
    done = true;
    publisher.join();
    CHECK(wrong == 0);
    CHECK(received == 6'000);
    out.carrier.refresh();
    CHECK(out.carrier.subscribers("b") == 0);
    CHECK(out.peers->count() == 0);
}
