#include "ack_retry/rate_limit.hpp"

#include <catch2/catch.hpp>

#include "ack_retry/receiving_side.hpp"

using namespace receiving_side;

TEST_CASE("No second has more hand-outs than the rate and the burst") {
    rate_limit limit{100, 10};
    steady_time now{1h};
    int given = 0;
    for (int ms = 0; ms < 1000; ++ms, now += 1ms) {
        for (; limit.may(now); limit.take()) ++given;
    }
    CHECK(given <= 110);
    CHECK(given >= 108);
}

TEST_CASE("A long rest fills no more than the burst") {
    rate_limit limit{100, 3};
    steady_time now{1h};
    for (; limit.may(now); limit.take()) {}
    now += 1h;
    int given = 0;
    for (; limit.may(now); limit.take()) ++given;
    CHECK(given == 3);
}

TEST_CASE("The next token is there when it was announced, and not before") {
    rate_limit limit{3, 1};
    steady_time now{1h};
    REQUIRE(limit.may(now));
    limit.take();
    REQUIRE_FALSE(limit.may(now));
    const steady_time next = limit.next();
    CHECK_FALSE(limit.may(next - 10us));
    CHECK(limit.may(next));
}

TEST_CASE("A limited receiver says would_block with messages waiting, and asks to be woken for the next") {
    side in{{.messages_per_second = 10, .burst_messages = 2}};
    in.come(batch_of({1, 5}));
    CHECK(in.ack_all() == std::vector<offset>{1, 2});
    CHECK_FALSE(in.half->ready());
    CHECK(in.half->step(steady_time::max()) <= in.time.at + 101ms);
    in.pass(101ms);
    CHECK(in.half->ready());
    CHECK(in.ack_all() == std::vector<offset>{3});
    CHECK(in.stats().acked == 3);
}
