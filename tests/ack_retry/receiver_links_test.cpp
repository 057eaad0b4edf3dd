// Links that are lost, and come again. The rest of the receiver: receiver_test.cpp.
#include "ack_retry/receiving_side.hpp"
#include "test_main.hpp"

using namespace receiving_side;

TEST_CASE("With a lost link go the records that wait, and those in hand stay for its return") {
    side in;
    in.come(batch_of({1, 20}));
    delivery first = in.next(), second = in.next(), third = in.next();
    in.half->left(1, link_end::lost);
    CHECK(in.next().settled());
    second.ack();
    const std::size_t frames = in.out.frames.size();
    hello ours;
    in.half->greet(ours);
    REQUIRE(ours.holds.size() == 1);
    CHECK(ours.holds[0].stream == stream);
    CHECK(ours.holds[0].what == offset_range{1, 3});
    in.number = 0;
    in.join(2, 1);
    in.half->step(steady_time::max());
    REQUIRE(in.out.frames.size() == frames + 1);
    CHECK(in.out.frames.back().to == 2);
    CHECK(in.out.frames.back().frame.ranges[0].what == offset_range{2, 2});
    in.come(batch_of({4, 20}), 2);
    CHECK(in.ack_all().size() == 17);
    first.ack();
    third.ack();
    CHECK(in.stats().stale_settlements == 0);
    CHECK(in.stats().acked == 20);
    CHECK(in.out.frames.back().to == 2);
    CHECK(in.half->drained());
}

TEST_CASE("What an ended link has in hand is settled there, and nobody is told") {
    for (const link_end why : {link_end::goodbye, link_end::closed}) {
        side in;
        in.come(batch_of({1, 5}));
        delivery one = in.next();
        in.half->left(1, why);
        in.out.frames.clear();
        CHECK(in.half->unsettled() == 1);
        one.ack();
        in.half->step(steady_time::max());
        CHECK(in.half->drained());
        CHECK(in.out.frames.empty());
        in.join(2);
        in.come(batch_of({1, 5}), 2);
        CHECK(in.ack_all().size() == 5);
    }
}

TEST_CASE("A copy that comes by another link than the one that has ended is joined to what is in hand") {
    for (const link_end why : {link_end::goodbye, link_end::closed, link_end::lost}) {
        side in;
        in.come(batch_of({1, 5}));
        delivery one = in.next();
        in.half->left(1, why);
        in.half->step(steady_time::max());
        in.number = 0;
        in.join(2);  // the sender knows nothing of the link before
        in.come(batch_of({1, 5}), 2, 2);
        CHECK(in.ack_all() == std::vector<offset>{2, 3, 4, 5});
        one.ack();
        in.half->step(steady_time::max());
        const auto told = in.out.ranges();
        for (const std::uint32_t attempt : {1u, 2u}) {
            CHECK(std::any_of(told.begin(), told.end(), [attempt](const settled& range) {
                return range.what == offset_range{1, 1} && range.attempt == attempt && range.outcome == how::acked;
            }));
        }
        CHECK(in.out.refused.empty());
        CHECK(in.half->drained());
    }
}

TEST_CASE("What was in hand when its link was lost takes no credit of the next session") {
    side in{{.credit_messages = 4}};
    in.come(batch_of({1, 4}));
    std::vector<delivery> held;
    for (int i = 0; i < 4; ++i) held.push_back(in.next());
    in.half->left(1, link_end::lost);
    in.number = 0;
    in.join(2, 1);
    in.come(batch_of({5, 8}), 2);  // its sender may know of none of the four
    CHECK(in.out.refused.empty());
    CHECK(in.ack_all().size() == 4);
}

TEST_CASE("A new incarnation of a sender ends what its lost one had in hand") {
    side in;
    in.come(batch_of({1, 5}));
    delivery one = in.next();
    in.half->left(1, link_end::lost);
    hello anew = side::greeting(1);
    anew.stream = {7, 10};
    in.half->joined(2, anew, 0);
    CHECK(in.half->drained());
    one.ack();
    CHECK(in.stats().stale_settlements == 1);
}

TEST_CASE("What a greeting claimed, and was settled by a way that is cut, is told again or given back") {
    side in;
    in.come(batch_of({1, 2}));
    delivery first = in.next(), second = in.next();
    hello ours;
    in.half->greet(ours);
    first.ack();
    in.half->step(steady_time::max());  // told by the link that is superseded
    hello to_another;
    in.half->greet(to_another);
    how outcome{};
    SECTION("told to who resumes") {
        outcome = how::acked;
        in.out.frames.clear();
        in.half->claimed(std::move(ours.holds));
        in.join(2, 1);
    }
    SECTION("given back if we had given that link up, and the sender had not") {
        outcome = how::returned;
        second.ack();
        in.half->left(1, link_end::closed);
        in.out.frames.clear();
        in.half->claimed(std::move(ours.holds));
        in.join(2);
    }
    in.half->step(steady_time::max());
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() >= 1);
    CHECK(ranges[0].what.first == 1);
    CHECK(ranges[0].outcome == outcome);
    CHECK((second.settled() ? ranges[0].what.last == 2 : ranges[0].what.last == 1));
}

TEST_CASE("What was told by a link that was lost is claimed, and told again, when the sender comes again") {
    side in;
    in.come(batch_of({1, 4}));
    CHECK(in.ack_all().size() == 4);
    in.pass(50ms);
    in.half->left(1, link_end::lost);
    hello ours;
    in.half->greet(ours);
    REQUIRE(ours.holds.size() == 1);
    CHECK(ours.holds[0].what == offset_range{1, 4});
    in.half->claimed(std::move(ours.holds));
    in.out.frames.clear();
    in.join(2, 1);
    in.pass(50ms);
    REQUIRE(in.out.ranges().size() == 1);
    CHECK(in.out.frames[0].to == 2);
    CHECK(in.out.ranges()[0].what == offset_range{1, 4});
    CHECK(in.out.ranges()[0].outcome == how::acked);
}

TEST_CASE("Of what was told by a lost link, only what the sender may not have heard is told again") {
    side in;
    in.come(batch_of({1, 4}));
    CHECK(in.ack_all().size() == 4);
    in.pass(50ms);
    in.half->left(1, link_end::lost);
    in.out.frames.clear();
    hello ours;
    in.half->greet(ours);
    in.half->claimed(std::move(ours.holds));
    hello again = side::greeting(1);
    again.floor = 3;
    const bool is_live = GENERATE(false, true);
    if (is_live) again.below_floor = {{1, 1}};
    in.half->joined(2, again, 1);
    in.pass(50ms);
    REQUIRE(in.out.ranges().size() == 1);
    CHECK(in.out.ranges()[0].what == (is_live ? offset_range{1, 4} : offset_range{3, 4}));
    CHECK(in.out.ranges()[0].outcome == how::acked);
}

TEST_CASE("What the sender's floor says that it has heard is not claimed") {
    side in;
    in.come(batch_of({1, 4}));
    CHECK(in.ack_all().size() == 4);
    in.pass(50ms);
    in.half->floor_moved(1, 5);
    in.half->left(1, link_end::lost);
    hello ours;
    in.half->greet(ours);
    CHECK(ours.holds.empty());
}

TEST_CASE("What is told again of one attempt says nothing of another that was claimed") {
    side in;
    in.come(batch_of({1, 1}), 1, 1);
    delivery first = in.next();
    first.ack();
    in.pass(50ms);
    in.come(batch_of({1, 1}), 1, 2);
    delivery second = in.next();
    hello ours;
    in.half->greet(ours);
    held_batch* const held = delivery_access::take(second);
    in.half->settle({held, 1, 2, verdict::abandon, {}, {}});
    in.pass(50ms);
    in.out.frames.clear();
    in.half->claimed(std::move(ours.holds));
    in.join(2, 1);
    in.pass(50ms);
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[0].attempt == 1);
    CHECK(ranges[0].outcome == how::acked);
    CHECK(ranges[1].attempt == 2);
    CHECK(ranges[1].outcome == how::returned);
}

TEST_CASE("What comes again at an attempt that was acked is told once more, and not handed out") {
    side in;
    in.come(batch_of({1, 3}));
    in.ack_all();
    in.pass(50ms);
    in.half->left(1, link_end::lost);
    in.join(2, 1);
    in.pass(50ms);
    in.out.frames.clear();
    in.number = 0;
    in.come(batch_of({1, 3}), 2);
    CHECK(in.next().settled());
    in.pass(50ms);
    const auto ranges = in.out.ranges();
    REQUIRE(ranges.size() == 1);
    CHECK(ranges[0].what == offset_range{1, 3});
    CHECK(ranges[0].outcome == how::acked);
}

TEST_CASE(
    "A dead letter that is requeued begins at its first attempt again, and is handed out, also by a resumed link") {
    side in;
    in.come(batch_of({1, 1}));
    in.next().reject("not today");
    in.pass(50ms);
    in.half->left(1, link_end::lost);
    hello ours;
    in.half->greet(ours);
    CHECK(ours.holds.empty());
    in.join(2, 1);
    in.number = 0;
    in.come(batch_of({1, 1}), 2);
    CHECK_FALSE(in.next().settled());
}
