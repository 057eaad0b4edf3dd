// A publisher and its subscribers: who gets what, and what it costs the others.
#include "ack_retry/pub_protocol.hpp"

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

std::uint64_t evaluations(const node& of) {
    return dynamic_cast<const pub_protocol&>(*of.protocol).filters().evaluations();
}

}  // namespace

TEST_CASE("every subscriber gets every message of its topics, in order") {
    net all;
    node pub{all, pattern::pub, 1}, a{all, pattern::sub, 2}, b{all, pattern::sub, 3};
    a.protocol->subscribe("").value();
    b.protocol->subscribe("x.*").value();
    all.connect(a, pub);
    all.connect(pub, b);
    all.settle();
    CHECK(pub.protocol->subscribers("x.y") == 2);
    CHECK(pub.protocol->subscribers("x") == 1);
    for (int i = 0; i < 100; ++i) pub.publish(i % 3 == 0 ? "x.y" : "z", std::to_string(i));
    all.settle();
    strings third;
    for (int i = 0; i < 100; i += 3) third.push_back(std::to_string(i));
    CHECK(a.take() == numbers(0, 100));
    CHECK(b.take() == third);
    all.run_for(100ms);
    CHECK(pub.protocol->unsettled() == 0);
    CHECK(pub.protocol->stats().in_flight == 0);
}

TEST_CASE("a lone message leaves at once, and a flood in batches") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("").value();
    all.connect(sub, pub, 2);
    all.settle();
    pub.publish("t", "0");
    CHECK(pub.batches_sent == 1);
    publish(pub, 1, 1000);
    CHECK(pub.batches_sent == 2);  // then the link was busy
    all.settle();
    CHECK(pub.batches_sent == 4);  // the record by which that was found out, and the rest
    CHECK(sub.take() == numbers(0, 1000));
}

TEST_CASE("a subscriber that stops costs the other sixty-three nothing, and is told the gap") {
    net all;
    ack_retry small;
    small.log_bytes_max = 64u << 10;
    node pub{all, pattern::pub, 1, small};
    std::vector<std::unique_ptr<node>> subs;
    for (std::uint64_t i = 0; i < 64; ++i) {
        subs.push_back(std::make_unique<node>(all, pattern::sub, 2 + i));
        subs.back()->protocol->subscribe("").value();
        all.connect(*subs.back(), pub, 4);
    }
    all.settle();
    auto& stopped = *all.transports[17];
    stopped.stopped[0] = true;
    const std::string large(1000, '.');
    std::vector<strings> got(64);
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 10; ++i) pub.publish("t", std::to_string(10 * round + i) + large);
        all.settle();
        for (std::size_t i = 0; i < 64; ++i) {
            auto more = subs[i]->take();
            if (i != 17) CHECK(more.size() == 10);
            got[i].insert(got[i].end(), more.begin(), more.end());
        }
        CHECK(pub.protocol->stats().stored_bytes < (96u << 10));
    }
    stopped.stopped[0] = false;
    all.settle();
    auto more = subs[17]->take();
    got[17].insert(got[17].end(), more.begin(), more.end());
    const auto gap = std::ranges::find_if(got[17], [](const auto& each) { return each.starts_with("gap "); });
    REQUIRE(gap != got[17].end());
    CHECK(std::ranges::count_if(got[17], [](const auto& each) { return each.starts_with("gap "); }) == 1);
    // What came before, the gap, and what came behind it are all that was sent.
    const auto before = static_cast<int>(gap - got[17].begin());
    const auto behind = static_cast<int>(got[17].end() - gap) - 1;
    CHECK(*gap == "gap " + std::to_string(1 + before) + ".." + std::to_string(1000 - behind));
    CHECK(behind > 10);
    for (int i = 0; i < behind; ++i) CHECK((gap + 1 + i)->starts_with(std::to_string(1000 - behind + i) + "."));
    CHECK(subs[17]->protocol->stats().gaps == 1);
    CHECK(pub.protocol->ready().out);
}

TEST_CASE("half of the subscribers stopped at once do not hold up a lone message") {
    net all;
    node pub{all, pattern::pub, 1};
    std::vector<std::unique_ptr<node>> subs;
    for (std::uint64_t i = 0; i < 8; ++i) {
        subs.push_back(std::make_unique<node>(all, pattern::sub, 2 + i));
        subs.back()->protocol->subscribe("").value();
        all.connect(*subs.back(), pub, 2);
    }
    all.settle();
    for (std::size_t i = 0; i < 6; ++i) all.transports[i]->stopped[0] = true;
    for (int i = 0; i < 20; ++i) {
        pub.publish("t", std::to_string(i));
        all.settle();
        CHECK(subs[7]->take() == numbers(i, i + 1));
    }
}

TEST_CASE("what a slow subscriber does not want is no gap for it") {
    net all;
    ack_retry small;
    small.log_bytes_max = 64u << 10;
    node pub{all, pattern::pub, 1, small}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("a").value();
    const auto wire = all.connect(sub, pub, 1);
    all.settle();
    wire->stopped[0] = true;
    publish(pub, 0, 3, "a");
    for (int i = 0; i < 1000; ++i) pub.publish("b", std::string(1000, 'b'));
    CHECK(pub.protocol->stats().stored_bytes < (96u << 10));
    publish(pub, 3, 6, "a");
    wire->stopped[0] = false;
    all.settle();
    // The first went before it stopped; the next two were dropped with what they stood among.
    CHECK(sub.take() == strings{"0", "gap 2..3", "3", "4", "5"});
}

TEST_CASE("RELIABILITY 52: a subscriber starts with what is sent from now on, or with what there still is") {
    net all;
    node pub{all, pattern::pub, 1}, now{all, pattern::sub, 2}, first{all, pattern::sub, 3, {}, start::first};
    publish(pub, 0, 10);
    for (node* each : {&now, &first}) {
        each->protocol->subscribe("t").value();
        all.connect(*each, pub);
    }
    all.settle();
    publish(pub, 10, 20);
    all.settle();
    CHECK(now.take() == numbers(10, 20));
    CHECK(first.take() == numbers(0, 20));
}

TEST_CASE("a late filter counts from where it comes, and one that goes is not served any more") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("a").value();
    all.connect(sub, pub);
    all.settle();
    publish(pub, 0, 2, "b");
    sub.protocol->subscribe("b").value();
    all.settle();
    CHECK(pub.protocol->ready().news);
    CHECK_FALSE(pub.protocol->ready().news);
    publish(pub, 2, 4, "b");
    all.settle();
    sub.protocol->unsubscribe("b").value();
    all.settle();
    publish(pub, 4, 6, "b");
    publish(pub, 6, 8, "a");
    all.settle();
    CHECK(sub.take() == strings{"2", "3", "6", "7"});
    CHECK(pub.protocol->subscribers("b") == 0);
    CHECK(sub.protocol->stats().strays == 0);
}

TEST_CASE("header predicates are judged at the publisher") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("t {region=eu, kind!=test}").value();
    all.connect(sub, pub);
    all.settle();
    pub.publish("t", "0");
    pub.publish("t", "1", {{"region", "eu"}});
    pub.publish("t", "2", {{"region", "us"}});
    pub.publish("t", "3", {{"region", "eu"}, {"kind", "test"}});
    all.settle();
    CHECK(pub.batches_sent == 1);
    CHECK(sub.take() == strings{"1"});
}

TEST_CASE("the same filter of many subscribers is tried once for each batch") {
    net all;
    node pub{all, pattern::pub, 1};
    std::vector<std::unique_ptr<node>> subs;
    for (std::uint64_t i = 0; i < 16; ++i) {
        subs.push_back(std::make_unique<node>(all, pattern::sub, 2 + i));
        subs.back()->protocol->subscribe("=t").value();
        subs.back()->protocol->subscribe("unheard").value();
        all.connect(*subs.back(), pub);
    }
    all.settle();
    const auto before = evaluations(pub);
    pub.publish("t", "0");
    CHECK(evaluations(pub) - before == 1);
    CHECK(pub.batches_sent == 16);
}

TEST_CASE("credit is not exceeded by more than a batch, and comes back with what is settled") {
    net all;
    ack_retry narrow;
    narrow.credit_messages = 4;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2, narrow};
    sub.protocol->subscribe("").value();
    all.connect(sub, pub);
    all.settle();
    for (int i = 0; i < 20; ++i) {
        publish(pub, i, i + 1);
        all.settle();
    }
    CHECK(pub.protocol->stats().in_flight == 4);
    std::vector<delivery> kept;
    CHECK(sub.take(100, &kept) == numbers(0, 4));
    all.run_for(100ms);
    CHECK(sub.take().empty());
    kept.clear();  // nacked
    CHECK(sub.protocol->stats().nacked == 4);
    all.run_for(100ms);
    CHECK(sub.take() == numbers(4, 20));
    all.run_for(100ms);
    CHECK(pub.protocol->unsettled() == 0);
}

TEST_CASE("a publisher that closes sends what it has, and then is drained") {
    net all;
    node pub{all, pattern::pub, 1}, sub{all, pattern::sub, 2};
    sub.protocol->subscribe("").value();
    all.connect(sub, pub, 1);
    all.settle();
    publish(pub, 0, 50);
    pub.protocol->drain();
    CHECK_FALSE(pub.protocol->drained());
    status why;
    offset given = 0;
    CHECK(pub.protocol->send({}, given, why) == tried::failed);
    all.settle();
    CHECK(sub.take() == numbers(0, 50));
    all.run_for(100ms);
    CHECK(pub.protocol->drained());
}

TEST_CASE("of a receipt of a publisher only `accepted` is known") {
    net all;
    node pub{all, pattern::pub, 1};
    const offset at = pub.publish("t", "x");
    CHECK(at == 1);
    CHECK(pub.protocol->outcome_of(at, stage::accepted) == outcome::accepted);
    CHECK(pub.protocol->outcome_of(at, stage::durable) == outcome::accepted);
    CHECK_FALSE(pub.protocol->outcome_of(at + 1, stage::accepted));
}

TEST_CASE("without subscribers nothing is sent, and the log keeps to its limit") {
    net all;
    ack_retry small;
    small.log_bytes_max = 64u << 10;
    node pub{all, pattern::pub, 1, small};
    for (int i = 0; i < 1000; ++i) pub.publish("t", std::string(1000, 'x'));
    CHECK(pub.protocol->stats().stored_bytes < (96u << 10));
    CHECK(pub.protocol->stats().stored_bytes > (32u << 10));
    status why;
    offset given = 0;
    const std::string too_large((16u << 20) + 1, 'x');
    CHECK(pub.protocol->send({.body = as_bytes(too_large)}, given, why) == tried::failed);
    CHECK(why.failed(errc::too_large));
    CHECK(pub.protocol->send({.topic = "t", .body = as_bytes(too_large).first(1u << 20)}, given, why) == tried::done);
}
