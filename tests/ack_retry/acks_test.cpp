#include "ack_retry/acks.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "ack_retry/receiving_side.hpp"

using namespace receiving_side;

TEST_CASE("A batch that is acked in order is one range") {
    batch_settlements of;
    of.begin(10);
    for (offset at = 10; at < 20; ++at) CHECK(of.ack(at));
    CHECK_FALSE(of.ack(12));
    std::vector<settled> told;
    of.tell(stream, 3, told);
    REQUIRE(told.size() == 1);
    CHECK(told[0].what == offset_range{10, 19});
    CHECK(told[0].attempt == 3);
    CHECK(told[0].stream == stream);
    of.tell(stream, 3, told);
    CHECK(told.size() == 1);
    CHECK(of.contains(15));
}

TEST_CASE("Whatever the order, each record is told once, with its outcome, and nothing beside") {
    std::mt19937 random{Catch::rngSeed()};
    for (int round = 0; round < 200; ++round) {
        std::vector<offset> members;
        for (offset at = 100; at < 160; ++at) {
            if (random() % 4 != 0) members.push_back(at);
        }
        batch_settlements of;
        of.begin(members.front());
        std::vector<settled> told;
        std::vector<how> expected(200, how::crashed);
        auto order = members;
        if (round % 2 == 0) std::shuffle(order.begin(), order.end(), random);
        for (const offset at : order) {
            const how outcome = random() % 5 == 0 ? how::nacked : random() % 9 == 0 ? how::refused : how::acked;
            expected[at] = outcome;
            REQUIRE(of.settle(at, outcome, outcome == how::nacked ? 5 : 0, outcome == how::refused ? "no" : ""));
            REQUIRE_FALSE(of.ack(at));
            REQUIRE(of.untold(at));
            if (random() % 7 == 0) {
                of.tell(stream, 1, told);
                REQUIRE_FALSE(of.untold(at));
                REQUIRE(of.contains(at));
            }
        }
        REQUIRE(of.count() == members.size());
        of.tell(stream, 1, told);
        std::vector<how> seen(200, how::crashed);
        std::size_t sum = 0;
        for (const auto& one : told) {
            for (offset at = one.what.first; at <= one.what.last; ++at, ++sum) seen[at] = one.outcome;
        }
        REQUIRE(sum == members.size());
        REQUIRE(seen == expected);
    }
}

TEST_CASE("A lone message: received at once, handed with its hand-out, settled in the settling call") {
    side in;
    in.come(batch_of({1, 1}));
    REQUIRE(in.out.frames.size() == 1);
    CHECK(in.out.frames[0].frame.received == 1);
    CHECK(in.out.frames[0].frame.handed == 0);
    delivery one = in.next();
    REQUIRE(in.out.frames.size() == 2);
    CHECK(in.out.frames[1].frame.handed == 1);
    CHECK(in.out.frames[1].frame.ranges.empty());
    one.ack();
    REQUIRE(in.out.frames.size() == 3);
    REQUIRE(in.out.frames[2].frame.ranges.size() == 1);
    CHECK(in.out.frames[2].frame.ranges[0].outcome == how::acked);
    CHECK(in.port.rings == 0);
}

TEST_CASE("A batch of many is told with one frame, when all of it is settled") {
    side in;
    in.come(batch_of({1, 200}));
    CHECK(in.out.frames.empty());
    for (int i = 0; i < 200; ++i) in.next().ack();
    REQUIRE(in.out.frames.size() == 1);
    CHECK(in.out.frames[0].frame.received == 1);
    CHECK(in.out.frames[0].frame.handed == 200);
    REQUIRE(in.out.frames[0].frame.ranges.size() == 1);
    CHECK(in.out.frames[0].frame.ranges[0].what == offset_range{1, 200});
}

TEST_CASE("What came with many, or is settled in part, is told by a step within 10 ms") {
    side in;
    in.come(batch_of({1, 200}));
    CHECK(in.port.rings == 1);
    in.half->step(steady_time::max());
    REQUIRE(in.out.frames.size() == 1);
    CHECK(in.out.frames[0].frame.received == 1);
    in.next().ack();
    CHECK(in.out.frames.size() == 1);
    in.pass(10ms);
    REQUIRE(in.out.frames.size() == 2);
    CHECK(in.out.frames[1].frame.handed == 1);
    CHECK(in.out.frames[1].frame.ranges[0].what == offset_range{1, 1});
}

TEST_CASE("A receiver that finds nothing tells all that is settled, out of order as it is") {
    side in;
    in.come(batch_of({1, 20}));
    std::vector<delivery> held;
    for (int i = 0; i < 20; ++i) held.push_back(in.next());
    in.out.frames.clear();
    held[4].ack();
    held[3].ack();
    held[9].reject("broken");
    CHECK(in.out.frames.empty());
    CHECK(in.next().settled());
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[0].what == offset_range{4, 5});
    CHECK(ranges[1].outcome == how::refused);
    CHECK(ranges[1].why == "broken");
}

TEST_CASE("An ack of a cut covers no record that is not in it") {
    side in;
    in.come(cut_of({2, 4, 5, 9}));
    in.ack_all();
    range_set told;
    for (const auto& one : in.out.ranges()) told.add(one.what);
    REQUIRE(told.ranges().size() == 3);
    CHECK(told.ranges()[0] == offset_range{2, 2});
    CHECK(told.ranges()[1] == offset_range{4, 5});
    CHECK(told.ranges()[2] == offset_range{9, 9});
}

TEST_CASE("While a link is busy, acks wait, and go complete when it is not") {
    side in;
    in.out.busy = true;
    in.come(batch_of({1, 1}));
    in.next().ack();
    in.come(batch_of({2, 2}));
    in.next().ack();
    in.out.busy = false;
    in.half->tell_all();
    REQUIRE(in.out.frames.size() == 1);
    CHECK(in.out.frames[0].frame.received == 2);
    CHECK(in.out.frames[0].frame.ranges.size() == 2);
    in.half->tell_all();
    CHECK(in.out.frames.size() == 1);
}

TEST_CASE(
    "An unsettled delivery that is destroyed is a nack, a delay goes with it, an abandoned one costs no attempt") {
    side in;
    in.come(batch_of({1, 1}));
    { delivery gone = in.next(); }
    in.come(batch_of({2, 2}));
    in.next().nack(1500us);
    in.come(batch_of({3, 3}));
    delivery unseen = in.next();
    held_batch* const held = delivery_access::take(unseen);
    in.half->settle({held, 3, 1, verdict::abandon, {}, {}});
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() == 3);
    CHECK(ranges[0].outcome == how::nacked);
    CHECK(ranges[1].delay_ms == 2);
    CHECK(ranges[2].outcome == how::returned);
}
