#include "core/doorbell.hpp"

#include <poll.h>

#include <atomic>
#include <thread>
#include <vector>

#include "test_main.hpp"

using godwit::detail::doorbell;

namespace {

bool rings(const doorbell& bell, int patience_ms = 0) {
    pollfd waits{bell.descriptor(), POLLIN, 0};
    return ::poll(&waits, 1, patience_ms) == 1;
}

constexpr int generous_ms = 20'000;

}  // namespace

TEST_CASE("a ring is heard by who is armed, once, and by nobody else") {
    const auto bell = doorbell::make().value();
    bell->ring();
    CHECK_FALSE(rings(*bell));
    bell->arm();
    CHECK_FALSE(rings(*bell));
    bell->ring();
    bell->ring();
    CHECK(rings(*bell));
    bell->disarm();
    CHECK_FALSE(rings(*bell));
    bell->ring();
    CHECK_FALSE(rings(*bell));
}

TEST_CASE("a bell knows whether it was armed and has rung since it was disarmed") {
    const auto bell = doorbell::make().value();
    CHECK_FALSE(bell->armed());
    bell->ring();
    CHECK_FALSE(bell->rang());
    bell->arm();
    CHECK(bell->armed());
    bell->ring();
    CHECK_FALSE(bell->armed());
    CHECK(bell->rang());
    bell->disarm(false);
    CHECK(bell->rang());
    bell->disarm();
    CHECK_FALSE(bell->rang());
    bell->ring_always();
    CHECK(bell->rang());
}

TEST_CASE("ring_always is heard by who did not arm, and kept for who comes later") {
    const auto bell = doorbell::make().value();
    bell->ring_always();
    bell->ring_always();
    CHECK(rings(*bell));
    bell->disarm();
    CHECK_FALSE(rings(*bell));
    bell->disarm();  // nothing to read: must not block
    bell->arm();
    bell->disarm(false);
    bell->ring();
    CHECK_FALSE(rings(*bell));
}

TEST_CASE("a ring that came before the disarm, but was not seen, wakes the next sleep") {
    const auto bell = doorbell::make().value();
    bell->arm();
    bell->ring();
    bell->disarm(false);
    CHECK(rings(*bell));
}

// The protocol of the header, with nothing else that could wake the sleeper: a lost ring is a sleep without end.
TEST_CASE("no ring is lost between arm, look and sleep") {
    for (const int makers : {1, 3}) {
        CAPTURE(makers);
        const auto bell = doorbell::make().value();
        std::atomic<long> made{0};
        std::atomic<long> taken{0};
        constexpr long each = 30'000;
        const long all = each * makers;
        long lost = 0;
        {
            std::vector<std::jthread> workers;
            for (int i = 0; i < makers; ++i) {
                workers.emplace_back([&] {
                    for (long k = 0; k < each; ++k) {
                        made.fetch_add(1, std::memory_order_relaxed);
                        bell->ring();
                        // Lets the sleeper catch up now and then, so that it really sleeps.
                        while (k % 4 == 0 && taken >= 0 && taken + 8 < made) std::this_thread::yield();
                    }
                });
            }
            for (long seen = 0; seen < all;) {
                const long now = made.load(std::memory_order_relaxed);
                if (now > seen) {
                    seen = now;
                    taken = seen;
                    continue;
                }
                bell->arm();
                bool rang = false;
                if (made.load(std::memory_order_relaxed) == seen) {
                    rang = rings(*bell, generous_ms);
                    if (!rang && made != seen) ++lost;
                    if (!rang) {
                        taken = -1;  // lets the makers end
                        break;
                    }
                }
                bell->disarm(rang);
            }
        }
        CHECK(lost == 0);
        CHECK(taken == all);
    }
}
