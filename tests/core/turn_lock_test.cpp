#include "core/turn_lock.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "test_main.hpp"

using godwit::detail::turn_lock;

namespace {

// Guarded by the lock alone: plain, so that a hole in the exclusion loses counts, and ThreadSanitizer sees it.
struct guarded {
    turn_lock lock;
    long sections = 0;
    long mirror = 0;
    long torn = 0;

    void section(int dwell = 0) {
        const std::lock_guard hold{lock};
        if (sections != mirror) ++torn;
        ++sections;
        for (int i = 0; i < dwell; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
        ++mirror;
    }
    void many(long times) {
        for (long i = 0; i < times; ++i) section();
    }
};

// Longer than the run after which a thread is the favourite.
constexpr long long_run = 3000;

}  // namespace

TEST_CASE("one thread takes and gives back a turn lock a million times") {
    guarded what;
    what.many(1'000'000);
    CHECK(what.sections == 1'000'000);
    CHECK(what.torn == 0);
}

TEST_CASE("threads that contend for a turn lock count exactly") {
    for (const int threads : {2, 4}) {
        CAPTURE(threads);
        guarded what;
        const long each = 1'000'000 / threads;
        {
            std::vector<std::jthread> workers;
            for (int i = 0; i < threads; ++i) workers.emplace_back([&] { what.many(each); });
        }
        CHECK(what.sections == each * threads);
        CHECK(what.torn == 0);
    }
}

// Two take turns of long runs: at the start of each run the other's bias is revoked, and in it one's own is taken.
TEST_CASE("a bias is taken, revoked and taken again hundreds of times") {
    guarded what;
    std::atomic<int> whose{0};
    constexpr int handovers = 300;
    const auto play = [&](int self) {
        for (int i = 0; i < handovers; ++i) {
            while (whose.load(std::memory_order_relaxed) != self) std::this_thread::yield();
            what.many(long_run);
            whose.store(1 - self, std::memory_order_relaxed);  // orders nothing: the lock has to
        }
    };
    { std::jthread first{play, 0}, second{play, 1}; }
    CHECK(what.sections == 2 * handovers * long_run);
    CHECK(what.torn == 0);
}

// Each visit comes when the favourite has its bias back.
TEST_CASE("a stranger in the middle of the favourite's run is let in, alone") {
    guarded what;
    std::atomic<bool> enough{false};
    std::atomic<long> progress{0};
    long its = 0;
    std::jthread favourite{[&] {
        for (; !enough.load(std::memory_order_relaxed); ++its) {
            what.section(200);  // so that a visit mostly falls into one
            progress.store(its, std::memory_order_relaxed);
        }
    }};
    constexpr long visits = 1500;
    for (long i = 0; i < visits; ++i) {
        const long until = progress.load(std::memory_order_relaxed) + 1100 + i % 16;
        while (progress.load(std::memory_order_relaxed) < until) std::this_thread::yield();
        what.section();
    }
    enough = true;
    favourite.join();
    CHECK(what.torn == 0);
    CHECK(what.sections == its + visits);
    CHECK(what.mirror == what.sections);
}

TEST_CASE("a favourite that went away, or sleeps outside, holds up nobody") {
    guarded what;
    std::thread{[&] { what.many(long_run); }}.join();
    what.many(long_run);

    std::mutex door;
    std::condition_variable changed;
    bool favoured = false, done = false;
    std::jthread sleeper{[&] {
        what.many(long_run);
        std::unique_lock hold{door};
        favoured = true;
        changed.notify_all();
        changed.wait(hold, [&] { return done; });
        what.many(long_run);
    }};
    {
        std::unique_lock hold{door};
        changed.wait(hold, [&] { return favoured; });
    }
    what.many(long_run);
    {
        const std::lock_guard hold{door};
        done = true;
    }
    changed.notify_all();
    sleeper.join();
    CHECK(what.sections == 5 * long_run);
    CHECK(what.torn == 0);
}

// A thread's mark may be the address that a dead favourite had: it must then hold what the dead one held, nothing.
TEST_CASE("short-lived favourites, one after the other, count exactly") {
    guarded what;
    std::atomic<bool> enough{false};
    std::jthread other{[&] {
        while (!enough) {
            what.section();
            std::this_thread::yield();
        }
    }};
    for (int i = 0; i < 100; ++i) std::thread{[&] { what.many(long_run); }}.join();
    enough = true;
    other.join();
    CHECK(what.torn == 0);
    CHECK(what.sections > 100 * long_run);
}
