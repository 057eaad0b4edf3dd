#include "ack_retry/dispatcher_desk.hpp"
#include "test_main.hpp"

using namespace dispatcher_desk;

TEST_CASE("a fresh batch goes whole, in the log's own bytes") {
    desk one;
    one.add_batch(10);
    const portion made = one.go();
    CHECK(made.what == ranges{{1, 10}});
    CHECK(made.batch.view.data().data() == one.log->read(ours, 1).batch.view.data().data());
    CHECK(made.bytes == made.batch.view.data().size());
    CHECK(one.go().empty());
    CHECK(one.of.records().specials.empty());
}

TEST_CASE("what does not fit the credit is cut, in messages and in bytes, and the rest goes later") {
    desk one;
    one.add_batch(10, std::string(100, 'x'));
    CHECK(one.go({4, 1u << 20, true}).what == ranges{{1, 4}});
    const portion small = one.go({100, 399, false});
    CHECK(small.what == ranges{{5, 6}});
    CHECK(small.bytes <= 399);
    CHECK(one.go().what == ranges{{7, 10}});
}

TEST_CASE("a record that is larger than the window goes when nothing else is in flight") {
    desk one;
    one.add_batch(2, std::string(5000, 'x'));
    const portion held = one.of.next({10, 1000, false});
    CHECK(held.empty());
    CHECK(held.held_back);
    CHECK(one.go({10, 1000, true}).what == ranges{{1, 1}});
}

TEST_CASE("without messages of credit nothing goes") {
    desk one;
    one.add_batch(2);
    CHECK(one.of.next({0, 1u << 20, true}).empty());
}

TEST_CASE("what is delayed stays behind while its batch goes, and goes when it is due") {
    desk one;
    one.add("a");
    one.of.admit(one.next, priority_default, {.due = one.time.steady + 10s});
    one.add("b");
    one.add("c");
    one.keep();
    CHECK(one.go().what == ranges{{1, 1}, {3, 3}});
    CHECK_FALSE(one.of.has_more());
    CHECK(one.of.next_step() == one.time.steady + 10s);
    CHECK_FALSE(one.of.step(one.time.steady + 9999ms));
    CHECK(one.of.step(one.time.steady + 10s));
    const portion due = one.go();
    CHECK(due.what == ranges{{2, 2}});
    CHECK(due.attempt == 1);
}

TEST_CASE("a high priority overtakes the backlog, a low one lets it pass") {
    desk one;
    one.add_batch(2);
    one.of.admit(one.next, 1, {});
    one.add("low");
    one.of.admit(one.next, 9, {});
    one.add("high");
    one.keep();
    CHECK(one.go().what == ranges{{4, 4}});
    CHECK(one.go().what == ranges{{1, 2}});
    CHECK(one.go().what == ranges{{3, 3}});
}

TEST_CASE("retries of one attempt in one batch go together, another attempt by itself") {
    desk one;
    one.add_batch(4);
    one.go();
    one.of.failed(1, 1, 0ms, {});
    one.of.failed(2, 1, 0ms, {});
    one.of.failed(4, 2, 0ms, {});
    one.of.step(one.time.steady + 1h);
    const portion second = one.go();
    CHECK(second.attempt == 2);
    CHECK(second.what == ranges{{1, 2}});
    const portion third = one.go();
    CHECK(third.attempt == 3);
    CHECK(third.what == ranges{{4, 4}});
    CHECK(one.of.counts().redelivered == 3);
    CHECK(one.of.records().in_flight == 4);
}

TEST_CASE("what was returned goes again as it was, before what is fresh, and costs no place of its own") {
    desk one;
    one.add_batch(4);
    one.add_batch(4);
    one.go();
    one.of.returned({2, 3}, 1);
    CHECK(one.of.records().specials.empty());
    const portion again = one.go();
    CHECK(again.attempt == 1);
    CHECK(again.what == ranges{{2, 3}});
    CHECK(one.go().what == ranges{{5, 8}});
    one.of.failed(2, 1, 0ms, {});
    one.of.step(one.time.steady + 1h);
    CHECK(one.go().attempt == 2);
    one.of.returned({2, 2}, 2);
    const portion same = one.go();
    CHECK(same.attempt == 2);
    CHECK(same.what == ranges{{2, 2}});
}

TEST_CASE("row 70: after attempts_max a record is a dead letter, which the log keeps") {
    desk one{{.attempts_max = 2}};
    one.add_batch(1);
    one.go();
    one.of.failed(1, 1, 0ms, "first");
    one.of.step(one.time.steady + 1h);
    one.go();
    one.of.failed(1, 2, 0ms, "second");
    const special_record& dead = one.of.records().specials.at(1);
    REQUIRE(dead.died);
    CHECK(dead.died->why == dead_reason::attempts);
    CHECK(dead.died->detail == "second");
    CHECK(dead.attempts == 2);
    CHECK(one.in_log(1));
    CHECK_FALSE(one.of.has_more());
    CHECK(one.of.requeue(1));
    CHECK(one.go().attempt == 1);
    CHECK_FALSE(one.of.requeue(1));
    one.of.refused(1, 1, "no");
    CHECK(one.of.counts().refused == 1);
    CHECK(one.of.discard(1));
    CHECK_FALSE(one.in_log(1));
    CHECK(one.of.ends().of_settled(1) == outcome::refused);
}

TEST_CASE("a nack waits for as long as was asked, if the back-off is shorter") {
    desk one{{.backoff_min = 10ms, .backoff_max = 100ms}};
    one.add_batch(2);
    one.go();
    one.of.failed(1, 1, 30s, {});
    CHECK(one.of.next_step() == one.time.steady + 30s);
    one.of.failed(2, 1, 0ms, {});
    CHECK(one.of.next_step() >= one.time.steady + 10ms);
    CHECK(one.of.next_step() <= one.time.steady + 20ms);
}

TEST_CASE("a time to live alone leaves the batch whole, and ends only what is not in flight") {
    desk one;
    one.of.admit(1, priority_default, {.expires = one.time.steady + 1s});
    one.add_batch(3);
    CHECK(one.of.next({1000, 1u << 20, true}).batch.view.data().data() ==
          one.log->read(ours, 1).batch.view.data().data());
    SECTION("before it was sent") {
        one.of.step(one.time.steady + 1s);
        CHECK(one.of.counts().expired == 1);
        CHECK(one.of.records().specials.at(1).died->why == dead_reason::expired);
        CHECK(one.go().what == ranges{{2, 3}});
    }
    SECTION("in flight, and acked late") {
        one.go();
        CHECK_FALSE(one.of.step(one.time.steady + 2s));
        one.of.acked({1, 3});
        CHECK(one.of.counts().expired == 0);
        CHECK(one.of.next_step() == never);
    }
    SECTION("nacked when it had ended") {
        one.go();
        one.time.pass(2s);
        one.of.failed(1, 1, 0ms, {});
        CHECK(one.of.counts().expired == 1);
    }
    SECTION("while it waits for its next attempt") {
        one.go();
        one.of.failed(1, 1, 1h, {});
        CHECK(one.of.next_step() == one.time.steady + 1s);
        one.of.step(one.time.steady + 1s);
        CHECK(one.of.counts().expired == 1);
        CHECK(one.of.next_step() == never);
    }
}

TEST_CASE("row 72: a dead letter that finds no room stays in the queue, and somebody is told once") {
    desk one{{.attempts_max = 1, .backoff_max = 60s, .dead_letters_max = 1}};
    std::vector<offset> told;
    one.of.on_overflow([&](offset at) { told.push_back(at); });
    one.add_batch(3);
    one.go();
    one.of.failed(1, 1, 0ms, {});
    one.of.failed(2, 1, 0ms, {});
    one.of.refused(3, 1, {});
    CHECK(told == std::vector<offset>{2});
    CHECK(one.of.records().dead == 1);
    CHECK(one.of.records().unsettled(4) == 2);
    CHECK(one.of.next_step() == one.time.steady + 60s);
    one.of.discard(1);
    one.of.step(one.time.steady + 60s);
    CHECK(one.go().what == ranges{{2, 3}});
}

TEST_CASE("ordered by key, one record of a key is in flight at a time, also through its retries") {
    desk one{{.ordered_by_key = true}};
    one.add("1", "a");
    one.add("2", "b");
    one.add("3", "a");
    one.add("4");
    one.add("5", "a");
    one.keep();
    CHECK(one.go().what == ranges{{1, 2}, {4, 4}});
    CHECK_FALSE(one.of.has_more());
    one.of.failed(1, 1, 0ms, {});
    one.of.acked({2, 2});
    CHECK_FALSE(one.of.has_more());
    one.of.step(one.time.steady + 1h);
    CHECK(one.go().what == ranges{{1, 1}});
    one.of.returned({1, 1}, 2);
    CHECK(one.go().what == ranges{{1, 1}});
    one.of.acked({1, 1});
    CHECK(one.go().what == ranges{{3, 3}});
    CHECK(one.go().empty());
    one.of.refused(3, 1, {});
    CHECK(one.go().what == ranges{{5, 5}});
    CHECK(one.of.requeue(3));
    CHECK(one.go().empty());
    one.of.acked({5, 5});
    CHECK(one.go().what == ranges{{3, 3}});
}

TEST_CASE("ordered by key, what waits behind its key expires where it is") {
    desk one{{.ordered_by_key = true}};
    one.add("1", "a");
    one.of.admit(2, priority_default, {.expires = one.time.steady + 1s});
    one.add("2", "a");
    one.add("3", "a");
    one.keep();
    one.go();
    one.of.step(one.time.steady + 1s);
    CHECK(one.of.counts().expired == 1);
    one.of.acked({1, 1});
    CHECK(one.go().what == ranges{{3, 3}});
}

TEST_CASE("ordered by key, a backlog of one key is not taken into memory without an end") {
    desk one{{.ordered_by_key = true}};
    for (int i = 0; i < 8000; ++i) {
        for (int j = 0; j < 10; ++j) one.add("x", "a");
        one.keep();
    }
    CHECK(one.go().count == 1);
    CHECK(one.go().empty());
    CHECK(one.of.records().specials.size() <= key_gate::waiting_max);
    std::uint64_t in_order = 1;
    for (offset at = 1; at <= 80'000; ++at) {
        one.of.acked({at, at});
        const portion made = one.go();
        if (!made.empty() && made.what == ranges{{at + 1, at + 1}}) ++in_order;
    }
    CHECK(in_order == 80'000);
    CHECK(one.of.records().floor() == 80'001);
}

TEST_CASE("memory follows exceptions: what is settled leaves no special record and no time behind") {
    desk one{{.attempts_max = 5}};
    seeded_random chance;
    for (int round = 0; round < 200; ++round) {
        for (int i = 0; i < 20; ++i) {
            const auto kind = chance.draw() % 4;
            if (kind == 1) one.of.admit(one.next, 7, {});
            if (kind == 2) one.of.admit(one.next, priority_default, {.due = one.time.steady + 50ms});
            if (kind == 3) one.of.admit(one.next, priority_default, {.expires = one.time.steady + 1h});
            one.add("x");
        }
        one.keep();
        one.time.pass(10ms);
        one.of.step(one.time.steady);
        for (portion made = one.go({7, 500, true}); !made.empty(); made = one.go({7, 500, true})) {
            for (const offset_range& range : made.what) {
                for (offset at = range.first; at <= range.last; ++at) {
                    const auto fate = chance.draw() % 8;
                    if (fate == 0 && made.attempt < 4) {
                        one.of.failed(at, made.attempt, 0ms, {});
                    } else if (fate == 1) {
                        one.of.returned({at, at}, made.attempt);
                    } else {
                        REQUIRE_FALSE(one.of.records().is_settled(at));
                        one.of.acked({at, at});
                    }
                }
            }
        }
    }
    one.of.step(one.time.steady + 10min);
    for (portion made = one.go(); !made.empty(); made = one.go()) {
        for (const offset_range& range : made.what) one.of.acked(range);
    }
    CHECK(one.of.records().floor() == one.next);
    CHECK(one.of.records().specials.empty());
    CHECK(one.of.records().in_flight == 0);
    CHECK(one.of.next_step() == never);
    CHECK(one.of.counts().acked == one.next - 1);
}
