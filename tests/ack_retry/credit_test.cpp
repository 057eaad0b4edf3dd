#include "ack_retry/credit.hpp"

#include <catch2/catch.hpp>

#include "ack_retry/receiving_side.hpp"

using namespace receiving_side;

TEST_CASE("The count adapts to twice what is settled in 50 ms, between 1 and 65,536") {
    credit window{4u << 20, 0};
    steady_time now{1h};
    CHECK(window.messages() == 1024);
    window.look(now, true);
    window.settled(3000);
    window.look(now += 50ms, true);
    CHECK(window.messages() == 6000);
    window.settled(1'000'000);
    window.look(now += 50ms, true);
    CHECK(window.messages() == 65'536);
    window.settled(2);
    window.look(now += 100ms, true);
    CHECK(window.messages() == 2);
    window.look(now += 50ms, true);
    CHECK(window.messages() == 1);
}

TEST_CASE("A time with nothing to do narrows no window") {
    credit window{4u << 20, 0};
    steady_time now{1h};
    window.look(now, false);
    window.settled(1);
    window.look(now += 10s, false);
    CHECK(window.messages() == 1024);
}

TEST_CASE("A fixed count stays") {
    credit window{4u << 20, 7};
    steady_time now{1h};
    window.look(now, true);
    window.settled(3000);
    window.look(now += 50ms, true);
    CHECK(window.messages() == 7);
}

TEST_CASE("Who asks for more with all of it in hand is granted more, and keeps that for a while") {
    credit window{4u << 20, 0};
    steady_time now{1h};
    window.look(now, true);
    window.look(now += 50ms, true);
    REQUIRE(window.messages() == 1);
    window.look(now += 50ms, false, true);
    CHECK(window.messages() == 1);  // none of it is out
    window.take(1, 100);
    window.look(now += 50ms, false);
    CHECK(window.messages() == 1);  // nobody has asked
    window.look(now += 50ms, false, true);
    CHECK(window.messages() == 2);
    window.take(1, 100);
    window.look(now += 50ms, false, true);
    CHECK(window.messages() == 4);
    window.look(now += 950ms, true);
    CHECK(window.messages() == 4);
    window.look(now += 50ms, true);
    CHECK(window.messages() == 2);
    window.look(now += 1s, true);
    CHECK(window.messages() == 1);
}

TEST_CASE("A receiver that waits with its whole window in hand has it widened") {
    side in;
    in.come(batch_of({1, 100}));
    for (int i = 0; i < 10; ++i) {
        in.next().ack();
        in.pass(50ms);
    }
    std::vector<delivery> hand;
    for (int i = 10; i < 100; ++i) hand.push_back(in.next());
    const auto narrow = in.out.frames.back().frame.window_messages;
    REQUIRE(narrow <= 2);
    delivery none;
    REQUIRE(in.half->recv(none) == tried::would_block);
    in.pass(50ms);
    CHECK(in.out.frames.back().frame.window_messages == 2 * narrow);
}

TEST_CASE("A slow handler narrows the window, and the sender is told with the next ack") {
    side in;
    in.come(batch_of({1, 100}));
    for (int i = 0; i < 10; ++i) {
        in.next().ack();
        in.pass(50ms);
    }
    CHECK(in.out.frames.back().frame.window_messages == 2);
    CHECK(in.out.frames.back().frame.window_bytes == 4u << 20);
}

TEST_CASE("One batch beyond the credit is taken, the next one ends the link and frees what it sent") {
    side in{{.credit_messages = 10}};
    in.come(batch_of({1, 9}));
    in.come(batch_of({10, 30}));
    CHECK(in.out.refused.empty());
    delivery held = in.next();
    in.come(batch_of({31, 31}));
    CHECK(in.out.refused == std::vector<link_number>{1});
    CHECK(in.stats().malformed == 1);
    CHECK(in.next().settled());
    const std::size_t told = in.out.frames.size();
    held.ack();
    in.half->step(steady_time::max());
    CHECK(in.out.frames.size() == told);
    CHECK(in.half->drained());
}

TEST_CASE("Credit counts bytes, and one message above the window goes into an empty one") {
    side in{{.credit_bytes = 64u << 10}};
    const std::string large(200'000, 'x');
    in.come(batch_of({1, 1}, large));
    CHECK(in.out.refused.empty());
    CHECK(in.ack_all().size() == 1);
    in.come(batch_of({2, 2}, large));
    CHECK(in.out.refused.empty());
    in.come(batch_of({3, 3}));
    CHECK(in.out.refused.size() == 1);
}

TEST_CASE("Credit comes back with each ack, also of parts of a batch, for as long as it goes on") {
    side in{{.credit_bytes = 64u << 10, .credit_messages = 100}};
    const std::string body(500, 'x');
    offset at = 1;
    std::vector<delivery> slow;
    for (int round = 0; round < 300; ++round, at += 50) {
        in.come(batch_of({at, at + 49}, body));
        in.ack_all();
    }
    CHECK(in.out.refused.empty());
    CHECK(in.stats().acked == 15'000);
}

TEST_CASE("A quarter of the credit that is settled and untold is told at once") {
    side in{{.credit_messages = 40}};
    in.come(batch_of({1, 40}));
    in.out.frames.clear();
    for (int i = 0; i < 9; ++i) in.next().ack();
    CHECK(in.out.frames.empty());
    in.next().ack();
    REQUIRE(in.out.frames.size() == 1);
    CHECK(in.out.frames[0].frame.ranges[0].what == offset_range{1, 10});
}
