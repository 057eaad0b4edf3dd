#include "ack_retry/receiver.hpp"

#include <cstring>
#include <functional>

#include "ack_retry/receiving_side.hpp"
#include "base/batch_format.hpp"
#include "test_main.hpp"

using namespace receiving_side;

namespace {

struct judge final : layer {
    std::function<offered_record::verdict(const offered_record&)> says;
    std::vector<std::pair<offset, bool>> heard;
    std::string_view name() const noexcept override { return "judge"; }
    layer_place place() const noexcept override { return layer_place::identity; }
    void incoming(std::span<offered_record> records) override {
        for (auto& one : records) one.what = says(one);
    }
    void settled(stream_id, offset at, bool acked) override { heard.emplace_back(at, acked); }
};

struct flipping final : layer {  // every byte is turned over
    std::string_view name() const noexcept override { return "flipping"; }
    layer_place place() const noexcept override { return layer_place::codec; }
    std::uint8_t codec() const noexcept override { return 9; }
    result<std::vector<std::byte>> decode(bytes encoded, std::size_t) override {
        std::vector<std::byte> plain{encoded.begin(), encoded.end()};
        for (auto& one : plain) one = ~one;
        return plain;
    }
};

batch_ref flipped(const batch_ref& plain) {
    namespace f = batch_format;
    const bytes from = plain.view.data();
    const std::size_t records = from.size() - f::header_bytes;
    std::vector<std::byte> to(from.begin(), from.begin() + f::header_bytes);
    to.resize(from.size() + f::encoded_envelope_bytes);
    f::store(to.data() + f::codec_at, std::uint8_t{9});
    f::store(to.data() + f::bytes_at, static_cast<std::uint32_t>(to.size()));
    f::store(to.data() + f::encoded_size_at, static_cast<std::uint32_t>(records));
    std::memcpy(to.data() + f::first_delta_at, from.data() + f::first_delta_at, sizeof(std::uint32_t));
    for (std::size_t i = 0; i < records; ++i)
        to[f::header_bytes + f::encoded_envelope_bytes + i] = ~from[f::header_bytes + i];
    f::sign(to.data(), to.size());
    batch_ref made{message{bytes{to}}, {}};
    made.view = batch_view::check(made.holder.body(), 1u << 20).value();
    return made;
}

}  // namespace

TEST_CASE("A settlement with an old token settles nothing and is counted") {
    side in;
    in.come(batch_of({1, 1}));
    delivery one = in.next();
    held_batch* const held = delivery_access::take(one);
    in.half->settle({held, 1, 7, verdict::extend, 1s, {}});
    ++held->unsettled;
    in.half->settle({held, 1, 7, verdict::ack, {}, {}});
    CHECK(in.stats().stale_settlements == 1);
    CHECK(in.half->unsettled() == 1);
    in.half->settle({held, 1, 1, verdict::ack, {}, {}});
    CHECK(in.half->unsettled() == 0);
}

TEST_CASE("A record whose right to be settled went with a foreign token ends with its time") {
    side in{{.handler_max = 100ms}};
    in.come(batch_of({1, 1}));
    delivery one = in.next();
    held_batch* const held = delivery_access::take(one);
    in.half->settle({held, 1, 7, verdict::ack, {}, {}});
    in.pass(300ms);
    CHECK(in.half->unsettled() == 0);
    REQUIRE(in.out.ranges().size() == 1);
    CHECK(in.out.ranges()[0].outcome == how::nacked);
}

TEST_CASE("So many nacks running pause the hand-out, longer each time, and an ack ends it") {
    side in{{.backoff_min = 100ms, .backoff_max = 300ms, .pause_after_failures = 3}};
    in.come(batch_of({1, 20}));
    for (int i = 0; i < 2; ++i) in.next().nack();
    in.next().ack();
    for (int i = 0; i < 3; ++i) in.next().nack();
    const auto paused = [&] { return !in.half->ready() && in.next().settled(); };
    CHECK(paused());
    in.pass(99ms);
    CHECK(paused());
    in.pass(1ms);
    in.next().nack();
    in.pass(199ms);
    CHECK(paused());
    in.pass(1ms);
    in.next().nack();
    in.pass(299ms);
    CHECK(paused());
    in.pass(1ms);
    in.next().ack();
    in.next().nack();
    CHECK_FALSE(paused());
}

TEST_CASE("A pause keeps what was fetched, and asks to be woken when it ends") {
    side in{{.backoff_min = 100ms, .pause_after_failures = 1}};
    in.come(batch_of({1, 3}));
    in.next().nack();
    CHECK(in.next().settled());
    CHECK(in.half->step(steady_time::max()) <= in.time.at + 100ms);
    in.pass(100ms);
    CHECK(in.ack_all() == std::vector<offset>{2, 3});
}

TEST_CASE("Draining gives back what was not handed out, also what comes later, and ends with what is in hand") {
    side in;
    in.come(batch_of({1, 20}));
    delivery one = in.next();
    in.half->drain();
    CHECK_FALSE(in.half->drained());
    CHECK(in.next().settled());
    CHECK_FALSE(in.half->ready());
    REQUIRE(in.out.ranges().size() == 1);
    CHECK(in.out.ranges()[0].what == offset_range{2, 20});
    CHECK(in.out.ranges()[0].outcome == how::returned);
    in.come(batch_of({21, 30}));
    in.half->tell_all();
    CHECK(in.out.ranges()[1].what == offset_range{21, 30});
    one.ack();
    CHECK(in.half->drained());
    CHECK(in.out.ranges()[2].what == offset_range{1, 1});
}

TEST_CASE("Layers pass, settle, refuse or keep back each record before it is handed out") {
    using v = offered_record::verdict;
    judge layer;
    bool keeps = true;
    layer.says = [&](const offered_record& one) {
        if (one.at == 2) return v::done;
        if (one.at == 3) return v::refuse;
        return one.at % 10 == 4 && keeps ? v::hold : v::pass;
    };
    side in{{}, {&layer}};
    in.come(batch_of({1, 6}));
    CHECK(in.ack_all() == std::vector<offset>{1, 5, 6});
    in.pass(10ms);
    CHECK(in.next().settled());
    keeps = false;
    in.pass(10ms);
    CHECK(in.half->ready());
    delivery kept = in.next();
    CHECK(kept.at() == 4);
    in.pass(29s);
    CHECK(in.stats().nacked == 0);
    kept.ack();
    std::vector<std::pair<offset, how>> told;
    for (const auto& one : in.out.ranges()) {
        for (offset at = one.what.first; at <= one.what.last; ++at) told.emplace_back(at, one.outcome);
    }
    std::sort(told.begin(), told.end());
    const auto a = how::acked;
    CHECK(told == std::vector<std::pair<offset, how>>{{1, a}, {2, a}, {3, how::refused}, {4, a}, {5, a}, {6, a}});
    CHECK(layer.heard ==
          std::vector<std::pair<offset, bool>>{{2, true}, {3, false}, {1, true}, {5, true}, {6, true}, {4, true}});
}

TEST_CASE(
    "A record that a layer keeps back is asked of again when the next batch comes, in its place if it was not passed") {
    judge layer;
    bool keeps = true;
    layer.says = [&](const offered_record&) {
        return keeps ? offered_record::verdict::hold : offered_record::verdict::pass;
    };
    side in{{}, {&layer}};
    in.come(batch_of({1, 2}));
    keeps = false;
    in.come(batch_of({3, 3}));
    CHECK(in.ack_all() == std::vector<offset>{1, 2, 3});
    CHECK(in.half->drained());
}

TEST_CASE("A batch that is done with before hand-out is settled whole") {
    judge layer;
    layer.says = [](const offered_record&) { return offered_record::verdict::done; };
    side in{{}, {&layer}};
    in.come(batch_of({1, 5}));
    CHECK(in.next().settled());
    REQUIRE(in.out.ranges().size() == 1);
    CHECK(in.out.ranges()[0].what == offset_range{1, 5});
    CHECK(in.out.frames.back().frame.handed == 5);
}

TEST_CASE("An encoded batch is decoded by the layer of its codec, and without one the link is refused") {
    flipping codec;
    side in{{}, {&codec}};
    hello ours;
    in.half->greet(ours);
    CHECK(ours.codecs == std::vector<std::uint8_t>{9});
    in.come(flipped(batch_of({1, 3}, "plain text")));
    delivery one = in.next();
    CHECK(one.text() == "plain text");
    one.ack();
    CHECK(in.ack_all() == std::vector<offset>{2, 3});

    side without;
    without.come(flipped(batch_of({1, 3})));
    CHECK(without.out.refused == std::vector<link_number>{1});
    CHECK(without.next().settled());
}

TEST_CASE("A delivery and a message may outlive the receiver") {
    delivery late;
    message kept;
    const std::string body(100, 'k');
    {
        side in;
        in.come(batch_of({1, 3}, body));
        late = in.next();
        delivery other = in.next();
        other.ack();
        kept = std::move(other).message();
        in.home->to = nullptr;
        in.half.reset();
    }
    CHECK(late.text() == body);
    CHECK(kept.text() == body);
    late.ack();
}

TEST_CASE("Of a few messages each is told before its handler begins, of many not") {
    side in;
    const int few = GENERATE(1, 3, 15);
    in.come(batch_of({1, static_cast<offset>(few)}));
    for (int i = 1; i <= few; ++i) {
        delivery one = in.next();
        REQUIRE(in.out.frames.back().frame.handed == static_cast<std::uint64_t>(i));
        one.ack();
    }
    in.come(batch_of({101, 200}));
    in.out.frames.clear();
    std::vector<delivery> held;
    for (int i = 0; i < 50; ++i) held.push_back(in.next());
    CHECK(in.out.frames.empty());
    in.pass(50ms);
    REQUIRE_FALSE(in.out.frames.empty());
    CHECK(in.out.frames.back().frame.handed >= static_cast<std::uint64_t>(few) + 50);
}

TEST_CASE("The arrival of a lone message is told at once, or with its hand-out if somebody waits for it") {
    side in;
    in.port.awaited = GENERATE(false, true);
    in.come(batch_of({1, 1}));
    in.half->step(in.time.at + 1s);  // as an engine does behind what came
    CHECK(in.out.frames.size() == (in.port.awaited ? 0 : 1));
    SECTION("handed out") {
        delivery one = in.next();
        REQUIRE(in.out.frames.size() == (in.port.awaited ? 1 : 2));
        CHECK(in.out.frames.back().frame.received == 1);
        CHECK(in.out.frames.back().frame.handed == 1);
        one.ack();
    }
    SECTION("and soon, if it is left lying after all") {
        in.pass(50ms);
        REQUIRE_FALSE(in.out.frames.empty());
        CHECK(in.out.frames.back().frame.received == 1);
    }
}
