#include "core/futex.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "test_main.hpp"

using namespace godwit::detail;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

TEST_CASE("a futex does not wait on a word that has another value") {
    std::atomic<std::uint32_t> word{7};
    futex_wait(word, 8);
    SUCCEED("it came back without a deadline and without a wake");
}

TEST_CASE("a futex wait without a wake ends at its deadline, not before") {
    std::atomic<std::uint32_t> word{0};
    const auto deadline = steady::now() + 20ms;
    while (steady::now() < deadline) futex_wait(word, 0, deadline);
    futex_wait(word, 0, deadline);
    futex_wait(word, 0, steady::time_point{});
    CHECK(steady::now() >= deadline);
}

TEST_CASE("each change that is published before its wake is seen, thousands of times") {
    std::atomic<std::uint32_t> ball{0};
    constexpr std::uint32_t rallies = 20'000;
    const auto play = [&](std::uint32_t side) {
        for (;;) {
            const std::uint32_t now = ball.load(std::memory_order_acquire);
            if (now >= rallies) break;
            if (now % 2 != side) {
                futex_wait(ball, now);
                continue;
            }
            ball.store(now + 1, std::memory_order_release);
            futex_wake(ball, 1);
        }
        futex_wake(ball, 1);
    };
    { std::jthread first{play, 0u}, second{play, 1u}; }
    CHECK(ball == rallies);
}

TEST_CASE("a wake for all wakes all") {
    std::atomic<std::uint32_t> word{0};
    std::atomic<int> back{0};
    {
        std::vector<std::jthread> sleepers;
        for (int i = 0; i < 4; ++i) {
            sleepers.emplace_back([&] {
                while (word.load() == 0) futex_wait(word, 0);
                ++back;
            });
        }
        word = 1;
        futex_wake(word, 4);
    }
    CHECK(back == 4);
}
