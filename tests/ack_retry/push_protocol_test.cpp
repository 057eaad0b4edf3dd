#include <deque>

#include "ack_retry/protocol_base.hpp"
#include "sender_world.hpp"
#include "test_main.hpp"

using namespace sender_world;

namespace {

// One side's door: what it sends waits until the other side is given it.
struct door final : link_port {
    std::deque<std::vector<std::string>> out;
    bool is_busy = false;
    sent send(peer_number, godwit::bytes envelope, const godwit::message* body) override {
        if (is_busy) return sent::busy;
        std::vector<std::string> frames{std::string{as_text(envelope)}};
        if (body != nullptr) frames.emplace_back(body->text());
        out.push_back(std::move(frames));
        return sent::done;
    }
    void end(peer_number) override {}
    std::string_view key_of(peer_number) const override { return {}; }
    void report(godwit::event_kind, peer_number, std::string_view) override {}
    void ring() noexcept override {}
};

// A receiver that speaks the link and settles what it is told to.
struct receiver final : link_user {
    std::vector<std::pair<offset_range, std::uint32_t>> batches;
    std::vector<hello> met;
    link_number link = 0;
    std::unique_ptr<link_set> links;
    void greet(hello& ours) override {
        ours.window_messages = 1000;
        ours.window_bytes = 1u << 20;
    }
    status meet(const hello& theirs) override { return met.push_back(theirs), status{}; }
    void joined(link_number which, const hello&, link_number) override { link = which; }
    void left(link_number, link_end) override {}
    void took(link_number, const data_frame& frame, batch_ref&& batch) override {
        batches.push_back({{batch.view.first(), batch.view.last()}, frame.attempt});
    }
    void took(link_number, const reply_frame&, batch_ref&&) override {}
    void took(link_number, ack_frame&&) override {}
    void took(link_number, filter_frame&&) override {}
    void took(link_number, const gap_frame&) override {}
    void took(link_number, const cancel_frame&) override {}
    void drains(link_number) override {}
    void may_write() override {}
    void floor_moved(link_number, offset) override {}

    void settle(stream_id stream, offset_range what, ack_frame::settled::how how, std::uint32_t attempt) {
        ack_frame frame;
        frame.received = batches.size();
        frame.window_messages = 1000;
        frame.window_bytes = 1u << 20;
        frame.ranges.push_back({stream, what, attempt, how, 0, {}});
        links->send(link, link_content{frame});
    }
};

struct pair {
    manual_time time;
    seeded_random random, other_random;
    door push_door, pull_door;
    std::unique_ptr<record_log> log = make_memory_log();
    receiver pull;
    std::unique_ptr<delivery_protocol> push = make_push({});

    pair() {
        other_random.state = 99;
        pull.links = std::make_unique<link_set>(pattern::pull, link_options{}, time, other_random, pull_door, pull);
        REQUIRE(push->open({pattern::push, time, random, push_door, *log, {}, nullptr, 16u << 20}));
        push->dials(1);
        run();
    }
    void run() {
        for (int i = 0; i < 50; ++i) {
            push->step();
            pull.links->step();
            pass(push_door, [&](godwit::message&& frames) { pull.links->took(1, std::move(frames)); });
            pass(pull_door, [&](godwit::message&& frames) { push->took(1, std::move(frames)); });
        }
    }
    template <class F>
    void pass(door& from, F&& to) {
        while (!from.out.empty()) {
            std::vector<godwit::bytes> frames;
            for (const std::string& one : from.out.front()) frames.push_back(as_bytes(one));
            auto made = godwit::message::from_frames(frames);
            REQUIRE(made);
            from.out.pop_front();
            to(std::move(*made));
        }
    }
    offset send(std::string_view body) {
        offset at = 0;
        status why;
        return push->send({.body = as_bytes(body)}, at, why) == tried::done ? at : 0;
    }
    stream_id stream() const { return pull.met.back().stream; }
};

using how = ack_frame::settled::how;

}  // namespace

TEST_CASE("a push greets with its stream, sends, and is told what became of it") {
    pair one;
    REQUIRE(one.push->stats().links == 1);
    CHECK_FALSE(one.stream().empty());
    CHECK(one.send("a") == 1);
    CHECK(one.send("b") == 2);
    one.run();
    REQUIRE(one.pull.batches.size() == 2);
    one.push->ready();
    one.pull.settle(one.stream(), {1, 1}, how::acked, 1);
    one.pull.settle(one.stream(), {2, 2}, how::nacked, 1);
    one.run();
    CHECK(one.push->outcome_of(1, stage::processed) == outcome::processed);
    CHECK(one.push->ready().news);
    CHECK(one.push->settled_below() == 2);
    CHECK(one.push->unsettled() == 1);
    one.time.pass(300ms);
    one.run();
    REQUIRE(one.pull.batches.size() == 3);
    CHECK(one.pull.batches[2].second == 2);
    one.pull.settle(one.stream(), {2, 2}, how::acked, 2);
    one.run();
    CHECK(one.push->drained());
}

TEST_CASE("a push whose carrier was busy sends what has gathered when it may write") {
    pair one;
    one.push_door.is_busy = true;
    for (int i = 0; i < 10; ++i) one.send("x");
    one.push_door.is_busy = false;
    one.push->may_write();
    one.run();
    REQUIRE_FALSE(one.pull.batches.empty());
    CHECK(one.pull.batches.back().first.last == 10);
    CHECK(one.pull.batches.size() <= 2);
}

TEST_CASE("a push that drains takes nothing new, and still sends what it has") {
    pair one;
    one.push_door.is_busy = true;
    one.send("x");
    one.send("y");
    one.push->drain();
    offset at = 0;
    status why;
    CHECK(one.push->send({.body = as_bytes("z")}, at, why) == tried::failed);
    CHECK(why.error().code() == errc::closed);
    CHECK_FALSE(one.push->drained());
    one.push_door.is_busy = false;
    one.push->may_write();
    one.run();
    one.pull.settle(one.stream(), {1, 2}, how::acked, 1);
    one.run();
    CHECK(one.push->drained());
}

TEST_CASE("a push has no recv") {
    pair one;
    godwit::delivery out;
    status why;
    CHECK(one.push->recv(out, why) == tried::failed);
    CHECK(why.error().code() == errc::unsupported);
}
