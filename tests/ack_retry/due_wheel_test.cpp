#include "ack_retry/due_wheel.hpp"

#include "ack_retry/back_off.hpp"
#include "sender_world.hpp"
#include "test_main.hpp"

using namespace sender_world;

namespace {

const steady_time now{std::chrono::hours{5}};
const wall_time noon{std::chrono::hours{400'000}};

}  // namespace

TEST_CASE("what is due comes out in the order of its time, and not before") {
    due_wheel wheel;
    wheel.add(now + 2ms, 5);
    wheel.add(now + 1ms, 9);
    wheel.add(now + 1ms, 7);
    CHECK(wheel.next() == now + 1ms);
    offset at = 0;
    CHECK_FALSE(wheel.take_due(now, at));
    std::vector<offset> out;
    while (wheel.take_due(now + 5ms, at)) out.push_back(at);
    CHECK(out == std::vector<offset>{7, 9, 5});
    CHECK(wheel.next() == steady_time::max());
}

TEST_CASE("what was taken out of the wheel leaves nothing behind") {
    due_wheel wheel;
    wheel.add(now, 1);
    wheel.remove(now, 1);
    CHECK(wheel.empty());
}

TEST_CASE("row 43: no time and the longest time are defined") {
    CHECK(map_times({.sent = noon, .delay = 0ms}, noon, now).due == steady_time{});
    CHECK(map_times({.sent = noon, .ttl = 0ms}, noon, now).expires == now);
    const auto longest = map_times({.sent = noon, .delay = std::chrono::milliseconds::max()}, noon, now);
    CHECK(longest.due == now + std::chrono::hours{24 * 36'500});
    CHECK(map_times({.deliver_at = wall_time::max()}, wall_time::min(), now).due == longest.due);
    CHECK(map_times({.deliver_at = wall_time::min()}, noon, now).due == steady_time{});
    CHECK(map_times({.sent = noon, .delay = -5ms}, noon, now).due == steady_time{});
}

TEST_CASE("row 40: a wall clock that jumped moves a duration by no more than its jump, and never beyond it") {
    const auto wait = [](wall_time sent, wall_time wall) {
        return map_times({.sent = sent, .delay = 10s}, wall, now).due;
    };
    CHECK(wait(noon, noon) == now + 10s);
    CHECK(wait(noon, noon + 4s) == now + 6s);
    CHECK(wait(noon, noon - std::chrono::hours{24 * 3650}) == now + 10s);
    CHECK(wait(noon, noon + std::chrono::hours{24 * 3650}) == steady_time{});
}

TEST_CASE("the back-off has full jitter below a ceiling that doubles up to its largest") {
    const back_off waits{100ms, 1000ms};
    CHECK(waits.ceiling(1) == 200ms);
    CHECK(waits.ceiling(3) == 800ms);
    CHECK(waits.ceiling(4) == 1000ms);
    CHECK(waits.ceiling(4'000'000'000) == 1000ms);
    seeded_random random;
    auto lowest = 1000ms, highest = 0ms;
    for (int i = 0; i < 1000; ++i) {
        const auto one = waits.after(3, random);
        lowest = std::min(lowest, one);
        highest = std::max(highest, one);
    }
    CHECK(lowest >= 100ms);
    CHECK(lowest < 150ms);
    CHECK(highest <= 800ms);
    CHECK(highest > 750ms);
}
