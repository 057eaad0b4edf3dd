// pull over real links: the other end is a scripted push, which speaks frames and decides nothing.
#include <catch2/catch.hpp>
#include <deque>

#include "ack_retry/protocol_base.hpp"
#include "ack_retry/receiving_side.hpp"

using namespace receiving_side;

namespace {

// One transport: what an end sends, the other takes at the next run().
struct wire final : link_port {
    std::deque<std::pair<std::vector<std::byte>, message>> under_way;
    bool rung = false;
    sent send(peer_number, bytes envelope, const message* body) override {
        under_way.emplace_back(std::vector<std::byte>{envelope.begin(), envelope.end()}, body ? *body : message{});
        return sent::done;
    }
    void end(peer_number) override {}
    std::string_view key_of(peer_number) const override { return {}; }
    void report(event_kind, peer_number, std::string_view) override {}
    void ring() noexcept override { rung = true; }
    std::optional<message> take() {
        if (under_way.empty()) return std::nullopt;
        const auto [envelope, body] = std::move(under_way.front());
        under_way.pop_front();
        std::vector<bytes> frames{envelope};
        if (!body.body().empty()) frames.push_back(body.body());
        return message::from_frames(frames).value();
    }
};

struct scripted_push final : link_user {
    link_number link = 0;
    bool drains_now = false;
    std::vector<link_end> ends;
    std::vector<ack_frame> heard;
    hello met;
    void greet(hello& ours) override { ours.stream = stream; }
    status meet(const hello& theirs) override {
        met = theirs;
        return {};
    }
    void joined(link_number number, const hello&, link_number) override { link = number; }
    void left(link_number, link_end why) override { ends.push_back(why); }
    void took(link_number, const data_frame&, batch_ref&&) override {}
    void took(link_number, const reply_frame&, batch_ref&&) override {}
    void took(link_number, ack_frame&& acks) override { heard.push_back(std::move(acks)); }
    void took(link_number, filter_frame&&) override {}
    void took(link_number, const gap_frame&) override {}
    void took(link_number, const cancel_frame&) override {}
    void drains(link_number) override { drains_now = true; }
    void may_write() override {}
    void floor_moved(link_number, offset) override {}
};

struct pair_of_ends {
    struct desk final : settler {
        delivery_protocol* to = nullptr;
        void settle(const settlement& what) noexcept override { to->settle(what); }
    };
    manual_time time;
    struct counting final : random_source {
        std::uint64_t at = 0;
        std::uint64_t draw() noexcept override { return at += 0x9e3779b97f4a7c15u; }
    } random;
    wire to_pull, to_push;  // named by who reads them
    std::unique_ptr<record_log> log = make_memory_log();
    std::shared_ptr<desk> home = std::make_shared<desk>();
    std::unique_ptr<delivery_protocol> pull;
    scripted_push script;
    link_set push;

    explicit pair_of_ends(pattern other = pattern::push)
        : pull{make_pull({})}, push{other, {}, time, random, to_pull, script} {
        home->to = pull.get();
        REQUIRE(pull->open({pattern::pull, time, random, to_push, *log, {}, home, 16u << 20}));
        push.dials(1);
        run();
    }
    void run() {
        for (int round = 0; round < 50; ++round) {
            push.step();
            pull->step();
            while (auto frames = to_pull.take()) pull->took(1, std::move(*frames));
            while (auto frames = to_push.take()) push.took(1, std::move(*frames));
        }
    }
    std::vector<settled> ranges() const {
        std::vector<settled> all;
        for (const auto& each : script.heard) all.insert(all.end(), each.ranges.begin(), each.ranges.end());
        return all;
    }
};

}  // namespace

TEST_CASE("A pull greets with its credit, hands out what a push sends, and acks it over the link") {
    pair_of_ends ends;
    REQUIRE(ends.script.link != 0);
    CHECK(ends.script.met.window_messages == 1024);
    CHECK(ends.script.met.window_bytes == 4u << 20);
    REQUIRE(ends.push.send(ends.script.link, 3, 0, batch_of({1, 2}, "text")) == link_set::carried::done);
    ends.run();
    CHECK(ends.script.heard.back().received == 1);
    CHECK(ends.pull->ready().in);
    delivery one, two;
    status why;
    REQUIRE(ends.pull->recv(one, why) == tried::done);
    REQUIRE(ends.pull->recv(two, why) == tried::done);
    CHECK(two.text() == "text");
    CHECK(two.attempt() == 3);
    CHECK(ends.pull->recv(two, why) == tried::would_block);
    one.ack();
    two.reject("never");
    ends.run();
    const auto told = ends.ranges();
    REQUIRE(told.size() == 2);
    CHECK(told[0].attempt == 3);
    CHECK(told[1].outcome == how::refused);
    CHECK(ends.script.heard.back().handed == 2);
    const delivery_stats stats = ends.pull->stats();
    CHECK(stats.acked == 1);
    CHECK(stats.refused == 1);
    CHECK(stats.links == 1);
}

TEST_CASE("A pull meets no other pattern than push") {
    pair_of_ends ends{pattern::req};
    CHECK(ends.script.link == 0);
    CHECK(ends.pull->stats().links == 0);
}

TEST_CASE("A pull that drains gives back, says so, settles what is in hand, and then says good-bye") {
    pair_of_ends ends;
    ends.push.send(ends.script.link, 1, 0, batch_of({1, 9}));
    ends.run();
    delivery one;
    status why;
    REQUIRE(ends.pull->recv(one, why) == tried::done);
    ends.pull->drain();
    ends.run();
    CHECK(ends.script.drains_now);
    REQUIRE(ends.ranges().size() == 1);
    CHECK(ends.ranges()[0].what == offset_range{2, 9});
    CHECK_FALSE(ends.pull->drained());
    one.ack();
    CHECK(ends.pull->drained());
    ends.pull->say_goodbye();
    ends.run();
    CHECK(ends.ranges().size() == 2);
    CHECK(ends.script.ends == std::vector<link_end>{link_end::goodbye});
}
