#include "ack_retry/link_pair.hpp"
#include "test_main.hpp"

using namespace link_pair;
using told = std::vector<std::string>;

TEST_CASE("an idle link lives by its heartbeats alone") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    std::size_t frames = 0;
    way->passes = [&](int, const in_flight&) { return ++frames, true; };
    all.run_for(60s);
    CHECK(out.told == told{"joined 1"});
    CHECK(in.told == told{"joined 1"});
    CHECK(frames <= 4 * 60 + 2);
    CHECK(frames >= 60);
}

TEST_CASE("who is silent for the longer of the two leases is lost, and not before") {
    world all;
    link_options patient;
    patient.lease = 8s;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2, patient};
    all.connect(out, in);
    all.settle();
    in.stopped = true;
    all.run_for(7900ms);
    CHECK(out.links->count() == 1);
    all.run_for(200ms);
    CHECK(out.told == told{"joined 1", "left 1 lost"});
    CHECK(out.reported("link_lost: silent for 8000 ms"));
}

TEST_CASE("one who was paused judges nobody by what it slept through") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    way->passes = [](int end, const in_flight&) { return end == 0; };  // towards the sleeper nothing is lost, nor kept
    all.settle();
    way->passes = {};
    all.run_for(2s);
    REQUIRE(out.links->count() == 1);
    way->passes = [](int, const in_flight&) { return false; };
    out.stopped = in.stopped = true;
    all.time.advance(60s);
    out.stopped = in.stopped = false;
    out.rung = in.rung = true;
    all.settle();
    CHECK(out.links->count() == 1);
    CHECK(in.links->count() == 1);
    all.run_for(4800ms);
    CHECK(out.links->count() == 1);
    all.run_for(400ms);  // but once only
    CHECK(out.links->count() == 0);
}

TEST_CASE("a lost incarnation is not given up by one who slept") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    all.settle();
    all.cut(*way);
    all.settle();
    out.stopped = true;
    in.stopped = true;
    all.time.advance(60s);
    in.stopped = false;
    in.rung = true;
    all.settle();
    CHECK(in.told == told{"joined 1", "left 1 lost"});
    all.run_for(5100ms);
    CHECK(in.told.back() == "left 1 closed");
}

TEST_CASE("a transport that is gone is noticed when something is sent, and told in another call") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    all.settle();
    way->up = false;
    out.rung = false;
    CHECK(out.links->send(1, 1, 0, batch_of(0)) == link_set::carried::gone);
    CHECK(out.told == told{"joined 1"});
    CHECK(out.rung);
    all.settle();
    CHECK(out.told == told{"joined 1", "left 1 lost"});
}

TEST_CASE("links_changed finds who is gone at once") {
    world all;
    side in{all, pattern::pull, 9}, a{all, pattern::push, 1}, b{all, pattern::push, 2};
    const auto first = all.connect(a, in);
    all.connect(b, in);
    all.settle();
    first->up = false;
    in.links->links_changed();
    CHECK(in.told.back() == "left 1 lost");
    CHECK(in.links->count() == 1);
}

TEST_CASE("a floor that rises is told, by batches and by pings") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    all.connect(out, in);
    all.settle();
    REQUIRE(out.links->send(1, 1, 7, batch_of(9)) == link_set::carried::done);
    all.settle();
    CHECK(in.saw("floor 1 7"));
    out.links->floor_is(10);
    all.run_for(2500ms);
    CHECK(in.saw("floor 1 10"));
    CHECK(std::count(in.told.begin(), in.told.end(), "floor 1 10") == 1);
}

TEST_CASE("flapping costs one greeting a flap and no memory") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    std::size_t hellos = 0;
    way->passes = [&](int end, const in_flight& what) {
        return hellos += end == 1 && decode(what.envelope)->content.index() == 0, true;
    };
    for (int i = 0; i < 500; ++i) {
        all.run_for(100ms);
        all.cut(*way);
        all.settle();
        way->up = true;
        way->names[1] = ++in.last_peer;
    }
    all.run_for(1s);
    CHECK(hellos <= 510);
    CHECK(out.links->count() == 1);
    CHECK(in.links->count() == 1);
    CHECK(out.told.back().substr(0, 6) == "joined");
}
