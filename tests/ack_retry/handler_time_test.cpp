#include "ack_retry/handler_time.hpp"

#include <catch2/catch.hpp>

#include "ack_retry/receiving_side.hpp"

using namespace receiving_side;

TEST_CASE("RELIABILITY 73: A handler that takes too long is nacked by the receiver, and settles nothing afterwards") {
    side in{{.handler_max = 1000ms}};
    in.come(batch_of({1, 1}));
    delivery late = in.next();
    in.pass(999ms);
    CHECK(in.stats().nacked == 0);
    in.pass(2ms);
    CHECK(in.stats().nacked == 1);
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() == 1);
    CHECK(ranges[0].outcome == how::nacked);
    CHECK(ranges[0].why == "time limit");
    CHECK(in.half->unsettled() == 0);
    late.ack();
    CHECK(in.stats().stale_settlements == 1);
    CHECK(in.stats().acked == 0);
    CHECK(in.out.ranges().size() == 1);
}

TEST_CASE("The time starts with the hand-out, not with the coming") {
    side in{{.handler_max = 1000ms}};
    in.come(batch_of({1, 2}));
    in.pass(10s);
    delivery first = in.next();
    in.pass(900ms);
    delivery second = in.next();
    in.pass(250ms);
    CHECK(in.stats().nacked == 1);
    second.ack();
    CHECK(in.stats().acked == 1);
    first.ack();
    CHECK(in.stats().stale_settlements == 1);
}

TEST_CASE("Each record of a slow run through one batch has its whole time") {
    side in{{.handler_max = 1000ms}};
    in.come(batch_of({1, 60}));
    for (int i = 0; i < 60; ++i) {
        delivery one = in.next();
        in.pass(950ms);
        one.ack();
    }
    CHECK(in.stats().nacked == 0);
    CHECK(in.stats().acked == 60);
}

TEST_CASE("An extension moves one record's deadline alone") {
    side in{{.handler_max = 1000ms}};
    in.come(batch_of({1, 3}));
    delivery first = in.next(), second = in.next(), third = in.next();
    second.extend(5s);
    in.pass(1500ms);
    CHECK(in.stats().nacked == 2);
    second.extend(5s);
    in.pass(4s);
    CHECK(in.stats().nacked == 2);
    in.pass(1100ms);
    CHECK(in.stats().nacked == 3);
}

TEST_CASE("A step is asked for by the earliest deadline") {
    side in{{.handler_max = 1000ms}};
    in.come(batch_of({1, 1}));
    delivery one = in.next();
    in.half->step(steady_time::max());
    in.time.at += 20ms;
    const steady_time next = in.half->step(steady_time::max());
    CHECK(next > in.time.at);
    CHECK(next <= in.time.at + 1000ms);
}

TEST_CASE("A batch that is settled leaves no deadline behind") {
    side in{{.handler_max = 1000ms}};
    in.come(batch_of({1, 100}));
    in.ack_all();
    in.half->step(steady_time::max());
    in.half->step(steady_time::max());
    CHECK(in.half->step(steady_time::max()) == steady_time::max());
}
