#include "ack_retry/told_settlements.hpp"

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using settled = told_settlements::settled;
using how = settled::how;

namespace {

constexpr stream_id stream{7, 9};

settled acked(offset first, offset last, std::uint32_t attempt = 1) {
    return {stream, {first, last}, attempt, how::acked, 0, {}};
}
settled nacked(offset at, std::uint32_t attempt = 1) { return {stream, {at, at}, attempt, how::nacked, 5, "not yet"}; }

std::vector<offset_range> ranges_of(told_settlements& from, offset floor = 0, offset_range live = {1, 0}) {
    range_set live_below;
    if (live.first <= live.last) live_below.add(live);
    std::vector<offset_range> all;
    for (const auto& one : from.take_unheard(floor, live_below)) all.push_back(one.what);
    return all;
}
using ranges = std::vector<offset_range>;

}  // namespace

TEST_CASE("Settlements that were told are kept until they are taken, as they were told") {
    told_settlements told;
    told.add({acked(1, 4), nacked(5, 2)});
    int seen = 0;
    told.for_each([&](const settled&) { ++seen; });
    CHECK(seen == 2);
    const auto all = told.take_unheard(0, {});
    REQUIRE(all.size() == 2);
    CHECK(all[0].what == offset_range{1, 4});
    CHECK(all[1].outcome == how::nacked);
    CHECK(all[1].attempt == 2);
    CHECK(all[1].delay_ms == 5);
    CHECK(all[1].why == "not yet");
    CHECK(ranges_of(told).empty());
}

TEST_CASE("Acks side by side become one range, but not those of other attempts, nor failures") {
    told_settlements told;
    told.add({acked(1, 4), acked(5, 5), acked(6, 6, 2), nacked(7), nacked(8), acked(9, 9)});
    CHECK(ranges_of(told) == ranges{{1, 5}, {6, 6}, {7, 7}, {8, 8}, {9, 9}});
}

TEST_CASE("Below the sender's floor nothing is kept") {
    told_settlements told;
    told.add({acked(1, 4), nacked(5), acked(6, 9)});
    told.heard_below(7);
    CHECK(ranges_of(told) == ranges{{6, 9}});
    told.heard_below(3);  // it never falls
    told.add({acked(10, 12)});
    told.heard_below(13);
    CHECK(ranges_of(told).empty());
}

TEST_CASE("What was below the floor when it was told is kept, for the floor does not speak of it") {
    told_settlements told;
    told.heard_below(100);
    told.add({acked(5, 5, 3), acked(100, 101)});
    told.heard_below(200);
    CHECK(told.find(stream, 5, 3) != nullptr);
    CHECK(ranges_of(told) == ranges{{5, 5}});
}

TEST_CASE("A greeting says what its sender has heard: below its floor, all but what it names") {
    told_settlements told;
    told.add({acked(1, 10)});
    SECTION("nothing named: what is above") { CHECK(ranges_of(told, 4) == ranges{{4, 10}}); }
    SECTION("a live one below: all of the range that it is in") {
        CHECK(ranges_of(told, 4, {1, 1}) == ranges{{1, 10}});
        told.add({acked(1, 10)});
        CHECK(ranges_of(told, 20, {3, 3}) == ranges{{1, 10}});
    }
    SECTION("all of it heard") { CHECK(ranges_of(told, 11).empty()); }
}

TEST_CASE("What was told of a record is found by its attempt") {
    told_settlements told;
    told.add({acked(1, 10, 2), nacked(12)});
    REQUIRE(told.find(stream, 7, 2) != nullptr);
    CHECK(told.find(stream, 7, 1) == nullptr);
    CHECK(told.find(stream, 11, 2) == nullptr);
    CHECK(told.find({1, 1}, 7, 2) == nullptr);
    CHECK(told.find(stream, 12, 1)->outcome == how::nacked);
}

TEST_CASE("A sender whose floor stands still costs a bounded memory: the oldest are forgotten") {
    told_settlements told;
    const auto most = static_cast<offset>(told_settlements::ranges_max);
    for (offset at = 1; at <= 3 * most; ++at) told.add({acked(2 * at, 2 * at)});
    const auto all = ranges_of(told);
    CHECK(all.size() <= most);
    CHECK(all.size() >= most / 2);
    CHECK(all.back() == offset_range{6 * most, 6 * most});
}
