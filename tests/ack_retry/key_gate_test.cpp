#include "ack_retry/key_gate.hpp"

#include "test_main.hpp"

using namespace godwit::detail;
using godwit::offset;

TEST_CASE("a key is held by one record until it leaves, and then by the next in order") {
    key_gate gate;
    gate.enter(1, 77);
    gate.enter(9, 77);
    gate.enter(5, 77);
    gate.enter(2, 78);
    CHECK_FALSE(gate.open_for(77));
    CHECK(gate.open_for(79));
    CHECK(gate.holds(1));
    CHECK_FALSE(gate.holds(5));
    CHECK(gate.holds(2));
    CHECK(gate.leave(1) == offset{5});
    CHECK(gate.holds(5));
    CHECK(gate.leave(5) == offset{9});
    CHECK_FALSE(gate.leave(9).has_value());
    CHECK(gate.open_for(77));
    CHECK_FALSE(gate.open_for(78));
}

TEST_CASE("who waits for a key and leaves hands nothing on") {
    key_gate gate;
    gate.enter(1, 77);
    gate.enter(2, 77);
    gate.enter(3, 77);
    CHECK_FALSE(gate.leave(2).has_value());
    CHECK(gate.holds(1));
    CHECK(gate.leave(1) == offset{3});
    CHECK_FALSE(gate.leave(100).has_value());
}

TEST_CASE("the gate says how many wait") {
    key_gate gate;
    for (offset at = 1; at <= 4; ++at) gate.enter(at, 1);
    gate.enter(5, 2);
    CHECK(gate.waiting() == 3);
    gate.leave(1);
    CHECK(gate.waiting() == 2);
    gate.leave(4);
    CHECK(gate.waiting() == 1);
}

TEST_CASE("those of a range are visited, and may leave meanwhile") {
    key_gate gate;
    for (offset at = 1; at <= 5; ++at) gate.enter(at, at);
    int seen = 0;
    gate.for_each_in({2, 4}, [&](offset at) {
        ++seen;
        gate.leave(at);
    });
    CHECK(seen == 3);
    CHECK(gate.open_for(3));
    CHECK_FALSE(gate.open_for(1));
    CHECK_FALSE(gate.open_for(5));
}
