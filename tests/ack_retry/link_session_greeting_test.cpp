#include "ack_retry/envelope.hpp"
#include "ack_retry/link_pair.hpp"
#include "test_main.hpp"

using namespace link_pair;
using told = std::vector<std::string>;

namespace {

std::size_t kind_of(const in_flight& what) { return decode(what.envelope)->content.index(); }

link_options with_lease(std::chrono::milliseconds lease) {
    link_options options;
    options.lease = lease;
    return options;
}

}  // namespace

TEST_CASE("two that greet each other at once agree on one link") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    in.links->dials(way->names[1]);
    all.settle();
    CHECK(out.told == told{"joined 1"});
    CHECK(in.told == told{"joined 1"});
    REQUIRE(out.links->send(1, 1, 0, batch_of(0)) == link_set::carried::done);
    all.settle();
    CHECK(in.batches.size() == 1);
}

TEST_CASE("a greeting that is lost is said again, and so is an answer, without a second session") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    int lost = 0;
    way->passes = [&](int end, const in_flight&) { return end == 1 ? lost++ >= 2 : true; };
    all.run_for(3s);
    CHECK(lost >= 3);
    REQUIRE(out.told == told{"joined 1"});

    world other;
    side from{other, pattern::push, 1}, to{other, pattern::pull, 2};
    const auto second = other.connect(from, to);
    int answers = 0;
    second->passes = [&](int end, const in_flight& what) { return end == 1 || kind_of(what) != 0 || answers++ >= 3; };
    other.run_for(3s);
    CHECK(from.told == told{"joined 1"});
    CHECK(to.told == told{"joined 1"});
}

TEST_CASE("a greeting that is said again claims what it claimed before, and a new one what is so then") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    offset held = 100;
    in.on_greet = [&](hello& ours) { ours.holds = {{{11, 12}, {held, held}, 1}}, ++held; };
    const auto way = all.connect(in, out);
    int answers = 0;
    way->passes = [&](int end, const in_flight& what) { return end == 1 || kind_of(what) != 0 || answers++ >= 3; };
    all.run_for(3s);
    REQUIRE(in.claims.size() == 1);
    REQUIRE(out.met.size() == 1);
    REQUIRE(in.claims[0].size() == 1);
    CHECK(in.claims[0][0].what.first == 100);
    CHECK(out.met[0].holds[0].what.first == 100);
    CHECK(held > 102);
    all.cut(*way);
    all.settle();
    way->up = true;
    all.run_for(3s);
    REQUIRE(in.claims.size() == 2);
    CHECK(in.claims[1][0].what == out.met[1].holds[0].what);
    CHECK(in.claims[1][0].what.first > 102);
}

TEST_CASE("greetings back off, with jitter, and silence is suspected once") {
    world all;
    side out{all, pattern::push, 1, with_lease(120s)}, in{all, pattern::pull, 2};
    in.stopped = true;
    const auto way = all.connect(out, in);
    all.run_for(60s);
    const auto said = way->to[1].size();
    CHECK(said >= 60);
    CHECK(said <= 125);
    CHECK(out.reports == told{"mismatch_suspected: no answer to 10 greetings"});
    in.stopped = false;  // all of them arrive at once
    all.settle();
    CHECK(in.told == told{"joined 1"});
    CHECK(out.told == told{"joined 1"});
}

TEST_CASE("RELIABILITY 83: a transport on which greetings are not answered is ended after a lease, and seldom again") {
    world all;
    side out{all, pattern::push, 1, with_lease(5s)}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    way->passes = [](int, const in_flight&) { return false; };  // a frame that never ends swallows them
    all.run_for(4s);
    CHECK(out.ended.empty());
    all.run_for(3s);
    CHECK(out.ended == std::vector<peer_number>{way->names[0]});
    way->up = true;
    all.run_for(60s);
    CHECK(out.ended.size() <= 4);
    way->up = true;
    way->passes = nullptr;
    all.run_for(2s);
    CHECK(out.saw("joined 1"));
}

TEST_CASE("patterns that do not fit are named on both sides") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::push, 2};
    const auto way = all.connect(out, in);
    all.run_for(500ms);
    CHECK(out.told.empty());
    CHECK(in.told.empty());
    CHECK(in.reports == told{"mismatch: a push met a push"});
    CHECK(out.reports == told{"mismatch: refused by it: a push met a push"});
    CHECK(in.ended.empty());  // the words first
    all.run_for(1s);
    CHECK(in.ended == std::vector<peer_number>{1});
}

TEST_CASE("needs, codecs and a user's own reasons refuse") {
    const auto words = [](std::function<void(side&, side&)> prepare, link_options sender = {}) {
        world all;
        side out{all, pattern::push, 1, sender}, in{all, pattern::pull, 2};
        prepare(out, in);
        all.connect(out, in);
        all.run_for(300ms);
        REQUIRE(out.links->count() == 0);
        REQUIRE(in.links->count() == 0);
        REQUIRE_FALSE(out.reports.empty());
        REQUIRE_FALSE(in.reports.empty());
        return out.reports[0];
    };
    CHECK(words([](side& out, side&) { out.on_greet = [](hello& h) { h.needs = 4; }; }) ==
          "mismatch: refused by it: capabilities 4");
    CHECK(words([](side&, side& in) { in.on_greet = [](hello& h) { h.needs = 2; }; }) ==
          "mismatch: refused by it: capabilities 2");
    CHECK(words([](side&, side& in) {
              in.on_meet = [](const hello&) { return error{errc::mismatch, "not today"}; };
          }) == "mismatch: refused by it: not today");
    CHECK(words([](side& out, side&) {
              out.on_meet = [](const hello&) { return error{errc::mismatch, "I do not like it"}; };
          }) == "mismatch: I do not like it");
    link_options packs;
    packs.codec = 3;
    CHECK(words([](side&, side&) {}, packs) == "mismatch: codec 3");
}

TEST_CASE("another version is refused by its number") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    out.on_greet = [](hello& h) { h.lowest_version = 2, h.highest_version = 7; };
    all.connect(out, in);
    all.run_for(200ms);
    CHECK(in.reports == told{"mismatch: versions 2 to 7"});
    CHECK(out.reported("refused by it: versions 2 to 7"));
    CHECK(in.told.empty());
}

TEST_CASE("a plain peer is named, and its transport ended") {
    world all;
    side in{all, pattern::pull, 2};
    in.links->took(5, message{"hello"});
    const bytes plain[] = {as_bytes(""), as_bytes("request")};
    in.links->took(6, message::from_frames(plain).value());
    CHECK(in.ended == std::vector<peer_number>{5, 6});
    REQUIRE(in.reports.size() == 2);
    CHECK(in.reports[0] == "mismatch: not a link: most likely a plain ZeroMQ peer");
    CHECK(in.links->malformed() == 2);
}

TEST_CASE("who is refused and dials again is refused seldom, and told once") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::sub, 2};
    const auto way = all.connect(out, in);
    int hellos = 0;
    way->passes = [&](int end, const in_flight&) { return hellos += end, true; };
    for (int i = 0; i < 100; ++i) {
        if (!way->up) {  // the carrier dials it again
            way->up = true;
            way->names[1] = ++in.last_peer;
        }
        all.run_for(100ms);
    }
    CHECK(hellos >= 5);
    CHECK(hellos <= 21);
    CHECK(out.reports.size() == 1);
}

TEST_CASE("there are no more peers than the limit") {
    world all;
    link_options few;
    few.links_max = 2;
    side in{all, pattern::pull, 9, few}, a{all, pattern::push, 1}, b{all, pattern::push, 2}, c{all, pattern::push, 3};
    all.connect(a, in);
    all.connect(b, in);
    all.settle();
    all.connect(c, in);
    all.settle();
    CHECK(in.links->count() == 2);
    CHECK(in.reported("over_limit"));
    CHECK(in.ended == std::vector<peer_number>{3});
}

TEST_CASE("goodbye and drain are told") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    all.connect(out, in);
    all.settle();
    in.links->drain();
    all.settle();
    CHECK(out.saw("drains 1"));
    in.links->say_goodbye("closed");
    all.settle();
    CHECK(out.saw("left 1 goodbye"));
    CHECK(in.told == told{"joined 1"});
    CHECK(in.links->count() == 0);
    CHECK(out.links->count() == 0);
}

TEST_CASE("who dials no more says so, and both sides know") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    all.settle();
    out.links->dials_no_more(way->names[0]);
    CHECK(out.saw("left 1 closed"));
    all.run_for(5s);
    CHECK(in.saw("left 1 goodbye"));
    CHECK(out.told.size() == 2);
}
