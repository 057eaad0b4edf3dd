// What is new, in hand and done, without files, sockets or time.
#include "base/guard.hpp"

#include <map>
#include <random>
#include <set>

#include "test_main.hpp"

using namespace godwit;
using godwit::detail::guard;
using verdict_of = offered_record::verdict;

namespace {

constexpr stream_id stream{1, 1};
constexpr stream_id nonce{7, 7}, other_nonce{8, 8};

struct seen {
    explicit seen(std::uint32_t producers_max = 1000) : all{producers_max} {}

    std::string meet(const sender_greeting& said) {
        std::vector<stream_id> forgotten;
        const auto met = all.meet(said, forgotten);
        return met ? "ok" : std::string{name(met.error().code())};
    }
    offered_record offer(offset at, stream_id of = stream) {
        offered_record one;
        one.stream = of;
        one.at = at;
        all.offer({&one, 1});
        return one;
    }
    verdict_of ask(offset at, stream_id of = stream) { return offer(at, of).what; }
    bool mark(offset first, offset last) { return all.mark({stream, {first, last}}); }

    guard all;
};

}  // namespace

TEST_CASE("RELIABILITY 7: what was handed out and not acked is new again, what was acked is done") {
    seen one;
    CHECK(one.ask(1) == verdict_of::pass);
    CHECK(one.ask(1) == verdict_of::hold);  // in hand: a copy waits for its outcome
    one.all.let_go(stream, {1, 1});
    CHECK(one.ask(1) == verdict_of::pass);
    CHECK(one.mark(1, 1));
    CHECK(one.ask(1) == verdict_of::done);
    CHECK_FALSE(one.mark(1, 1));
    CHECK(one.all.stats().joined == 1);
    CHECK(one.all.stats().duplicates == 1);
}

TEST_CASE("a batch above all that was seen passes by one comparison, any other is looked at") {
    seen one;
    CHECK(one.all.pass_whole(stream, {1, 100}));
    CHECK(one.all.pass_whole(stream, {101, 150}));
    CHECK_FALSE(one.all.pass_whole(stream, {150, 160}));
    CHECK(one.ask(150) == verdict_of::hold);
    CHECK(one.ask(151) == verdict_of::pass);
    CHECK(one.all.stats().in_hand == 151);
    CHECK(one.all.producers().at(stream).in_hand().ranges().size() == 1);
}

TEST_CASE("RELIABILITY 75: however long ago, a record is known while its sender has not settled it") {
    seen one;
    one.mark(5, 5);
    for (offset at = 6; at < 2'000'000; at += 1000) one.mark(at, at + 999);
    CHECK(one.ask(5) == verdict_of::done);
    CHECK(one.all.stats().open_ranges == 1);
}

TEST_CASE("RELIABILITY 74: what its sender has said to be settled is too_old, but for what it has named") {
    seen one;
    one.mark(1, 10);
    const offset_range live[] = {{3, 3}, {12, 12}};
    CHECK(one.meet({.stream = stream, .floor = 20, .live_below = live}) == "ok");
    CHECK(one.ask(3) == verdict_of::done);
    CHECK(one.ask(12) == verdict_of::pass);
    const auto old = one.offer(4);
    CHECK(old.what == verdict_of::refuse);
    CHECK(old.why.starts_with("too_old"));
    CHECK(one.ask(15) == verdict_of::refuse);
    CHECK(one.ask(20) == verdict_of::pass);
    CHECK(one.all.stats().too_old == 2);
    one.all.floor_moved(stream, 13);  // the sender names nothing now
    CHECK(one.ask(3) == verdict_of::refuse);
    CHECK(one.all.stats().open_ranges == 0);
}

TEST_CASE("what the floor passes is forgotten: memory follows what is open") {
    seen one;
    for (offset at = 1; at <= 10'000; at += 2) one.mark(at, at);
    CHECK(one.all.stats().open_ranges == 5'000);
    one.all.floor_moved(stream, 9'000);
    CHECK(one.all.stats().open_ranges == 500);
}

TEST_CASE("RELIABILITY 55: a log that was copied or set back is a conflict, an older opening is fenced") {
    seen one;
    CHECK(one.meet({.stream = stream, .epoch = 3, .nonce = nonce, .epoch_first = 100}) == "ok");
    CHECK(one.meet({.stream = stream, .epoch = 3, .nonce = nonce, .epoch_first = 100}) == "ok");
    SECTION("the same epoch with another nonce: two copies are open") {
        CHECK(one.meet({.stream = stream, .epoch = 3, .nonce = other_nonce, .epoch_first = 100}) == "conflict");
        CHECK(one.all.stats().conflicts == 1);
    }
    SECTION("RELIABILITY 54: an older epoch") {
        CHECK(one.meet({.stream = stream, .epoch = 2, .nonce = other_nonce, .epoch_first = 50}) == "fenced");
        CHECK(one.all.stats().fenced == 1);
    }
    SECTION("a new epoch that begins below what was here: it would give offsets twice") {
        one.mark(100, 150);
        CHECK(one.meet({.stream = stream, .epoch = 4, .nonce = other_nonce, .epoch_first = 150}) == "conflict");
        CHECK(one.meet({.stream = stream, .epoch = 4, .nonce = other_nonce, .epoch_first = 151}) == "ok");
    }
    SECTION("what was done stays done in the next epoch: its records are sent again with their offsets") {
        one.mark(100, 150);
        CHECK(one.meet({.stream = stream, .epoch = 4, .nonce = other_nonce, .epoch_first = 151, .floor = 90}) == "ok");
        CHECK(one.ask(120) == verdict_of::done);
        CHECK(one.ask(151) == verdict_of::pass);
    }
}

TEST_CASE("beyond producers_max those go that were away longest and left nothing open; if there is none, it is full") {
    seen one{4};
    for (std::uint64_t i = 1; i <= 4; ++i) CHECK(one.meet({.stream = {i, i}}) == "ok");
    one.all.mark({{1, 1}, {7, 7}});
    CHECK(one.meet({.stream = {5, 5}}) == "ok");
    CHECK(one.all.stats().forgotten == 1);
    CHECK(one.ask(7, {1, 1}) == verdict_of::done);
    CHECK_FALSE(one.all.producers().contains({2, 2}));
    for (std::uint64_t i = 3; i <= 5; ++i) one.all.mark({{i, i}, {1, 1}});
    CHECK(one.meet({.stream = {6, 6}}) == "full");
    CHECK(one.meet({.stream = {5, 5}}) == "ok");
}

TEST_CASE("whatever happens in whatever order, it says what a map of each record would say") {
    enum class state { fresh, in_hand, done };
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937_64 random{seed};
        seen one;
        std::map<offset, state> model;  // fresh unless said
        offset floor = 0;
        std::set<offset> live;
        const auto settled = [&](offset at) { return at < floor && !live.contains(at); };
        for (int step = 0; step < 400; ++step) {
            const offset at = 1 + random() % 60;
            const bool is_settled = settled(at);
            switch (random() % 5) {
                case 0: {
                    const auto got = one.ask(at);
                    const state was = model[at];
                    const auto expected = is_settled              ? verdict_of::refuse
                                          : was == state::fresh   ? verdict_of::pass
                                          : was == state::in_hand ? verdict_of::hold
                                                                  : verdict_of::done;
                    INFO("seed " << seed << " step " << step << " record " << at);
                    REQUIRE(got == expected);
                    if (got == verdict_of::pass) model[at] = state::in_hand;
                    break;
                }
                case 1:
                    if (model[at] == state::in_hand) one.mark(at, at), model[at] = state::done;
                    break;
                case 2:
                    if (model[at] == state::in_hand) one.all.let_go(stream, {at, at}), model[at] = state::fresh;
                    break;
                case 3:
                    if (random() % 10 == 0 && at > floor) {
                        std::vector<offset_range> named;
                        std::set<offset> still;
                        for (offset each = 1; each < at; ++each) {
                            if (settled(each) || model[each] == state::done || random() % 3 != 0) continue;
                            named.push_back({each, each});
                            still.insert(each);
                        }
                        REQUIRE(one.meet({.stream = stream, .floor = at, .live_below = named}) == "ok");
                        floor = at;
                        live = still;
                    }
                    break;
                default:
                    if (one.all.pass_whole(stream, {at, at})) {
                        REQUIRE_FALSE(is_settled);
                        REQUIRE(model[at] == state::fresh);
                        model[at] = state::in_hand;
                    }
            }
        }
    }
}
