// Links that come and go: what stays, what moves, what it costs.
#include <algorithm>

#include "ack_retry/sender_half.hpp"
#include "sender_world.hpp"
#include "test_main.hpp"

using namespace sender_world;

namespace {

hello scoped(stream_id scope) {
    hello theirs;
    theirs.scope = scope;
    return theirs;
}

constexpr stream_id scope_a{1, 1}, scope_b{2, 2};

}  // namespace

TEST_CASE("row 53: of a link that is lost, what was handed out and the next one count an attempt, the rest none") {
    world one{{.backoff_min = 100ms}};
    one.join(1);
    for (int i = 0; i < 6; ++i) one.send("x");
    one.news();
    one.ack(1, 2, 2);
    one.handed(1, 3);
    SECTION("lost, superseded or closed") {
        one.half->left(1, GENERATE(link_end::lost, link_end::superseded, link_end::closed));
        one.join(2);
        CHECK(one.stats().nacked == 3);
        CHECK(one.news() == lines{"2:1:5", "2:1:6"});
        one.pass(1s);
        CHECK(one.news() == lines{"2:2:1", "2:2:3", "2:2:4"});
    }
    SECTION("with a good-bye none does") {
        one.half->left(1, link_end::goodbye);
        CHECK(one.stats().nacked == 0);
        one.join(2);
        CHECK(one.news() == lines{"2:1:1", "2:1:3", "2:1:4", "2:1:5", "2:1:6"});
    }
    SECTION("told a second time that it is gone, nothing more happens") {
        one.half->left(1, link_end::lost);
        one.half->left(1, link_end::closed);
        CHECK(one.stats().nacked == 3);
        one.ack(1, 1, 1);
        CHECK(one.stats().acked == 1);
    }
}

TEST_CASE(
    "row 53: while nobody else is there, what a lost link has waits for its return, and what it settled is acked") {
    world one{{.backoff_min = 100ms}};
    one.join(1);
    for (int i = 0; i < 6; ++i) one.send("x");
    CHECK(one.news() == lines{"1:1:1", "1:1:2", "1:1:3", "1:1:4", "1:1:5", "1:1:6"});
    one.handed(1, 3);
    one.half->left(1, link_end::lost);
    SECTION("it has three in hand, or settled, and gets the rest again") {
        hello theirs;
        theirs.holds = {{ours, {1, 3}, 1}};
        one.join(2, 1000, 4u << 20, theirs, 1);
        CHECK(one.news() == lines{"2:1:4", "2:1:5", "2:1:6"});
        one.ack(2, 1, 6);
        CHECK(one.stats().acked == 6);
        CHECK(one.stats().nacked == 0);
        CHECK(one.stats().stale_settlements == 0);
    }
    SECTION("another one comes first") {
        one.join(2);
        one.pass(1s);
        CHECK(one.stats().nacked == 4);
        CHECK(one.stats().in_flight == 6);
    }
}

TEST_CASE("a record that kills each receiver becomes a dead letter, and those beside it do not") {
    world one{{.attempts_max = 3, .backoff_min = 1ms, .backoff_max = 1ms}};
    one.send("poison");
    for (int i = 0; i < 9; ++i) one.send("x");
    for (link_number link = 1; link <= 3; ++link) {
        one.join(link, 1000);
        one.pass(10ms);
        // What comes before the poison in this session is done; the poison is handed out, and that is the end.
        std::uint64_t ordinal = 0;
        for (const sent_frame& frame : one.carrier.frames) {
            if (frame.to != link) continue;
            for (const offset at : frame.offsets()) {
                ++ordinal;
                if (at == 1) break;
                one.ack(link, at, at, frame.attempt);
            }
            if (frame.offsets().front() == 1) break;
        }
        one.handed(link, ordinal);
        one.half->left(link, link_end::closed);
    }
    const auto dead = one.dead(10);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].content.text() == "poison");
    CHECK(dead[0].attempts == 3);
}

TEST_CASE("a record that kills each receiver before a word of it gets out becomes a dead letter all the same") {
    world one{{.attempts_max = 3, .backoff_min = 1ms, .backoff_max = 1ms, .pause_after_failures = 0}};
    for (int i = 0; i < 5; ++i) one.send("x");
    const offset poison = 3;
    int deaths = 0;
    const auto& frames = one.carrier.frames;
    const auto has_poison = [&](const sent_frame& frame) {
        const auto all = frame.offsets();
        return std::find(all.begin(), all.end(), poison) != all.end();
    };
    for (link_number link = 1; one.dead(10).empty() && link < 20; ++link) {
        auto told = static_cast<std::ptrdiff_t>(frames.size());
        one.join(link, 1000);
        one.pass(10ms);
        std::uint64_t done = 0;
        // A receiver tells what it has done while the poison is not among what it has; else nothing is told.
        while (told != std::ssize(frames) && std::none_of(frames.begin() + told, frames.end(), has_poison)) {
            const sent_frame frame = frames[static_cast<std::size_t>(told++)];
            for (const offset at : frame.offsets()) one.ack(link, at, at, frame.attempt);
            one.handed(link, done += frame.offsets().size());
            if (told == std::ssize(frames)) one.pass(10ms);
        }
        deaths += told != std::ssize(frames);
        one.half->left(link, link_end::closed);
    }
    const auto dead = one.dead(10);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].at == poison);
    CHECK(deaths <= 6);
}

TEST_CASE("with a scope, what a lost link has stays its own until it comes again") {
    world one;
    one.join(1, 1000, 4u << 20, scoped(scope_a));
    for (int i = 0; i < 4; ++i) one.send("x");
    one.join(2, 1000, 4u << 20, scoped(scope_b));
    one.news();
    one.half->left(1, link_end::lost);
    one.pass(60s);
    CHECK(one.news().empty());
    CHECK(one.stats().in_flight == 4);
    hello theirs = scoped(scope_a);
    theirs.holds = {{ours, {2, 3}, 1}, {ours, {4, 4}, 7}, {{9, 9}, {1, 1}, 1}};
    SECTION("what it still holds stays in flight, the rest goes to it again at the same attempt") {
        one.join(3, 1000, 4u << 20, theirs, 1);
        CHECK(one.news() == lines{"3:1:1", "3:1:4"});
        CHECK(one.stats().redelivered == 2);
        one.ack(3, 1, 4);
        CHECK(one.half->unsettled() == 0);
        CHECK(one.stats().stale_settlements == 0);
    }
    SECTION("lost again before it went, it is still owed") {
        one.carrier.busy_links = {3};
        one.join(3, 1000, 4u << 20, theirs, 1);
        one.half->left(3, link_end::lost);
        one.join(4, 1000, 4u << 20, scoped(scope_a), 3);
        CHECK(one.news() == lines{"4:1:1", "4:1:2", "4:1:3", "4:1:4"});
    }
    SECTION("another of its scope gets it when it will not come again, with an attempt for what was in hand") {
        one.half->left(1, link_end::closed);
        CHECK(one.news().empty());
        one.join(3, 1000, 4u << 20, scoped(scope_a));
        CHECK(one.news() == lines{"3:1:2", "3:1:3", "3:1:4", "3:2:1"});
        CHECK(one.stats().nacked == 1);
        CHECK(one.stats().in_flight == 4);
    }
    SECTION("anybody gets it after evict_after") {
        one.half->left(1, link_end::closed);
        const auto when = one.half->step();
        CHECK(when <= one.time.steady + 600s);
        one.pass(600s);
        CHECK(one.news() == lines{"2:1:2", "2:1:3", "2:1:4"});
        one.pass(1s);
        CHECK(one.news() == lines{"2:2:1"});
        CHECK(one.stats().evicted == 4);
        REQUIRE(one.port.reports.size() == 1);
        CHECK(one.port.reports[0].first == godwit::event_kind::possible_repeat);
    }
}

TEST_CASE("a good-bye leaves in its scope what may have been handled there, and gives back what had not come") {
    world one;
    one.join(1, 1000, 4u << 20, scoped(scope_a));
    for (int i = 0; i < 4; ++i) one.send("x");
    one.join(2, 1000, 4u << 20, scoped(scope_b));
    one.news();
    ack_frame told;
    told.received = 3;  // data frames, of one record each
    told.handed = 1;
    told.window_messages = 1000;
    told.window_bytes = 4u << 20;
    one.half->took(1, told);
    one.half->left(1, link_end::goodbye);
    CHECK(one.news() == lines{"2:1:4"});
    one.join(3, 1000, 4u << 20, scoped(scope_a));
    CHECK(one.news() == lines{"3:1:3", "3:2:1", "3:2:2"});  // the second may just have been handed out
}

TEST_CASE("RELIABILITY 54, 55: of a memory, an older opening is fenced and another one at the same time a conflict") {
    world one;
    const auto opening = [](std::uint64_t epoch, stream_id nonce) {
        hello theirs = scoped(scope_a);
        theirs.epoch = epoch;
        theirs.next = {{nonce, 0}};
        return theirs;
    };
    CHECK(one.half->meet(opening(2, {1, 1})));
    CHECK(one.half->meet(opening(2, {1, 1})));
    CHECK(one.half->meet(opening(2, {2, 2})).failed(errc::conflict));
    CHECK(one.half->meet(opening(3, {2, 2})));
    CHECK(one.half->meet(opening(2, {1, 1})).failed(errc::fenced));
    CHECK(one.half->meet({}));
}

TEST_CASE("another link of the same scope takes over at once from one that will not come again") {
    world one{{.attempts_max = 1}};
    one.join(1, 1000, 4u << 20, scoped(scope_a));
    for (int i = 0; i < 3; ++i) one.send("x");
    one.join(2, 1000, 4u << 20, scoped(scope_a));
    one.news();
    one.half->left(1, link_end::superseded);
    CHECK(one.news() == lines{"2:1:2", "2:1:3"});
    CHECK(one.stats().dead == 1);
    one.ack(2, 2, 3);
    CHECK(one.half->unsettled() == 0);
}

TEST_CASE("fresh records go to each link in the order of their offsets") {
    world one;
    seeded_random chance;
    for (link_number link = 1; link <= 4; ++link) one.join(link, 8, 2000);
    const std::string body(50, 'x');
    for (int i = 0; i < 3000; ++i) {
        one.send(std::string_view{body}.substr(0, chance.draw() % 50));
        const link_number link = 1 + chance.draw() % 4;
        one.carrier.busy_links.erase(link);
        if (chance.draw() % 4 == 0) one.carrier.busy_links.insert(1 + chance.draw() % 4);
        one.half->may_write();
        const sent_frame& some = one.carrier.frames[chance.draw() % one.carrier.frames.size()];
        one.ack(some.to, some.offsets().front(), some.offsets().back());
    }
    std::map<link_number, offset> last;
    std::set<offset> all;
    for (const sent_frame& frame : one.carrier.frames) {
        for (const offset at : frame.offsets()) {
            REQUIRE(at > last[frame.to]);
            REQUIRE(all.insert(at).second);
            last[frame.to] = at;
        }
    }
    CHECK(last.size() == 4);
}

TEST_CASE("whatever links do, each record is acked once in the end, and nothing that was settled is sent again") {
    const auto seed = GENERATE(range(1, 41));
    world one{{.attempts_max = 1'000'000, .backoff_min = 1ms, .backoff_max = 20ms}};
    seeded_random chance;
    chance.state = static_cast<std::uint64_t>(seed) * 7919;
    CAPTURE(seed);
    const bool has_scope = seed % 2 == 0;
    link_number next_link = 1;
    std::vector<link_number> live;
    std::vector<link_number> lost;
    std::map<std::pair<link_number, offset>, std::uint32_t> held;
    std::set<offset> settled;
    std::size_t seen = 0;
    const auto look = [&] {
        for (; seen < one.carrier.frames.size(); ++seen) {
            const sent_frame& frame = one.carrier.frames[seen];
            for (const offset at : frame.offsets()) {
                REQUIRE_FALSE(settled.contains(at));
                REQUIRE(held.emplace(std::pair{frame.to, at}, frame.attempt).second);
            }
        }
    };
    const auto join = [&](link_number resumed) {
        hello theirs = has_scope ? scoped(scope_a) : hello{};
        const link_number link = next_link++;
        std::map<std::pair<link_number, offset>, std::uint32_t> kept;
        for (const auto& [what, attempt] : held) {
            if (what.first != resumed || resumed == 0 || chance.draw() % 2 == 0) continue;
            theirs.holds.push_back({ours, {what.second, what.second}, attempt});
            kept[{link, what.second}] = attempt;
        }
        std::erase_if(held, [&](const auto& entry) { return entry.first.first == resumed; });
        if (has_scope) held.merge(kept);
        live.push_back(link);
        one.join(link, 1 + static_cast<std::uint32_t>(chance.draw() % 30), 300 + chance.draw() % 3000, theirs, resumed);
        look();
    };
    offset sent = 0;
    for (int i = 0; i < 2000 || one.half->unsettled() > 0; ++i) {
        REQUIRE(i < 200'000);
        const bool faults = i < 2000;
        if (faults && chance.draw() % 3 == 0) {
            record_parts what{.body = as_bytes("some body")};
            if (chance.draw() % 8 == 0) what.priority = static_cast<std::uint8_t>(chance.draw() % 10);
            if (chance.draw() % 8 == 0) what.times.delay = std::chrono::milliseconds{chance.draw() % 30};
            sent = one.send(what);
        }
        if (faults && live.size() < 4 && chance.draw() % 20 == 0) join(0);
        if (!faults && live.empty()) join(0);
        if (faults && !live.empty() && chance.draw() % 40 == 0) {
            const auto at = live.begin() + static_cast<std::ptrdiff_t>(chance.draw() % live.size());
            const link_number link = *at;
            live.erase(at);
            const bool comes_again = chance.draw() % 2 == 0;
            one.half->left(link, comes_again ? link_end::lost : link_end::closed);
            if (!comes_again || !has_scope) std::erase_if(held, [&](const auto& e) { return e.first.first == link; });
            if (comes_again) lost.push_back(link);
            look();
        }
        if (!lost.empty() && (!faults || chance.draw() % 10 == 0)) {
            const link_number link = lost.back();
            lost.pop_back();
            join(link);
        }
        if (!live.empty() && !held.empty()) {
            auto one_held = held.begin();
            std::advance(one_held, chance.draw() % held.size());
            const auto [what, attempt] = *one_held;
            if (std::find(live.begin(), live.end(), what.first) != live.end()) {
                held.erase(one_held);
                const auto fate = faults ? chance.draw() % 6 : 0;
                const auto how = fate == 1 ? world::how::nacked : fate == 2 ? world::how::returned : world::how::acked;
                if (how == world::how::acked) REQUIRE(settled.insert(what.second).second);
                one.say(what.first, {what.second, what.second}, how, attempt);
            }
        }
        one.pass(1ms);
        look();
    }
    CHECK(settled.size() == sent);
    CHECK(one.stats().acked == sent);
    CHECK(one.stats().stale_settlements == 0);
    CHECK(one.stats().in_flight == 0);
    CHECK(one.stats().stored_bytes == 0);
    CHECK(one.half->step() == never);
}
