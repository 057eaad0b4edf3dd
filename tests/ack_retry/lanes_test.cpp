#include "ack_retry/lanes.hpp"

#include "test_main.hpp"

using namespace godwit::detail;

namespace {

constexpr godwit::offset all_visible = 1000;

}  // namespace

TEST_CASE("the highest lane goes first, and the plain stream has lane 4's turn") {
    lanes of;
    CHECK(of.pick(false, all_visible) == lanes::none);
    CHECK(of.pick(true, all_visible) == lanes::plain);
    of.add(3, 1);
    CHECK(of.pick(true, all_visible) == lanes::plain);
    CHECK(of.pick(false, all_visible) == 3);
    of.add(4, 2);
    CHECK(of.pick(true, all_visible) == 4);
    of.add(9, 3);
    CHECK(of.pick(true, all_visible) == 9);
    of.remove(9, 3);
    CHECK(of.pick(true, all_visible) == 4);
}

TEST_CASE("a record that may not be seen yet has no turn") {
    lanes of;
    of.add(9, 50);
    CHECK(of.pick(true, 50) == lanes::plain);
    CHECK(of.pick(true, 51) == 9);
}

TEST_CASE("one pick of sixteen goes to the lowest lane that has something") {
    lanes of;
    of.add(9, 1);
    of.add(0, 2);
    int lowest = 0;
    for (int i = 0; i < 160; ++i) {
        if (of.pick(true, all_visible) == 0) ++lowest;
        of.picked();
    }
    CHECK(lowest == 10);
}
