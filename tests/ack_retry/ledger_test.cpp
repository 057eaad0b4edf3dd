#include "ack_retry/ledger.hpp"

#include "ack_retry/flights.hpp"
#include "test_main.hpp"

using namespace godwit::detail;
using godwit::offset;
using godwit::offset_range;
using state = special_record::state;

TEST_CASE("the floor is the lowest offset that is not settled") {
    ledger records{1};
    CHECK(records.floor() == 1);
    records.settle({3, 5});
    CHECK(records.floor() == 1);
    records.settle({1, 1});
    CHECK(records.floor() == 2);
    records.settle({2, 2});
    CHECK(records.floor() == 6);
    CHECK(records.settled_above().empty());
    CHECK(records.unsettled(10) == 4);
    CHECK(records.fresh == 6);
    CHECK(records.is_settled(4));
    CHECK_FALSE(records.is_settled(6));
}

TEST_CASE("a backlog that is settled out of order costs one range, and an ordinary record nothing") {
    ledger records{1};
    for (offset at = 2; at < 100'000; ++at) records.settle({at, at});
    CHECK(records.settled_above().ranges().size() == 1);
    CHECK(records.specials.empty());
    CHECK(records.unsettled(100'000) == 1);
}

TEST_CASE("a dead letter is decided, but holds the floor") {
    ledger records{1};
    records.specials[1].now = state::dead;
    records.dead = 1;
    records.settle({2, 4});
    CHECK(records.floor() == 1);
    CHECK(records.decided_below() == 5);
    CHECK(records.unsettled(5) == 0);
    records.settle({1, 1});
    CHECK(records.dead == 0);
    CHECK(records.floor() == 5);
    CHECK(records.specials.empty());
}

TEST_CASE("the greeting's floor is above special records, and names them") {
    ledger records{1};
    records.fresh = 20;
    records.specials[1].now = state::waiting;
    records.settle({2, 4});
    records.specials[5].now = state::waiting;
    records.specials[6].now = state::waiting;
    std::vector<offset_range> live;
    SECTION("to the first record that is in flight") {
        CHECK(records.tight_floor(10, live) == 7);
        CHECK(live == std::vector<offset_range>{{1, 1}, {5, 6}});
    }
    SECTION("to what was never sent") {
        records.settle({7, 19});
        CHECK(records.tight_floor(10, live) == 20);
    }
    SECTION("as far as the names go") {
        CHECK(records.tight_floor(1, live) == 5);
        CHECK(live == std::vector<offset_range>{{1, 1}});
    }
}

TEST_CASE("a run in flight is settled in any order, and its bytes come back with it") {
    flights out;
    const std::vector<offset_range> frame{{1, 10}, {20, 29}};
    out.sent(frame, 1, 2000);
    CHECK(out.messages() == 20);
    CHECK(out.bytes() == 2000);
    const auto middle = out.take({4, 6}, 1);
    REQUIRE(middle);
    CHECK(middle->what == offset_range{4, 6});
    CHECK(out.messages() == 17);
    CHECK(out.bytes() == 1700);
    CHECK(out.find(5) == nullptr);
    REQUIRE(out.find(7) != nullptr);
    CHECK(out.find(7)->ordinal == 7);
    CHECK(out.find(20)->ordinal == 11);
    CHECK_FALSE(out.take({4, 6}, 1));
    CHECK_FALSE(out.take({11, 19}, 1));
    while (out.take_any()) continue;
    CHECK(out.messages() == 0);
    CHECK(out.bytes() == 0);
}

TEST_CASE("a run is settled at its own attempt only") {
    flights out;
    const std::vector<offset_range> frame{{1, 3}};
    out.sent(frame, 2, 30);
    CHECK_FALSE(out.take({1, 3}, 1));
    CHECK_FALSE(out.take({1, 3}, 3));
    CHECK(out.take({0, godwit::offset_max}, 2)->what == offset_range{1, 3});
}

TEST_CASE("in hand is what was handed out, and the next one") {
    flights out;
    const std::vector<offset_range> first{{1, 3}}, second{{10, 12}};
    out.sent(first, 1, 3);
    out.sent(second, 1, 3);
    CHECK(out.find(1)->in_hand(0) == 1);
    CHECK(out.find(1)->in_hand(2) == 3);
    CHECK(out.find(1)->in_hand(100) == 3);
    CHECK(out.find(10)->in_hand(2) == 0);
    CHECK(out.find(10)->in_hand(3) == 1);
    CHECK(out.find(10)->received(1) == false);
    CHECK(out.find(10)->received(2) == true);
    flights later;
    later.carried_over(*out.find(10));
    CHECK(later.find(10)->in_hand(0) == 3);
    CHECK(later.find(10)->received(0));
}
