// Records that may have killed their receivers, and slices of batches that wait. The rest: dispatcher_test.cpp.
#include "ack_retry/dispatcher_desk.hpp"
#include "ack_retry/outlets.hpp"
#include "test_main.hpp"

using namespace dispatcher_desk;

TEST_CASE("what was begun by a receiver that is lost goes again at the same attempt, twice, as it was") {
    desk one;
    one.add_batch(3);
    for (int time = 0; time < 3; ++time) {
        const portion made = one.go();
        CHECK(made.what == ranges{{1, 3}});
        CHECK(made.attempt == 1);
        CHECK_FALSE(made.alone);
        one.of.suspected({1, 3}, 1);
    }
}

TEST_CASE("the third time each record that was beside a crash goes alone, with nothing else in flight") {
    desk one;
    one.add_batch(3);
    for (int time = 0; time < suspicions_max; ++time) {
        REQUIRE(one.go().what == ranges{{1, 3}});
        one.of.suspected({1, 3}, 1);
    }
    const portion held = one.go({1000, 1u << 20, false});
    CHECK(held.empty());
    CHECK(held.held_back);
    for (offset at = 1; at <= 3; ++at) {
        const portion made = one.go();
        CHECK(made.what == ranges{{at, at}});
        CHECK(made.alone);
        CHECK(made.attempt == 1);
        one.of.acked({at, at});
    }
    CHECK(one.of.records().specials.empty());
}

TEST_CASE("a suspicion charges no attempt; the crash of who goes alone does") {
    desk one{{.attempts_max = 2}};
    one.add_batch(1);
    for (int time = 0; time < suspicions_max; ++time) {
        REQUIRE_FALSE(one.go().empty());
        one.of.suspected({1, 1}, 1);
    }
    REQUIRE(one.go().alone);
    one.of.crashed(1, 1, "lost");
    one.time.pass(1h);
    one.of.step(one.time.now());
    const portion last = one.go();
    CHECK(last.attempt == 2);
    CHECK(last.alone);
    one.of.crashed(1, 2, "lost");
    CHECK(one.of.records().dead == 1);
}

TEST_CASE("a batch is not torn to fill the rest of a window that is nearly full") {
    desk one;
    one.add_batch(10);
    const portion none = one.go({.messages = 2, .bytes = 1u << 20, .scarce = true});
    CHECK(none.empty());
    CHECK(none.held_back);
    SECTION("it goes in pieces when there is more room") {
        CHECK(one.go({.messages = 2, .bytes = 1u << 20}).what == ranges{{1, 2}});
    }
    SECTION("and when nothing is in flight, however small the window is") {
        CHECK(one.go({.messages = 2, .bytes = 1u << 20, .unused = true, .scarce = true}).what == ranges{{1, 2}});
    }
    SECTION("whole, it goes in any case") {
        CHECK(one.go({.messages = 10, .bytes = 1u << 20, .scarce = true}).what == ranges{{1, 10}});
    }
}

TEST_CASE("a window is scarce with less than a quarter of it free, in messages or in bytes") {
    outlet one;
    one.window_messages = 100;
    one.window_bytes = 1000;
    one.out.sent(ranges{{1, 75}}, 1, 100);
    CHECK_FALSE(one.room().scarce);
    one.out.sent(ranges{{76, 76}}, 1, 1);
    CHECK(one.room().scarce);
    outlet other;
    other.window_messages = 100;
    other.window_bytes = 1000;
    other.out.sent(ranges{{1, 1}}, 1, 751);
    CHECK(other.room().scarce);
}
