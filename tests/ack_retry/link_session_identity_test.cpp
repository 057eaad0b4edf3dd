#include "ack_retry/link_pair.hpp"
#include "test_main.hpp"

using namespace link_pair;
using told = std::vector<std::string>;

namespace {

link_options named(std::uint64_t id) {
    link_options options;
    options.identity = {id, id};
    return options;
}

// The carrier has connected it again: to the bound side it is somebody new.
void redial(transport& way, side& bound) {
    way.up = true;
    way.names[1] = ++bound.last_peer;
}

}  // namespace

TEST_CASE("the same incarnation resumes on a new transport") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    all.settle();
    all.cut(*way);
    all.settle();
    CHECK(out.told == told{"joined 1", "left 1 lost"});
    redial(*way, in);
    all.run_for(2s);
    CHECK(out.told == told{"joined 1", "left 1 lost", "joined 2 for 1"});
    CHECK(in.told == told{"joined 1", "left 1 lost", "joined 2 for 1"});
    REQUIRE(out.links->send(2, 1, 0, batch_of(0)) == link_set::carried::done);
    CHECK(out.links->send(1, 1, 0, batch_of(0)) == link_set::carried::gone);
    all.settle();
    CHECK(in.batches.size() == 1);
}

TEST_CASE("a transport that changed silently is found out by a ping, and resumed without a word of leaving") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    all.settle();
    all.time.advance(500ms);
    way->names[1] = ++in.last_peer;  // the bound side sees a stranger; nobody tells the dialler
    out.links->links_changed();
    all.settle();
    CHECK(in.links->fenced() == 1);
    CHECK(out.told == told{"joined 1", "left 1 lost", "joined 2 for 1"});
    CHECK(in.told == told{"joined 1", "joined 2 for 1"});
}

TEST_CASE("a lost incarnation that does not come again is given up after its lease") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    const auto way = all.connect(out, in);
    all.settle();
    all.cut(*way);
    all.run_for(4900ms);
    CHECK(in.told == told{"joined 1", "left 1 lost"});
    all.run_for(200ms);
    CHECK(in.told == told{"joined 1", "left 1 lost", "left 1 closed"});
    CHECK(out.told == told{"joined 1", "left 1 lost", "left 1 closed"});
    redial(*way, in);
    all.run_for(2s);
    CHECK(in.told.back() == "joined 2");  // nothing is resumed
}

TEST_CASE("another nonce takes over, and what the old one says is fenced") {
    world all;
    side in{all, pattern::pull, 9}, older{all, pattern::push, 1, named(5)}, newer{all, pattern::push, 2, named(5)};
    all.connect(older, in);
    all.settle();
    all.connect(newer, in);
    all.settle();
    CHECK(in.told == told{"joined 1", "left 1 superseded", "joined 2"});
    CHECK(in.reported("link_fenced"));
    REQUIRE(older.links->send(1, 1, 0, batch_of(0)) == link_set::carried::done);
    all.settle();
    CHECK(in.batches.empty());
    CHECK(in.links->fenced() == 1);
    // It greets again, and is told why not; the newer one keeps its link.
    all.run_for(3s);
    CHECK(older.told == told{"joined 1", "left 1 lost"});
    CHECK(older.reported("link_fenced: our place was taken"));
    CHECK(in.links->count() == 1);
    REQUIRE(newer.links->send(1, 1, 0, batch_of(0)) == link_set::carried::done);
    all.settle();
    CHECK(in.batches.size() == 1);
}

TEST_CASE("a takeover of one that was lost lets go of what it held") {
    world all;
    side in{all, pattern::pull, 9}, older{all, pattern::push, 1, named(5)}, newer{all, pattern::push, 2, named(5)};
    const auto way = all.connect(older, in);
    all.settle();
    all.cut(*way);
    all.settle();
    all.connect(newer, in);
    all.settle();
    CHECK(in.told == told{"joined 1", "left 1 lost", "left 1 superseded", "joined 2"});
}

TEST_CASE("RELIABILITY 55: an older epoch of a log does not take over") {
    world all;
    side in{all, pattern::pull, 9}, restored{all, pattern::push, 1, named(5)}, owner{all, pattern::push, 2, named(5)};
    owner.on_greet = [](hello& h) { h.epoch = 4; };
    restored.on_greet = [](hello& h) { h.epoch = 3; };
    all.connect(owner, in);
    all.settle();
    all.connect(restored, in);
    all.settle();
    CHECK(in.told == told{"joined 1"});
    CHECK(restored.told.empty());
    CHECK(restored.reported("link_fenced: our place was taken"));
}

TEST_CASE("RELIABILITY 92: an identity that comes with another key is refused") {
    world all;
    side in{all, pattern::pull, 9}, owner{all, pattern::push, 1, named(5)}, thief{all, pattern::push, 2, named(5)};
    in.keys = {{1, "key of the owner"}, {2, "key of the thief"}};
    all.connect(owner, in);
    all.settle();
    CHECK(in.links->key_of(1) == "key of the owner");
    all.connect(thief, in);
    all.settle();
    CHECK(in.told == told{"joined 1"});
    CHECK(thief.told.empty());
    CHECK(thief.reported("conflict"));
    CHECK(in.reported("conflict"));
}

TEST_CASE("of two ways that each side dialled, the one of the smaller identity stays, whatever came first") {
    for (const bool small_first : {true, false}) {
        world all;
        side small{all, pattern::push, 1, named(1)}, large{all, pattern::pull, 2, named(2)};
        std::shared_ptr<transport> ways[2];
        if (small_first) {
            ways[0] = all.connect(small, large);
            all.settle();
            ways[1] = all.connect(large, small);
        } else {
            ways[1] = all.connect(large, small);
            all.settle();
            ways[0] = all.connect(small, large);
        }
        all.run_for(10s);
        CHECK(small.links->count() == 1);
        CHECK(large.links->count() == 1);
        const auto link = small.joined_last;
        REQUIRE(small.links->send(link, 1, 0, batch_of(0)) == link_set::carried::done);
        CHECK_FALSE(ways[0]->to[1].empty());
        CHECK(small.reports.empty());
        CHECK(large.reports.empty());
        all.settle();
        CHECK(large.batches.size() == 1);
        CHECK(small.told.size() <= 3);  // no quarrel
        // When it goes, the other way is taken.
        all.cut(*ways[0]);
        all.run_for(8s);
        CHECK(small.links->count() == 1);
        CHECK(large.links->count() == 1);
    }
}

TEST_CASE("who dials one peer by two ways has one link, and the other way when that is gone") {
    world all;
    side out{all, pattern::push, 1}, in{all, pattern::pull, 2};
    std::shared_ptr<transport> ways[] = {all.connect(out, in), all.connect(out, in)};
    all.run_for(10s);
    CHECK(out.links->count() == 1);
    CHECK(in.links->count() == 1);
    CHECK(out.told.size() <= 6);
    REQUIRE(out.links->send(out.joined_last, 1, 0, batch_of(0)) == link_set::carried::done);
    const int used = ways[0]->to[1].empty() ? 1 : 0;
    all.settle();
    CHECK(in.batches.size() == 1);
    all.cut(*ways[used]);
    all.run_for(3s);
    REQUIRE(out.links->count() == 1);
    REQUIRE(out.links->send(out.joined_last, 1, 0, batch_of(1)) == link_set::carried::done);
    all.settle();
    CHECK(in.batches.size() == 2);
}
