#include "core/ring.hpp"

#include <thread>
#include <vector>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

block* numbered(std::uint64_t number) {
    return make_block(bytes{reinterpret_cast<const std::byte*>(&number), sizeof number});
}

std::uint64_t number_in(block* message) {
    std::uint64_t number = 0;
    std::memcpy(&number, message->frames[0].data(), sizeof number);
    release(message);
    return number;
}

}  // namespace

TEST_CASE("a ring takes exactly its limit") {
    const std::size_t limit = GENERATE(1u, 2u, 3u, 15u, 16u, 17u, 100u, 1000u);
    ring queue{limit};
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < limit; ++i) {
            REQUIRE(queue.has_room());
            queue.push(numbered(i));
        }
        CHECK_FALSE(queue.has_room());
        CHECK(queue.size() == limit);
        for (std::size_t i = 0; i < limit; ++i) {
            block* const message = queue.pop();
            REQUIRE(message != nullptr);
            CHECK(number_in(message) == i);
        }
        CHECK(queue.pop() == nullptr);
        CHECK(queue.empty());
    }
}

TEST_CASE("a ring keeps the order while it grows at any fill") {
    for (std::size_t kept = 0; kept < 40; ++kept) {
        ring queue{1000};
        std::uint64_t in = 0, out = 0;
        for (; in < kept; ++in) {
            REQUIRE(queue.has_room());
            queue.push(numbered(in));
        }
        for (int burst = 1; burst < 300; burst += 7) {
            for (int i = 0; i < burst && queue.has_room(); ++i) queue.push(numbered(in++));
            for (int i = 0; i < burst - 1 && !queue.empty(); ++i) REQUIRE(number_in(queue.pop()) == out++);
        }
        while (block* const message = queue.pop()) REQUIRE(number_in(message) == out++);
        REQUIRE(in == out);
    }
}

TEST_CASE("a ring follows its limit up and down") {
    ring queue{2};
    for (std::uint64_t i = 0; i < 2; ++i) {
        REQUIRE(queue.has_room());
        queue.push(numbered(i));
    }
    REQUIRE_FALSE(queue.has_room());
    queue.set_limit(100);
    for (std::uint64_t i = 2; i < 100; ++i) {
        REQUIRE(queue.has_room());
        queue.push(numbered(i));
    }
    CHECK_FALSE(queue.has_room());
    queue.set_limit(1);
    for (std::uint64_t i = 0; i < 99; ++i) REQUIRE(number_in(queue.pop()) == i);
    CHECK_FALSE(queue.has_room());
    CHECK(number_in(queue.pop()) == 99);
    CHECK(queue.has_room());
}

TEST_CASE("room that was wished for is granted once, when half of the ring is empty") {
    ring queue{8};
    for (std::uint64_t i = 0; i < 8; ++i) {
        REQUIRE(queue.has_room());
        queue.push(numbered(i));
    }
    REQUIRE_FALSE(queue.has_room());
    CHECK_FALSE(queue.room_wished());
    CHECK(queue.wish_for_room());
    CHECK_FALSE(queue.wish_for_room());
    for (int i = 0; i < 3; ++i) {
        release(queue.pop());
        CHECK(queue.room_wished());
        CHECK_FALSE(queue.grant_room());
    }
    release(queue.pop());
    CHECK(queue.grant_room());
    CHECK_FALSE(queue.room_wished());
    CHECK_FALSE(queue.grant_room());
}

TEST_CASE("a ring releases what nobody read") {
    block* const shared = numbered(7);
    {
        ring queue{100};
        for (int i = 0; i < 50; ++i) {
            add_reference(shared);
            REQUIRE(queue.has_room());
            queue.push(shared);
        }
        for (int i = 0; i < 20; ++i) release(queue.pop());
        CHECK(shared->references.load() == 31);
    }
    CHECK(shared->references.load() == 1);
    release(shared);
}

TEST_CASE("two threads pass every message through a ring of any size, in order") {
    const std::size_t limit = GENERATE(1u, 3u, 64u, 1000u);
    const std::uint64_t count = limit < 64 ? 10'000 : 100'000;  // a small ring changes threads at every few messages
    ring queue{limit};
    std::thread writer{[&] {
        for (std::uint64_t i = 0; i < count; ++i) {
            while (!queue.has_room()) std::this_thread::yield();
            queue.push(numbered(i));
        }
    }};
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        block* message = nullptr;
        while ((message = queue.pop()) == nullptr) std::this_thread::yield();
        wrong += number_in(message) != i;
    }
    writer.join();
    CHECK(wrong == 0);
    CHECK(queue.empty());
}
