#include "ack_retry/link_pair.hpp"
#include "test_main.hpp"

using namespace link_pair;
using told = std::vector<std::string>;
using carried = link_set::carried;

namespace {

link_options in_parts() {
    link_options options;
    options.fragment_bytes = 1000;
    return options;
}

std::size_t kind_of(const in_flight& what) { return decode(what.envelope)->content.index(); }

struct joined_pair {
    explicit joined_pair(link_options options = in_parts(), pattern from = pattern::push)
        : out{all, from, 1, options}, in{all, counterpart(from), 2, options}, way{all.connect(out, in)} {
        all.settle();
    }
    world all;
    side out, in;
    std::shared_ptr<transport> way;
};

ack_frame ack_of(std::uint64_t received, offset_range what) {
    ack_frame ack{received, 0, 10, 1000, {}};
    ack.ranges.push_back({{11, 12}, what, 1, ack_frame::settled::how::acked, 0, ""});
    return ack;
}

}  // namespace

TEST_CASE("a batch comes whole, in parts or not, with the bytes that were sent") {
    joined_pair two;
    const auto small = batch_of(0, 3), large = batch_of(3, 100, 57);
    REQUIRE(two.out.links->send(1, 2, 0, small) == carried::done);
    REQUIRE(two.out.links->send(1, 5, 0, large) == carried::done);
    REQUIRE(two.out.links->send(1, 2, 0, small) == carried::done);
    two.all.settle();
    REQUIRE(two.in.kept.size() == 3);
    const auto same = [](const batch_ref& a, const batch_ref& b) {
        return std::equal(a.view.data().begin(), a.view.data().end(), b.view.data().begin(), b.view.data().end());
    };
    CHECK(same(two.in.kept[0], small));
    CHECK(same(two.in.kept[1], large));
    CHECK(two.in.batches[1].second.attempt == 5);
    CHECK(two.in.batches[1].second.number == 2);
    CHECK(two.in.batches[2].second.number == 3);
}

TEST_CASE("a batch that came in goes on as it is") {
    joined_pair first, second;
    REQUIRE(first.out.links->send(1, 1, 0, batch_of(4, 5)) == carried::done);
    first.all.settle();
    REQUIRE(second.out.links->send(1, 1, 0, first.in.kept.at(0)) == carried::done);
    second.all.settle();
    REQUIRE(second.in.kept.size() == 1);
    CHECK(second.in.kept[0].view.first() == 4);
}

TEST_CASE("between the parts of a batch control frames go, and no other batch") {
    joined_pair two{in_parts(), pattern::pub};
    two.way->room = 3;
    REQUIRE(two.out.links->send(1, 1, 0, batch_of(0, 100, 57)) == carried::done);
    CHECK(two.out.links->busy(1));
    CHECK(two.out.links->send(1, 1, 0, batch_of(100)) == carried::busy);
    CHECK(two.out.links->send(1, gap_frame{{1, 1}, {2, 3}}) == carried::done);
    std::vector<std::size_t> kinds;
    two.way->passes = [&](int end, const in_flight& what) {
        return end == 1 ? kinds.push_back(kind_of(what)) : void(), true;
    };
    two.all.settle();
    const auto gap = std::find(kinds.begin(), kinds.end(), 9u);
    REQUIRE(gap != kinds.end());
    CHECK(std::count(kinds.begin(), gap, 2u) <= 1);
    CHECK(std::count(gap, kinds.end(), 2u) >= 1);
    CHECK(two.out.saw("room"));
    CHECK_FALSE(two.out.links->busy(1));
}

TEST_CASE("a link that is lost in the middle of a batch leaves nothing behind") {
    joined_pair two;
    two.way->room = 2;
    REQUIRE(two.out.links->send(1, 1, 0, batch_of(0, 100, 57)) == carried::done);
    two.all.settle(1);
    two.all.cut(*two.way);
    two.all.settle();
    two.way->up = true;
    two.way->names[1] = ++two.in.last_peer;
    two.all.run_for(2s);
    REQUIRE(two.out.told.back() == "joined 2 for 1");
    CHECK(two.in.batches.empty());
    REQUIRE(two.out.links->send(2, 1, 0, batch_of(0, 100, 57)) == carried::done);
    two.all.settle();
    REQUIRE(two.in.batches.size() == 1);
    CHECK(two.in.batches[0].second.number == 1);
    CHECK(two.in.links->malformed() == 0);
}

TEST_CASE("a carrier that is busy takes nothing, and the user is told when it has room") {
    joined_pair two;
    two.way->room = 2;
    CHECK(two.out.links->send(1, 1, 0, batch_of(0)) == carried::done);
    CHECK(two.out.links->send(1, 1, 0, batch_of(1)) == carried::done);
    CHECK(two.out.links->send(1, 1, 0, batch_of(2)) == carried::busy);
    CHECK(two.out.links->busy(1));
    two.all.settle();
    CHECK(two.out.saw("room"));
    CHECK(two.out.links->send(1, 1, 0, batch_of(2)) == carried::done);
    two.all.settle();
    CHECK(two.in.batches.size() == 3);
    CHECK(two.in.batches[2].second.number == 3);
}

TEST_CASE("acks that meet a busy carrier become one, with the newest window and all ranges") {
    joined_pair two;
    two.way->room = 1;
    for (std::uint64_t i = 1; i <= 50; ++i) {
        REQUIRE(two.in.links->send(1, ack_of(i, {i, i})) == carried::done);
    }
    two.all.settle();
    REQUIRE(two.out.acks.size() == 2);
    CHECK(two.out.acks[0].received == 1);
    CHECK(two.out.acks[1].received == 50);
    REQUIRE(two.out.acks[1].ranges.size() == 49);
    CHECK(two.out.acks[1].ranges[48].what == offset_range{50, 50});
}

TEST_CASE("what waits is bounded, and more acks than a frame takes go in several") {
    joined_pair two;
    two.way->room = 0;
    std::uint64_t taken = 0;
    while (taken < 1'000'000 && two.in.links->send(1, ack_of(taken + 1, {taken, taken})) == carried::done) ++taken;
    CHECK(taken == 16 * link_ranges_max);
    std::size_t filters = 0;
    while (filters < 1'000'000 && two.in.links->send(1, gap_frame{{1, 1}, {2, 3}}) == carried::done) ++filters;
    CHECK(filters == 4096);
    two.way->room = 1000;
    std::size_t ranges = 0;
    two.all.settle();
    for (const auto& ack : two.out.acks) {
        CHECK(ack.ranges.size() <= link_ranges_max);
        ranges += ack.ranges.size();
    }
    CHECK(ranges == taken);
    CHECK(two.out.acks.back().received == taken);
}

TEST_CASE("replies share the numbers of data, and go in parts too") {
    joined_pair two{in_parts(), pattern::req};
    REQUIRE(two.out.links->send(1, 1, 0, batch_of(0)) == carried::done);
    two.all.settle();
    REQUIRE(two.in.links->reply(1, false, batch_of(0)) == carried::done);
    REQUIRE(two.in.links->reply(1, true, batch_of(1, 100, 57)) == carried::done);
    two.all.settle();
    REQUIRE(two.out.replies.size() == 2);
    CHECK_FALSE(two.out.replies[0].failed);
    CHECK(two.out.replies[1].failed);
    CHECK(two.out.replies[1].number == 2);
    CHECK(two.out.kept[1].view.count() == 100);
    REQUIRE(two.out.links->send(1, cancel_frame{{1, 1}, {4, 4}}) == carried::done);
    two.all.settle();
    CHECK(two.in.saw("cancel 1 4"));
}

TEST_CASE("a user may send from inside whatever it is told, also to links that are gone") {
    joined_pair two;
    two.out.on_joined = [&](link_number link) { CHECK(two.out.links->send(link, 1, 0, batch_of(0)) == carried::done); };
    two.out.on_left = [&](link_number link) { CHECK(two.out.links->send(link, 1, 0, batch_of(0)) == carried::gone); };
    two.all.cut(*two.way);
    two.all.settle();
    two.way->up = true;
    two.way->names[1] = ++two.in.last_peer;
    two.all.run_for(2s);
    CHECK(two.in.batches.size() == 1);
    two.out.on_joined = [&](link_number) { two.way->up = false; };
    two.all.cut(*two.way);
    two.all.settle();
    two.way->up = true;
    two.way->names[1] = ++two.in.last_peer;
    two.all.run_for(3s);
    CHECK(two.out.links->count() == 0);
}
