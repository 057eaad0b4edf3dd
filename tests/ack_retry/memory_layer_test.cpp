// What a receiver says to a layer that remembers what was handled, and what it waits for.
#include "ack_retry/receiving_side.hpp"

#include "test_main.hpp"

using namespace receiving_side;

namespace {

using lines = std::vector<std::string>;

std::string words(std::string_view what, offset_range range) {
    return std::string{what} + " " + std::to_string(range.first) + ".." + std::to_string(range.last);
}

// Passes all, and keeps what it is told when the test says so.
struct slow_memory final : layer {
    std::string_view name() const noexcept override { return "slow"; }
    layer_place place() const noexcept override { return layer_place::identity; }
    memory_identity memory() const override { return {{3, 3}, 5, {4, 4}}; }
    bool passes_whole(stream_id, offset_range what, std::uint32_t) override {
        said.push_back(words("whole", what));
        return true;
    }
    std::uint64_t settling(std::span<const handled_range> what) override {
        if (what.empty()) return given;
        for (const auto& one : what) said.push_back(words("acked", one.what));
        return ++given;
    }
    std::uint64_t kept() const noexcept override { return keeps; }
    void let_go(stream_id, offset_range what) noexcept override { said.push_back(words("let go", what)); }
    status health() const override { return is_well; }
    lines take() { return std::exchange(said, {}); }

    std::uint64_t given = 1, keeps = 1;
    status is_well;
    lines said;
};

}  // namespace

TEST_CASE("an ack leaves when its mark is kept, and what is acked meanwhile goes with the next mark") {
    slow_memory memory;
    side in{{}, {&memory}};
    in.come(batch_of({1, 4}));
    std::vector<delivery> all;
    for (int i = 0; i < 4; ++i) all.push_back(in.next());
    CHECK(memory.take() == lines{"whole 1..4"});
    all[0].ack();
    CHECK(memory.take() == lines{"acked 1..1"});  // nothing was being written
    all[1].ack();
    all[2].ack();
    CHECK(memory.take().empty());
    in.half->step(steady_time::max());
    CHECK(memory.take() == lines{"acked 2..3"});
    CHECK(in.out.ranges().empty());
    CHECK_FALSE(in.half->drained());
    memory.keeps = 2;
    in.half->step(steady_time::max());
    REQUIRE(in.out.ranges().size() == 1);
    CHECK(in.out.ranges()[0].what == offset_range{1, 1});
    all[3].ack();
    memory.keeps = 4;
    in.half->step(steady_time::max());
    std::uint64_t told = 0;
    for (const auto& one : in.out.ranges()) told += one.what.count();
    in.half->step(steady_time::max());
    CHECK(in.half->drained());
    told = 0;
    for (const auto& one : in.out.ranges()) told += one.what.count();
    CHECK(told == 4);
}

TEST_CASE("what leaves the hands without an ack is let go: failed, given back, or dropped with its link") {
    slow_memory memory;
    side in{{}, {&memory}};
    in.come(batch_of({1, 5}));
    delivery first = in.next(), second = in.next();
    memory.take();
    first.nack();
    CHECK(memory.take() == lines{"let go 1..1"});
    in.half->left(1, link_end::lost);
    CHECK(memory.take() == lines{"let go 3..3", "let go 4..4", "let go 5..5"});
    second.ack();  // nobody is there to be told
    CHECK(memory.take() == lines{"acked 2..2"});
}

TEST_CASE("what is settled and not told when its link is lost is marked first") {
    slow_memory memory;
    side in{{}, {&memory}};
    in.come(batch_of({1, 3}));
    std::vector<delivery> all;
    for (int i = 0; i < 3; ++i) all.push_back(in.next());
    all[0].ack();
    all[1].ack();
    memory.take();
    in.half->left(1, link_end::lost);
    CHECK(memory.take() == lines{"acked 2..2"});
    hello ours;
    in.half->greet(ours);
    CHECK(ours.scope == stream_id{3, 3});
    CHECK(ours.epoch == 5);
    CHECK(ours.next.front().first == stream_id{4, 4});
    std::uint64_t held = 0;
    for (const auto& one : ours.holds) held += one.what.count();
    CHECK(held == 3);  // also those that wait for their marks
    in.number = 0;
    in.out.frames.clear();
    in.half->claimed(std::move(ours.holds));
    in.join(2, 1);
    memory.keeps = 9;
    all[2].ack();
    in.half->step(steady_time::max());
    in.half->step(steady_time::max());
    std::uint64_t told = 0;
    for (const auto& one : in.out.ranges()) told += one.outcome == how::acked ? one.what.count() : 0;
    CHECK(told == 3);
}

TEST_CASE("a memory that has failed is told once, and is what recv ends with") {
    slow_memory memory;
    side in{{}, {&memory}};
    CHECK(in.half->health());
    memory.is_well = error{errc::io, "disk"};
    in.half->step(steady_time::max());
    CHECK(in.half->health().failed(errc::io));
    CHECK(in.half->ready());
}
