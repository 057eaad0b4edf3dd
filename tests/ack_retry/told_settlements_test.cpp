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

std::vector<offset_range> ranges_of(told_settlements& from) {
    std::vector<offset_range> all;
    for (const auto& one : from.take()) all.push_back(one.what);
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
    const auto all = told.take();
    REQUIRE(all.size() == 2);
    CHECK(all[0].what == offset_range{1, 4});
    CHECK(all[1].outcome == how::nacked);
    CHECK(all[1].attempt == 2);
    CHECK(all[1].delay_ms == 5);
    CHECK(all[1].why == "not yet");
    CHECK(told.take().empty());
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
    CHECK(ranges_of(told) == ranges{{7, 9}});
    told.heard_below(3);  // it never falls
    told.add({acked(10, 12)});
    told.heard_below(13);
    CHECK(ranges_of(told).empty());
}

TEST_CASE("What was below the floor when it was told is kept until a greeting says that it is settled") {
    told_settlements told;
    told.heard_below(100);
    told.add({acked(5, 5, 3), acked(6, 6, 3), acked(100, 101)});
    told.heard_below(200);
    int seen = 0;
    told.for_each([&](const settled&) { ++seen; });
    CHECK(seen == 2);
    const offset_range live{6, 6};
    told.heard_below(200, {&live, 1});
    told.heard_below(300);
    CHECK(ranges_of(told) == ranges{{6, 6}});
}

TEST_CASE("A sender whose floor stands still costs a bounded memory: the oldest are forgotten") {
    told_settlements told;
    const auto most = static_cast<offset>(told_settlements::ranges_max);
    for (offset at = 1; at <= 3 * most; ++at) told.add({acked(2 * at, 2 * at)});
    const auto all = ranges_of(told);
    CHECK(all.size() == most);
    CHECK(all.back() == offset_range{6 * most, 6 * most});
    CHECK(all.front() == offset_range{4 * most + 2, 4 * most + 2});
}
