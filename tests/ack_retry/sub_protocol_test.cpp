// A subscriber: resumption, gaps, restarts of its publishers, and what it asks for.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "ack_retry/protocol_world.hpp"
#include "test_main.hpp"

using namespace protocol_world_of_tests;
using strings = std::vector<std::string>;

namespace {

strings numbers(int from, int to) {
    strings made;
    for (int i = from; i < to; ++i) made.push_back(std::to_string(i));
    return made;
}

void publish(node& by, int from, int to, std::string_view topic = "t") {
    for (int i = from; i < to; ++i) by.publish(topic, std::to_string(i));
}

ack_retry small_log() {
    ack_retry made;
    made.log_bytes_max = 64u << 10;
    return made;
}

}  // namespace

TEST_CASE("RELIABILITY 49: after each of many cuts a subscriber goes on exactly where it was") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("t").value();
    seeded chance{7};
    strings got;
    int sent = 0;
    auto wire = all.connect(sub, pub, 3);
    all.settle();
    for (int round = 0; round < 50; ++round) {
        for (int i = 0; i < 20; ++i) pub.publish(i % 2 == 0 ? "t" : "u", std::to_string(i % 2 == 0 ? sent++ : -1));
        all.settle(static_cast<int>(chance.draw() % 8));  // some of it is under way
        all.cut(*wire);
        if (chance.draw() % 4 == 0) all.run_for(12s);  // beyond the lease
        all.settle();
        if (chance.draw() % 2 == 0) publish(pub, sent, sent + 3), sent += 3;
        wire = round % 2 == 0 ? all.connect(sub, pub, 3) : all.connect(pub, sub, 3);
        if (chance.draw() % 2 == 0) all.settle();
        for (auto& each : sub.take()) got.push_back(std::move(each));
    }
    all.settle();
    for (auto& each : sub.take()) got.push_back(std::move(each));
    CHECK(got == numbers(0, sent));
    CHECK(sub.protocol->stats().gaps == 0);
}

TEST_CASE("a subscriber that nothing came to yet does not miss what is sent while its link is down") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("t").value();
    auto wire = all.connect(sub, pub);
    all.settle();
    all.cut(*wire);
    all.settle();
    publish(pub, 0, 3);
    all.connect(sub, pub);
    all.settle();
    CHECK(sub.take() == numbers(0, 3));
}

TEST_CASE("RELIABILITY 76: what the log dropped while a link was down is a gap, once, in its place") {
    net all;
    node pub{all, pattern::pub, 1, small_log()}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("").value();
    auto wire = all.connect(sub, pub);
    all.settle();
    publish(pub, 0, 2);
    all.settle();
    all.cut(*wire);
    all.run_for(12s);
    for (int i = 0; i < 500; ++i) pub.publish("t", std::string(1000, 'x'));
    all.connect(sub, pub);
    all.run_for(1s);
    const strings got = sub.take();
    REQUIRE(got.size() > 5);
    CHECK(got[0] == "0");
    CHECK(got[1] == "1");
    CHECK(got[2] == "gap 3.." + std::to_string(502 - (got.size() - 3)));
    CHECK(std::ranges::count_if(got, [](const auto& each) { return each.starts_with("gap"); }) == 1);
    CHECK(sub.take().empty());
}

TEST_CASE("RELIABILITY 53: a publisher that starts anew is a new stream, without a false gap") {
    for (const start from : {start::next, start::first}) {
        net all;
        node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2, {}, from};
        sub.protocol->subscribe("").value();
        auto wire = all.connect(sub, pub);
        all.settle();
        publish(pub, 0, 10);
        all.settle();
        all.cut(*wire);
        pub.begin();
        publish(pub, 10, 13);
        all.connect(sub, pub);
        all.settle();
        publish(pub, 13, 15);
        all.settle();
        strings wanted = numbers(0, 10);
        for (const auto& each : numbers(from == start::first ? 10 : 13, 15)) wanted.push_back(each);
        CHECK(sub.take() == wanted);
        CHECK(sub.protocol->stats().duplicates == 0);
    }
}

TEST_CASE("RELIABILITY 59: a link that flaps all the time lets nothing grow") {
    net all;
    ack_retry narrow;
    narrow.credit_messages = 10;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2, narrow};
    sub.protocol->subscribe("").value();
    int sent = 0;
    for (int round = 0; round < 100; ++round) {
        const auto wire = all.connect(sub, pub);
        all.settle();
        for (int i = 0; i < 5; ++i) {
            publish(pub, sent, sent + 1);
            ++sent;
            all.settle();
        }
        all.cut(*wire);
        all.settle();
        all.transports.clear();
    }
    all.connect(sub, pub);
    all.settle();
    // Nobody has settled anything: no session has brought new credit.
    std::vector<delivery> kept;
    CHECK(sub.take(1000, &kept) == numbers(0, 10));
    for (auto& each : kept) each.ack();
    strings rest;
    for (int i = 0; i < sent; ++i) {
        all.run_for(100ms);
        const auto more = sub.take();
        CHECK(more.size() <= 10);
        rest.insert(rest.end(), more.begin(), more.end());
    }
    CHECK(rest == numbers(10, sent));
}

TEST_CASE("thousands of filters are there again after a cut before anything comes") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    for (int i = 0; i < 3000; ++i) sub.protocol->subscribe("=topic." + std::to_string(i)).value();
    auto wire = all.connect(sub, pub, 4);
    all.settle();
    CHECK(pub.protocol->subscribers("topic.2999") == 1);
    all.cut(*wire);
    all.settle();
    CHECK(pub.protocol->subscribers("topic.2999") == 0);
    for (int i = 0; i < 3000; ++i) pub.publish("topic." + std::to_string(i), std::to_string(i));
    all.connect(sub, pub, 4);
    all.settle();
    CHECK(sub.take() == numbers(0, 3000));
}

TEST_CASE("subscriptions of several publishers' messages, made before and after they came") {
    net all;
    node one{all, pattern::pub, 1}, two{all, pattern::pub, 2}, sub{all, pattern::sub, 3};
    sub.protocol->subscribe("a").value();
    all.connect(sub, one);
    all.connect(two, sub);
    sub.protocol->subscribe("b").value();  // between the greeting and its answer
    all.settle();
    one.publish("a", "one a");
    two.publish("b", "two b");
    all.settle();
    auto got = sub.take();
    std::ranges::sort(got);
    CHECK(got == strings{"one a", "two b"});
}

TEST_CASE("subscribing twice needs unsubscribing twice, and what is no filter is refused") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("a").value();
    sub.protocol->subscribe("a").value();
    all.connect(sub, pub);
    all.settle();
    sub.protocol->unsubscribe("a").value();
    all.settle();
    CHECK(pub.protocol->subscribers("a") == 1);
    sub.protocol->unsubscribe("a").value();
    all.settle();
    CHECK(pub.protocol->subscribers("a") == 0);
    CHECK(sub.protocol->unsubscribe("a").failed(errc::not_found));
    CHECK(sub.protocol->subscribe("a {").failed(errc::invalid_argument));
    CHECK(sub.protocol->subscribe(std::string(5000, 'a')).failed(errc::too_large));
}

TEST_CASE("RELIABILITY 89: what no filter asks for any more is dropped at the subscriber too, and counted") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("a").value();
    sub.protocol->subscribe("b").value();
    const auto wire = all.connect(sub, pub);
    all.settle();
    wire->stopped[1] = true;  // the publisher hears nothing
    sub.protocol->unsubscribe("b").value();
    publish(pub, 0, 2, "a");
    publish(pub, 2, 4, "b");
    all.settle();
    CHECK(sub.take() == numbers(0, 2));
    CHECK(sub.protocol->stats().strays == 2);
}

TEST_CASE("RELIABILITY 50, 60: under cuts, stops and slow drains, each subscriber gets all or is told the gap") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        INFO("seed " << seed);
        net all;
        seeded chance{seed};
        const auto one_of = [&](std::uint64_t count) { return chance.draw() % count; };
        node pub{all, pattern::pub, 100 * seed, small_log()};
        std::vector<std::unique_ptr<node>> subs;
        std::vector<std::shared_ptr<wire>> wires;
        std::vector<strings> got(4);
        for (std::uint64_t i = 0; i < 4; ++i) {
            ack_retry narrow;
            narrow.credit_messages = i == 0 ? 3 : 0;
            subs.push_back(std::make_unique<node>(all, pattern::sub, 100 * seed + i + 1, narrow));
            subs.back()->protocol->subscribe("").value();
            wires.push_back(all.connect(*subs.back(), pub, 1 + one_of(4)));
        }
        all.settle();
        int sent = 0;
        for (int round = 0; round < 60; ++round) {
            for (std::uint64_t i = one_of(12); i > 0; --i, ++sent)
                pub.publish("t", std::to_string(sent) + " " + std::string(one_of(1500), '.'));
            const std::size_t i = one_of(4);
            switch (one_of(5)) {
                case 0:
                    all.cut(*wires[i]);
                    all.settle(static_cast<int>(one_of(20)));
                    wires[i] = all.connect(*subs[i], pub, 1 + one_of(4));
                    break;
                case 1:
                    wires[i]->stopped[one_of(2)] = true;
                    break;
                case 2:
                    wires[i]->stopped = {};
                    break;
                case 3:
                    all.run_for(std::chrono::milliseconds{one_of(3000)});
                    break;
                default:
                    for (auto& each : subs[i]->take(one_of(20))) got[i].push_back(std::move(each));
            }
            all.settle(static_cast<int>(one_of(30)));
            REQUIRE(pub.protocol->stats().stored_bytes < (96u << 10));
        }
        for (std::size_t n = 0; n < 4; ++n) {
            wires[n]->stopped = {};
            if (!wires[n]->up) wires[n] = all.connect(*subs[n], pub);  // was stopped for too long
        }
        for (int i = 0; i < 60; ++i) {
            all.run_for(100ms);
            for (std::size_t n = 0; n < 4; ++n)
                for (auto& each : subs[n]->take()) got[n].push_back(std::move(each));
        }
        for (std::size_t n = 0; n < 4; ++n) {
            INFO("subscriber " << n);
            offset next = 1;  // offsets begin at 1, bodies at 0
            bool in_order = true;
            for (const auto& each : got[n]) {
                const bool gap = each.starts_with("gap ");
                const offset first = std::stoull(each.substr(gap ? 4 : 0)) + (gap ? 0 : 1);
                in_order &= first == next;
                next = gap ? std::stoull(each.substr(each.find("..") + 2)) + 1 : first + 1;
            }
            CHECK(in_order);
            CHECK(next == static_cast<offset>(sent) + 1);
        }
        CHECK(pub.protocol->unsettled() == 0);
    }
}
