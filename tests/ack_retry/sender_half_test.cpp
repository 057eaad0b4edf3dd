#include "ack_retry/sender_half.hpp"

#include "sender_world.hpp"
#include "test_main.hpp"

using namespace sender_world;

TEST_CASE("a lone message leaves in the same call") {
    world one;
    one.join(1);
    CHECK(one.send("a") == 1);
    CHECK(one.news() == lines{"1:1:1"});
    CHECK(one.send("b") == 2);
    CHECK(one.news() == lines{"1:1:2"});
}

TEST_CASE("without a link what is sent gathers, and all of it leaves when one comes") {
    world one;
    for (int i = 0; i < 100; ++i) one.send("x");
    CHECK(one.log->bytes_used() == 0);
    one.join(1);
    REQUIRE(one.carrier.frames.size() == 1);
    CHECK(one.carrier.frames[0].batch.view.count() == 100);
    CHECK(one.send("y") == 101);
    CHECK(one.carrier.frames.size() == 2);
}

TEST_CASE("while each link is busy, messages gather: to 256 KiB, or until one is free") {
    world one;
    one.join(1, 65'536, 64u << 20);
    one.carrier.busy_after_each = true;
    const std::string body(1000, 'x');
    one.send(body);
    for (int i = 0; i < 30; ++i) one.send(body);
    CHECK(one.carrier.frames.size() == 1);
    SECTION("the next batch is what has gathered when there is room") {
        one.carrier.busy_links.clear();
        one.half->may_write();
        REQUIRE(one.carrier.frames.size() == 2);
        CHECK(one.carrier.frames[1].batch.view.count() == 30);
    }
    SECTION("room that nobody has told of is found at 64 KiB") {
        one.carrier.busy_links.clear();
        for (int i = 0; i < 60; ++i) one.send(body);
        REQUIRE(one.carrier.frames.size() == 2);
        CHECK(one.carrier.frames[1].batch.view.data().size() >= 64u << 10);
        CHECK(one.carrier.frames[1].batch.view.data().size() < 70u << 10);
    }
    SECTION("no batch becomes larger than 256 KiB") {
        for (int i = 0; i < 1000; ++i) one.send(body);
        one.carrier.busy_after_each = false;
        one.carrier.busy_links.clear();
        one.half->may_write();
        REQUIRE(one.carrier.frames.size() > 3);
        for (std::size_t i = 1; i + 1 < one.carrier.frames.size(); ++i) {
            CHECK(one.carrier.frames[i].batch.view.data().size() > 250u << 10);
            CHECK(one.carrier.frames[i].batch.view.data().size() <= 256u << 10);
        }
    }
}

TEST_CASE("RELIABILITY 78: a log that is full takes nothing more until something is settled") {
    world one{{}, 64u << 10};
    one.join(1, 65'536, 64u << 20);
    const std::string body(1000, 'x');
    offset at = 0;
    status why;
    int taken = 0;
    while (one.try_send({.body = as_bytes(body)}, at, why) == tried::done) REQUIRE(++taken < 1000);
    CHECK(one.half->full());
    CHECK(one.stats().stored_bytes < 70u << 10);
    CHECK(one.try_send({.topic = "t", .body = as_bytes(body)}, at, why) == tried::would_block);
    one.ack(1, 1, 10);
    CHECK_FALSE(one.half->full());
    one.ack(1, 11, static_cast<offset>(taken));
    CHECK(one.half->unsettled() == 0);
    CHECK(one.try_send({.body = as_bytes(body)}, at, why) == tried::done);
    CHECK(at == static_cast<offset>(taken) + 1);
}

TEST_CASE("what cannot be sent is refused with a name, and takes no offset") {
    world one{{.ordered_by_key = true}};
    offset at = 0;
    status why;
    CHECK(one.try_send({.priority = 5}, at, why) == tried::failed);
    CHECK(why.error().code() == errc::unsupported);
    CHECK(why.error().value() == "priority");
    CHECK(one.try_send({.times = {.delay = 1s}}, at, why) == tried::failed);
    CHECK(why.error().value() == "delay");
    CHECK(one.try_send({.times = {.deliver_at = one.time.wall_now}}, at, why) == tried::failed);
    CHECK(why.error().value() == "deliver_at");
    const std::string huge((16u << 20) + 1, 'x');
    CHECK(one.try_send({.body = as_bytes(huge)}, at, why) == tried::failed);
    CHECK(why.error().code() == errc::too_large);
    CHECK(one.send(record_parts{.key = "k"}) == 1);
}

TEST_CASE("the link with the largest free share is next, of equals the one idle for longest") {
    world one;
    one.join(1, 10);
    one.join(2, 10);
    for (int i = 0; i < 4; ++i) one.send("x");
    CHECK(one.news() == lines{"1:1:1", "2:1:2", "1:1:3", "2:1:4"});
    one.join(3, 100);
    one.send("x");
    CHECK(one.news() == lines{"3:1:5"});
    one.ack(1, 1, 1);
    one.ack(1, 3, 3);
    one.send("x");
    CHECK(one.news() == lines{"1:1:6"});
}

TEST_CASE("row 50: a receiver that settles nothing holds up nobody, and gets no more than its credit") {
    world one;
    one.join(1, 5);
    for (int i = 0; i < 10; ++i) one.send("x");
    one.join(2, 5);
    one.ack(2, 6, 10);
    for (int i = 10; i < 1000; ++i) {
        one.send("x");
        const sent_frame& last = one.carrier.frames.back();
        if (last.to == 2) one.ack(2, last.offsets().front(), last.offsets().back());
    }
    CHECK(one.stats().in_flight == 5);
    CHECK(one.stats().acked == 995);
    CHECK(one.half->unsettled() == 5);
}

TEST_CASE("credit counts messages and bytes, comes back with acks, and follows the receiver's window") {
    world one;
    one.join(1, 3, 1u << 20);
    for (int i = 0; i < 10; ++i) one.send("x");
    CHECK(one.stats().in_flight == 3);
    one.ack(1, 1, 2);
    CHECK(one.stats().in_flight == 3);
    one.windows[1] = {0, 1u << 20};
    one.ack(1, 3, 5);
    CHECK(one.stats().in_flight == 0);
    one.windows[1] = {100, 10};
    one.handed(1, 5);
    CHECK(one.stats().in_flight == 1);
    one.windows[1] = {100, 1u << 20};
    one.handed(1, 5);
    CHECK(one.stats().in_flight == 5);
}

TEST_CASE("a peer that drains gets nothing new and still settles") {
    world one;
    one.join(1);
    one.send("x");
    one.half->drains(1);
    one.send("x");
    CHECK(one.stats().in_flight == 1);
    one.ack(1, 1, 1);
    CHECK(one.stats().acked == 1);
    one.join(2);
    CHECK(one.carrier.frames.back().to == 2);
}

TEST_CASE("acks settle ranges, and the log lets go of what is settled") {
    world one;
    one.join(1);
    for (int i = 0; i < 5; ++i) one.send("x");
    one.ack(1, 2, 5);
    CHECK(one.half->settled_below() == 1);
    CHECK(one.half->unsettled() == 1);
    one.ack(1, 1, 1);
    CHECK(one.half->settled_below() == 6);
    CHECK(one.stats().stored_bytes == 0);
    CHECK(one.half->take_news());
    CHECK_FALSE(one.half->take_news());
}

TEST_CASE("row 47: an ack of attempt 1 while attempt 2 runs elsewhere changes nothing, and counts") {
    world one;
    one.join(1);
    one.send("x");
    one.join(2);
    one.half->drains(1);
    one.say(1, {1, 1}, world::how::nacked);
    one.pass(1s);
    CHECK(one.news() == lines{"1:1:1", "2:2:1"});
    one.ack(1, 1, 1, 1);
    one.ack(2, 1, 1, 1);
    CHECK(one.half->unsettled() == 1);
    CHECK(one.stats().stale_settlements == 2);
    one.ack(2, 1, 1, 2);
    CHECK(one.half->unsettled() == 0);
    CHECK(one.stats().stale_settlements == 2);
}

TEST_CASE("row 91: nobody settles what is in flight to another, or of another stream, or what never was") {
    world one;
    one.join(1, 10);
    one.send("x");
    one.join(2, 1);
    one.ack(2, 1, 1);
    one.say(2, {1, 1}, world::how::refused);
    one.say(1, {1, 1}, world::how::acked, 1, {}, {}, {9, 9});
    one.ack(1, 50, 60);
    one.ack(99, 1, 1);
    CHECK(one.half->unsettled() == 1);
    CHECK(one.stats().stale_settlements == 3 + 11);
    one.ack(2, 2, godwit::offset_max);
    CHECK(one.stats().stale_settlements == 14 + 65'536);
    one.say(1, {5, 1}, world::how::acked);
    CHECK(one.stats().acked == 0);
}

TEST_CASE("row 40: a jump of the wall clock neither expires what was sent nor delays it") {
    world one;
    one.join(1, 1);
    one.send("first");
    one.send(record_parts{.times = {.ttl = 1h}});
    one.send(record_parts{.times = {.delay = 1h}});
    const auto jump = GENERATE(as<std::chrono::hours>{}, std::chrono::hours{1}, std::chrono::hours{-1},
                               std::chrono::hours{87'600}, std::chrono::hours{-87'600});
    one.time.wall_now += jump;
    one.half->step();
    CHECK(one.stats().expired == 0);
    one.ack(1, 1, 1);
    CHECK(one.carrier.frames.back().offsets() == std::vector<offset>{2});
    one.ack(1, 2, 2);
    CHECK(one.stats().in_flight == 0);
    one.pass(1h);
    CHECK(one.carrier.frames.back().offsets() == std::vector<offset>{3});
}

TEST_CASE("a record that is sent long after its clock was read lives from then on") {
    world one;
    one.send(record_parts{.times = {.sent = one.time.wall_now - std::chrono::hours{87'600}, .ttl = 1h}});
    one.pass(59min);
    CHECK(one.stats().expired == 0);
    one.pass(1min);
    CHECK(one.stats().expired == 1);
}

TEST_CASE("dead letters are listed with their content, requeued and discarded") {
    world one{{.attempts_max = 1}};
    one.join(1);
    const std::vector<godwit::header> headers{{"h", "v"}};
    one.send(record_parts{.topic = "t", .key = "k", .headers = headers, .body = as_bytes("body")});
    one.send("other");
    one.say(1, {1, 1}, world::how::refused, 1, {}, "not mine");
    one.say(1, {2, 2}, world::how::crashed, 1, {}, "gone");
    const auto dead = one.dead(10);
    REQUIRE(dead.size() == 2);
    CHECK(dead[0].at == 1);
    CHECK(dead[0].why == dead_reason::refused);
    CHECK(dead[0].detail == "not mine");
    CHECK(dead[0].content.topic() == "t");
    CHECK(dead[0].content.key() == "k");
    CHECK(dead[0].content.header_value("h") == "v");
    CHECK(dead[0].content.text() == "body");
    CHECK(dead[1].why == dead_reason::attempts);
    CHECK(one.dead(1).size() == 1);
    CHECK(one.half->unsettled() == 0);
    CHECK(one.requeue(7).error().code() == errc::not_found);
    one.news();
    CHECK(one.requeue(2));
    CHECK(one.news() == lines{"1:1:2"});
    CHECK(one.half->unsettled() == 1);
    one.ack(1, 2, 2);
    CHECK(one.half->discard(1));
    CHECK(one.half->discard(1).error().code() == errc::not_found);
    CHECK(one.stats().stored_bytes == 0);
    CHECK(one.stats().dead == 0);
}

TEST_CASE("row 72: an event says that there is no room for a dead letter") {
    world one{{.attempts_max = 1, .dead_letters_max = 1}};
    one.join(1);
    one.send("x");
    one.send("x");
    one.say(1, {1, 2}, world::how::nacked);
    REQUIRE(one.port.reports.size() == 1);
    CHECK(one.port.reports[0].first == godwit::event_kind::dead_letters_full);
    CHECK(one.half->unsettled() == 1);
}

TEST_CASE("receipts: received when its frame was taken, processed when acked, else how it ended") {
    world one{{.attempts_max = 1}};
    one.join(1);
    const offset a = one.send("a"), b = one.send("b"), c = one.send("c");
    const offset d = one.send(record_parts{.times = {.delay = 1h, .ttl = 1s}});
    CHECK(one.half->outcome_of(a, stage::accepted) == outcome::accepted);
    CHECK(one.half->outcome_of(a, stage::stored) == outcome::accepted);
    CHECK_FALSE(one.half->outcome_of(a, stage::received));
    CHECK_FALSE(one.half->outcome_of(d + 1, stage::accepted));
    ack_frame taken = one.quiet_ack(1);
    taken.received = 2;
    one.half->took(1, taken);
    CHECK(one.half->outcome_of(b, stage::received) == outcome::received);
    CHECK_FALSE(one.half->outcome_of(c, stage::received));
    CHECK_FALSE(one.half->outcome_of(b, stage::processed));
    CHECK(one.half->take_settled(10).empty());
    one.ack(1, a, a);
    one.say(1, {b, b}, world::how::refused);
    one.say(1, {c, c}, world::how::nacked);
    one.pass(1s);
    CHECK(one.half->outcome_of(a, stage::processed) == outcome::processed);
    CHECK(one.half->outcome_of(b, stage::processed) == outcome::refused);
    CHECK(one.half->outcome_of(c, stage::received) == outcome::dead);
    CHECK(one.half->outcome_of(d, stage::processed) == outcome::expired);
    CHECK(one.half->discard(b));
    CHECK(one.half->outcome_of(b, stage::processed) == outcome::refused);
    CHECK(one.half->settled_below() == d + 1);
    const auto first = one.half->take_settled(2);
    REQUIRE(first.size() == 2);
    CHECK(first[0].at == a);
    CHECK(first[1].what == outcome::refused);
    CHECK(one.half->take_settled(10).size() == 2);
}

TEST_CASE("what ended and was collected is bounded") {
    outcomes ends;
    ends.take(0);
    for (offset at = 0; at < 200'000; ++at) ends.ended(at, at % 2 == 0 ? outcome::dead : outcome::refused);
    CHECK(ends.take(1'000'000).size() == outcomes::collected_max);
    CHECK(ends.of_settled(199'999) == outcome::refused);
    CHECK(ends.of_settled(1) == outcome::processed);
}

TEST_CASE("the greeting names the stream, its floor, and what is live below") {
    world one;
    one.join(1);
    one.send(record_parts{.times = {.delay = 1h}});
    one.send("x");
    one.send("x");
    one.ack(1, 2, 2);
    hello ours_said;
    one.half->greet(ours_said);
    CHECK(ours_said.stream == ours);
    CHECK(ours_said.floor == 3);
    CHECK(ours_said.below_floor == std::vector<offset_range>{{1, 1}});
    CHECK(one.carrier.frames.back().floor == 1);
}
