#include "ack_retry/inbox.hpp"

#include <catch2/catch.hpp>

#include "ack_retry/receiving_side.hpp"

using namespace receiving_side;

namespace {

std::vector<std::uint64_t> senders_of_hand_outs(side& in, std::size_t count) {
    std::vector<std::uint64_t> whose;
    for (std::size_t i = 0; i < count; ++i) {
        delivery one = in.next();
        whose.push_back(one.stream().high);
        one.ack();
    }
    return whose;
}

}  // namespace

TEST_CASE("Records of one link are handed out in the order they came, with their content") {
    side in;
    in.come(batch_of({1, 3}, "first"));
    in.come(batch_of({4, 5}, "second"));
    for (offset at = 1; at <= 5; ++at) {
        delivery one = in.next();
        CHECK(one.at() == at);
        CHECK(one.text() == (at <= 3 ? "first" : "second"));
        CHECK(one.stream() == stream);
        one.ack();
    }
    CHECK(in.next().settled());
}

TEST_CASE("Links take turns of 64 records, and one that has little is not held up by one that has much") {
    side in;
    in.join(2, 0, 2);
    in.come(batch_of({1, 200}, "a", {1, 1}), 1);
    in.come(batch_of({1, 3}, "b", {2, 1}), 2);
    in.come(batch_of({4, 5}, "c", {2, 1}), 2);
    const auto whose = senders_of_hand_outs(in, 205);
    const auto turn = [&](std::size_t from, std::size_t count, std::uint64_t sender) {
        return std::all_of(whose.begin() + static_cast<long>(from), whose.begin() + static_cast<long>(from + count),
                           [&](std::uint64_t one) { return one == sender; });
    };
    CHECK(turn(0, 64, 1));
    CHECK(turn(64, 3, 2));  // a batch is a turn
    CHECK(turn(67, 64, 1));
    CHECK(turn(131, 2, 2));
    CHECK(turn(133, 72, 1));
}

TEST_CASE("A second copy of a record that waits or is in hand is joined, and counted") {
    side in;
    in.come(batch_of({1, 10}));
    delivery first = in.next();
    in.come(batch_of({1, 12}));
    CHECK(in.stats().duplicates == 10);
    CHECK(in.ack_all() == std::vector<offset>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    first.ack();
    std::uint64_t told = 0;
    for (const auto& one : in.out.ranges()) told += one.what.count();
    CHECK(told == 12);
    CHECK(in.out.frames.back().frame.handed == 22);
}

TEST_CASE("Copies that are dropped do not make the count of handed records run ahead") {
    side in;
    in.come(batch_of({1, 20}));
    in.come(batch_of({1, 20}));
    delivery held = in.next();
    held.ack();
    in.half->step(steady_time::max());
    CHECK(in.out.frames.back().frame.handed == 1);
}

TEST_CASE("A joined copy with another attempt is settled with the token of its own") {
    side in;
    in.come(batch_of({5, 5}));
    delivery one = in.next();
    in.come(batch_of({5, 5}), 1, 2);
    CHECK(in.next().settled());
    one.ack();
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[0].attempt + ranges[1].attempt == 3);
}

TEST_CASE("A record that was nacked is handed out again, although its batch is still in hand") {
    side in;
    in.come(batch_of({1, 2}));
    delivery first = in.next(), second = in.next();
    first.nack();
    CHECK(in.next().settled());
    in.come(batch_of({1, 1}), 1, 2);
    delivery again = in.next();
    CHECK(again.at() == 1);
    CHECK(again.attempt() == 2);
    CHECK(in.stats().duplicates == 0);
}

TEST_CASE("Ten thousand records are handed out and acked with a clock reading for many, and a frame for each batch") {
    side in;
    const int readings = in.time.readings;
    for (offset first = 1; first < 10'000; first += 200) {
        in.come(batch_of({first, first + 199}, "x"));
        CHECK(in.ack_all().size() == 200);
    }
    CHECK(in.time.readings - readings < 400);
    CHECK(in.out.frames.size() <= 51);
    CHECK(in.out.refused.empty());
}
