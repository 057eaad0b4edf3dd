// The simulated world does what it says, shown with a toy in place of a protocol.
#include "sim/world.hpp"

#include <algorithm>

#include "sim/toy_protocol.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;

namespace {

struct pair {
    explicit pair(std::uint64_t seed, std::chrono::nanoseconds every = 10ms, bool answers = false)
        : world{seed},
          from{add_toy(world, every)},
          to{add_toy(world, {}, answers)},
          peer{from.node->dial(to.number())} {}
    sim_link_number link() { return world.network().link_at(0); }

    sim_world world;
    toy from, to;
    peer_number peer;
};

std::uint64_t stormy_hash(std::uint64_t seed) {
    pair two{seed, 3ms, true};
    for (int round = 0; round != 50; ++round) {
        two.world.run_for(100ms);
        if (two.world.random().one_in(2)) two.world.network().cut(two.link(), end_news::lost, end_news::changed);
        if (two.world.random().one_in(3)) two.to.node->pause();
        if (two.world.random().one_in(2)) two.to.node->resume();
    }
    return two.world.trace().hash();
}

bool ascending(const std::vector<std::string>& numbers) {
    return std::is_sorted(numbers.begin(), numbers.end(),
                          [](const auto& a, const auto& b) { return std::stoull(a) < std::stoull(b); });
}

}  // namespace

TEST_CASE("a seed is one history, and another seed another") {
    CHECK(stormy_hash(7) == stormy_hash(7));
    CHECK(stormy_hash(7) != stormy_hash(8));
}

TEST_CASE("without a fault every frame arrives, in order, not before its time") {
    pair two{1};
    two.world.run_for(10s);
    REQUIRE(two.to.own->came.size() > 900);
    CHECK(two.to.own->came.size() + two.world.network().frames_under_way() == two.from.own->said);
    CHECK(ascending(two.to.own->came));
    CHECK(two.from.own->lost_peers.empty());
}

TEST_CASE("a cut loses only what was under way, and both sides are told") {
    pair two{2, 1ms};
    two.world.network().options().queue_survives = false;
    direction_options slow;
    slow.delay_min = slow.delay_max = 20ms;
    slow.frames_max = 100;
    two.world.run_for(1s);
    two.world.network().shape(two.link(), true, slow);
    two.world.run_for(1s);
    const auto before = two.to.own->came.size();
    two.world.network().cut(two.link(), end_news::lost, end_news::lost);
    two.world.run_for(9ms);
    CHECK(two.from.own->lost_peers == std::vector{two.peer});
    REQUIRE(two.to.own->lost_peers.size() == 1);
    CHECK(two.to.own->came.size() - before <= 20);
    CHECK(two.world.network().frames_lost() <= 21);
    two.world.run_for(1s);
    CHECK(ascending(two.to.own->came));
    // The listener knows the dialler by another number now, and the old one leads nowhere.
    CHECK(two.to.own->from_whom.back() != two.to.own->lost_peers.front());
    CHECK(two.to.own->say(two.to.own->lost_peers.front(), "x") == link_port::sent::gone);
}

TEST_CASE("a half-open link tells nobody, takes what is sent, and loses it, until the kernel gives up") {
    pair two{3};
    two.world.run_for(1s);
    const int changes = two.from.own->changes + two.to.own->changes;
    const auto came = two.to.own->came.size();
    two.world.network().cut(two.link(), end_news::none, end_news::none);
    two.world.run_for(7s);
    CHECK(two.from.own->changes + two.to.own->changes == changes);
    CHECK(two.to.own->came.size() <= came + 1);
    CHECK(two.from.own->say(two.peer, "x") == link_port::sent::busy);  // the buffers are full by now
    CHECK(two.to.own->say(two.to.own->from_whom.back(), "x") == link_port::sent::done);
    two.world.run_for(60s);
    CHECK(two.from.own->changes + two.to.own->changes > changes);
    CHECK(two.to.own->came.size() > came + 100);
}

TEST_CASE("a protocol that ends a half-open link gets a new connection at once") {
    pair two{4};
    two.world.run_for(1s);
    two.world.network().cut(two.link(), end_news::none, end_news::none);
    two.world.run_for(100ms);
    const auto came = two.to.own->came.size();
    two.world.network().end(two.from.number(), two.peer);
    two.world.run_for(1s);
    CHECK(two.to.own->came.size() > came);
}

TEST_CASE("a one-way block lets the other way pass") {
    pair two{5, 10ms, true};
    two.world.run_for(1s);
    two.world.network().block(two.link(), false, true);
    const auto there = two.to.own->came.size(), back = two.from.own->came.size();
    two.world.run_for(1s);
    CHECK(two.to.own->came.size() >= there + 98);
    CHECK(two.from.own->came.size() == back);
    two.world.network().heal();
    two.world.run_for(1s);
    CHECK(two.from.own->came.size() > back + 98);
}

TEST_CASE("a full queue is busy, and its writer is told when there is room") {
    pair two{6, 0ms};
    two.world.run_for(1s);
    two.world.network().block(two.link(), true, true);
    for (int each = 0; each != 8; ++each) CHECK(two.from.own->say(two.peer, "x") == link_port::sent::done);
    CHECK(two.from.own->say(two.peer, "x") == link_port::sent::busy);
    two.world.run_for(1s);
    CHECK(two.from.own->rooms == 0);
    two.world.network().block(two.link(), true, false);
    two.world.run_for(1s);
    CHECK(two.from.own->rooms > 0);
    CHECK(two.to.own->came.size() == 8);
}

TEST_CASE("a slow drain takes its time") {
    pair two{7, 0ms};
    two.world.run_for(1s);
    direction_options slow;
    slow.bytes_per_second = 10;
    two.world.network().shape(two.link(), true, slow);
    for (int each = 0; each != 4; ++each) (void)two.from.own->say(two.peer, "ten bytes.");
    two.world.run_for(2500ms);
    CHECK(two.to.own->came.size() == 2);
}

TEST_CASE("a paused process neither steps nor hears, and finds all of it when it goes on") {
    pair two{8, 100ms};
    two.world.run_for(1s);
    two.to.node->pause();
    const auto came = two.to.own->came.size(), steps = two.to.own->steps.size();
    two.world.run_for(500ms);
    CHECK(two.to.own->came.size() == came);
    CHECK(two.to.own->steps.size() == steps);
    two.to.node->resume();
    two.world.run_for(50ms);
    CHECK(two.to.own->came.size() >= came + 4);
}

TEST_CASE("a killed process comes again as another, and is dialled again") {
    pair two{9};
    two.world.run_for(1s);
    two.to.node->kill(false);
    two.world.run_for(1s);
    CHECK_FALSE(two.to.node->alive());
    const toy again = start_toy(*two.to.node);
    two.world.run_for(1s);
    CHECK(again.own->came.size() > 50);
    two.from.node->kill(true);
    two.world.run_for(7s);
    CHECK(again.own->lost_peers.empty());
    CHECK(two.world.network().link_count() == 0);
}

TEST_CASE("a wall clock jumps alone, and a step comes at its time") {
    pair two{10, 250ms};
    two.world.run_for(1s);
    const wall_time before = two.from.node->clock().wall(), others = two.to.node->clock().wall();
    two.from.node->clock().jump(-10h);
    CHECK(two.from.node->clock().wall() == before - 10h);
    CHECK(two.to.node->clock().wall() == others);
    const auto said = two.from.own->said;
    two.world.run_for(1s);
    CHECK(two.from.own->said == said + 4);
}
