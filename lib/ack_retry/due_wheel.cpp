#include "ack_retry/due_wheel.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::hours{24 * 36'500};

// from - to without overflow, between 0 and `longest`.
milliseconds between(wall_time from, wall_time to) noexcept {
    const auto a = from.time_since_epoch().count();
    const auto b = to.time_since_epoch().count();
    if (b <= a) return milliseconds{0};
    const auto difference = static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
    return milliseconds{std::min(difference, static_cast<std::uint64_t>(longest.count()))};
}

milliseconds left_of(milliseconds duration, wall_time sent, wall_time wall) noexcept {
    duration = std::clamp(duration, milliseconds{0}, longest);
    return duration - std::min(duration, between(sent, wall));
}

}  // namespace

bool due_wheel::take_due(steady_time now, offset& out) {
    if (times_.empty() || times_.begin()->first > now) return false;
    out = times_.begin()->second;
    times_.erase(times_.begin());
    return true;
}

mapped_times map_times(const record_times& times, wall_time wall, steady_time now) noexcept {
    mapped_times mapped;
    if (times.delay) mapped.due = now + left_of(*times.delay, times.sent, wall);
    if (times.deliver_at) mapped.due = std::max(mapped.due, now + between(wall, *times.deliver_at));
    if (times.ttl) mapped.expires = now + left_of(*times.ttl, times.sent, wall);
    if (mapped.due <= now) mapped.due = {};
    return mapped;
}

}  // namespace godwit::detail
