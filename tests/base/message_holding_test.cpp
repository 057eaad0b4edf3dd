// How a message holds its frames: inline, shared, lent; copied, moved, given back.
#include "godwit/message.hpp"

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/block.hpp"
#include "godwit/delivery.hpp"
#include "test_main.hpp"

using godwit::as_bytes;
using godwit::as_text;
using godwit::bytes;
using godwit::message;
using godwit::detail::block;
using godwit::detail::block_frame;
using godwit::detail::frame_holder;
using godwit::detail::message_access;

namespace {

// Memory that a carrier lends: counts how often it is given back.
struct lender {
    std::string memory;
    std::atomic<int> given_back{0};

    explicit lender(std::string text) : memory{std::move(text)} {}

    static void take_back(void* storage) noexcept {
        lender* owner = nullptr;
        std::memcpy(&owner, storage, sizeof owner);
        owner->given_back.fetch_add(1);
    }
    static constexpr frame_holder holder{take_back};

    message lend() {
        message made;
        const lender* const self = this;
        std::memcpy(message_access::lent_storage(made), &self, sizeof self);
        message_access::set_lent(made, holder, as_bytes(memory));
        return made;
    }
};

std::vector<std::string> frames_of(const message& source) {
    std::vector<std::string> frames;
    for (std::size_t index = 0; index < source.frame_count(); ++index) {
        frames.emplace_back(as_text(source.frame(index)));
    }
    return frames;
}

message made(const godwit::message_parts& parts) { return message::make(parts).value(); }

const std::string large(3000, 'L');

struct kind {
    std::string name;
    std::function<message()> make;
    std::vector<std::string> frames;
    lender* owner = nullptr;
};

// One maker for each way in which a message can hold its frames.
struct all_kinds {
    lender small{"lent"};
    lender big{large};
    lender promoted{large};
    lender mixed{large};
    std::atomic<int> taken_back{0};

    message mixed_block() {
        const lender* const self = &mixed;
        std::byte storage[godwit::detail::holder_storage_bytes]{};
        std::memcpy(storage, &self, sizeof self);
        const block_frame frames[] = {
            {as_bytes("hidden")}, {as_bytes("topic")}, {as_bytes(mixed.memory), &lender::holder, storage}};
        block* const shared = godwit::detail::make_block(frames);
        shared->first_shown = 1;
        return message_access::from_block(shared);
    }

    std::vector<kind> list() {
        return {
            {"empty", [] { return message{}; }, {""}},
            {"inline", [] { return message{"inline"}; }, {"inline"}},
            {"inline at its limit", [] { return message{std::string(56, 'i')}; }, {std::string(56, 'i')}},
            {"shared", [] { return message{std::string(57, 's')}; }, {std::string(57, 's')}},
            {"several frames",
             [] {
                 return made({.topic = "t", .key = "k", .headers = {{"n", "v"}}, .body = as_bytes("b")});
             },
             {"t", "b", "k", "n", "v"}},
            {"lent, small", [this] { return small.lend(); }, {"lent"}, &small},
            {"lent", [this] { return big.lend(); }, {large}, &big},
            {"lent and promoted",
             [this] {
                 message lent = promoted.lend();
                 message copy = lent;
                 return lent;
             },
             {large},
             &promoted},
            {"a block with a hidden and a lent frame", [this] { return mixed_block(); }, {"topic", large}, &mixed},
            {"taken", [this] { return message::take(large.data(), large.size(), [this] { ++taken_back; }); }, {large}},
        };
    }
};

}  // namespace

TEST_CASE("all kinds of messages survive copying, moving and detaching, and give back what they were lent once") {
    all_kinds kinds;
    int expected_taken = 0;
    for (const kind& each : kinds.list()) {
        CAPTURE(each.name);
        const int before = each.owner != nullptr ? each.owner->given_back.load() : 0;
        {
            message first = each.make();
            REQUIRE(frames_of(first) == each.frames);
            const message copy = first;
            REQUIRE(frames_of(copy) == each.frames);
            const message again = copy;
            REQUIRE(frames_of(again) == each.frames);
            message moved = std::move(first);
            REQUIRE(frames_of(moved) == each.frames);
            REQUIRE(frames_of(first) == std::vector<std::string>{""});
            first = moved;
            REQUIRE(frames_of(first) == each.frames);
            message& alias = first;
            first = alias;
            REQUIRE(frames_of(first) == each.frames);
            first = std::move(alias);
            REQUIRE(frames_of(first) == each.frames);
            const message detached = first.detached();
            REQUIRE(frames_of(detached) == each.frames);
            REQUIRE(detached.size_bytes() == first.size_bytes());
            REQUIRE(detached.text() == first.text());
            if (each.owner != nullptr) REQUIRE(each.owner->given_back == before);
        }
        if (each.owner != nullptr) REQUIRE(each.owner->given_back == before + 1);
    }
    ++expected_taken;
    CHECK(kinds.taken_back == expected_taken);
}

TEST_CASE("every kind can be assigned over every other") {
    all_kinds kinds;
    const auto list = kinds.list();
    for (const kind& from : list) {
        for (const kind& to : list) {
            CAPTURE(from.name, to.name);
            message target = to.make();
            target = from.make();
            REQUIRE(frames_of(target) == from.frames);
            message other = to.make();
            other = std::as_const(target);
            REQUIRE(frames_of(other) == from.frames);
            REQUIRE(frames_of(target) == from.frames);
            std::swap(target, other);
            REQUIRE(frames_of(target) == from.frames);
            other = to.make();
            std::swap(target, other);
            REQUIRE(frames_of(target) == to.frames);
            REQUIRE(frames_of(other) == from.frames);
        }
    }
}

TEST_CASE("views outlive all but one copy of a large message") {
    lender owner{large};
    auto first = std::make_unique<message>(owner.lend());
    const std::string_view view = first->text();
    auto second = std::make_unique<message>(*first);
    CHECK(second->text().data() == view.data());
    first.reset();
    CHECK(owner.given_back == 0);
    CHECK(view == large);
    message third = std::move(*second);
    second.reset();
    CHECK(third.text().data() == view.data());
    CHECK(owner.given_back == 0);
    third = message{};
    CHECK(owner.given_back == 1);
}

TEST_CASE("a detached message pins nothing") {
    lender owner{large};
    message kept;
    {
        const message lent = owner.lend();
        kept = lent.detached();
    }
    CHECK(owner.given_back == 1);
    CHECK(kept.text() == large);
    CHECK(kept.text().data() != owner.memory.data());
    all_kinds kinds;
    message detached = kinds.mixed_block().detached();
    CHECK(kinds.mixed.given_back == 1);
    CHECK(detached.topic() == "topic");
    CHECK(detached.text() == large);
}

TEST_CASE("a buffer that was taken is given back once, whatever its size") {
    for (const unsigned size : {0u, 1u, 56u, 57u, 1u << 20}) {
        const std::string buffer(size, 't');
        int given_back = 0;
        {
            message taken = message::take(buffer.data(), buffer.size(), [&] { ++given_back; });
            CHECK(taken.text() == buffer);
            CHECK(taken.text().data() == buffer.data());
            const message copy = taken;
            const message moved = std::move(taken);
            CHECK(given_back == 0);
            CHECK(copy.text() == buffer);
        }
        CHECK(given_back == 1);
    }
    CHECK(message::take(large.data(), large.size(), nullptr).text() == large);
    // It must not throw; if it does, nobody is hurt.
    CHECK_NOTHROW(message::take(large.data(), large.size(), [] { throw 1; }));
}

TEST_CASE("giving back may destroy the message that is being assigned from") {
    struct chain {
        message next;
    };
    auto inner = std::make_shared<chain>();
    inner->next = message{large};
    chain* const raw = inner.get();
    message outer = message::take(large.data(), large.size(), [owned = std::move(inner)] {});
    outer = std::move(raw->next);
    CHECK(outer.text() == large);
}

TEST_CASE("a block carries a message's frames from one message to another") {
    all_kinds kinds;
    for (const kind& each : kinds.list()) {
        CAPTURE(each.name);
        const int before = each.owner != nullptr ? each.owner->given_back.load() : 0;
        {
            const message source = each.make();
            block* const shared = message_access::to_block(source);
            const message arrived = message_access::from_block(shared);
            REQUIRE(frames_of(arrived) == each.frames);
            REQUIRE(frames_of(source) == each.frames);
            REQUIRE(arrived.text() == source.text());
            if (source.size_bytes() > 56) REQUIRE(arrived.text().data() == source.text().data());
        }
        if (each.owner != nullptr) REQUIRE(each.owner->given_back == before + 1);
    }
}

TEST_CASE("only the sole owner of a lent frame may take its storage over") {
    static constexpr frame_holder other{lender::take_back};
    lender owner{large};
    message lent = owner.lend();
    CHECK(message_access::sole_lent(lent, other) == nullptr);
    CHECK(message_access::sole_lent(lent, lender::holder) != nullptr);
    {
        const message copy = lent;
        CHECK(message_access::sole_lent(lent, lender::holder) == nullptr);
    }
    CHECK(message_access::sole_lent(lent, lender::holder) == nullptr);
    message fresh = owner.lend();
    CHECK(message_access::sole_lent(fresh, lender::holder) != nullptr);
    message_access::reset_taken(fresh);
    fresh = message{};
    CHECK(owner.given_back == 0);
    lent = message{};
    CHECK(owner.given_back == 1);
}

TEST_CASE("one const message may be copied from several threads at once") {
    constexpr int threads = 4;
    constexpr int rounds = 300;
    std::vector<std::unique_ptr<lender>> owners;
    std::vector<std::unique_ptr<message>> sources;
    for (int round = 0; round < rounds; ++round) {
        owners.push_back(std::make_unique<lender>(large));
        sources.push_back(std::make_unique<message>(owners.back()->lend()));
    }
    std::atomic<int> wrong{0};
    std::barrier start{threads};
    {
        std::vector<std::jthread> copiers;
        for (int thread = 0; thread < threads; ++thread) {
            copiers.emplace_back([&, thread] {
                for (int round = 0; round < rounds; ++round) {
                    start.arrive_and_wait();
                    const message& source = *sources[static_cast<std::size_t>(round)];
                    if (thread == 0) {
                        message from_block = message_access::from_block(message_access::to_block(source));
                        if (from_block.text() != large) ++wrong;
                    }
                    const message copy = source;
                    const message second = copy;
                    if (second.text() != large || as_text(source.frame(0)) != large) ++wrong;
                }
            });
        }
    }
    CHECK(wrong == 0);
    for (auto& source : sources) source.reset();
    for (const auto& owner : owners) CHECK(owner->given_back == 1);
}

TEST_CASE("a delivery hands its message out without copying") {
    lender owner{large};
    godwit::delivery received{owner.lend()};
    CHECK(received.text() == large);
    CHECK(received.attempt() == 1);
    received.ack();
    received.nack();
    received.reject("why");
    const message kept = std::move(received).message();
    CHECK(kept.text().data() == owner.memory.data());
    CHECK(owner.given_back == 0);
}
