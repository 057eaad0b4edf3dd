#include "duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace tool {

namespace {

struct unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

constexpr std::array<unit, 7> units{{
    {"d", 86'400'000'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    // from_chars would take a minus sign.
    if (text.empty() || text.front() < '0' || text.front() > '9') return {};
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [after, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc{}) return {};
    const std::string_view name{after, static_cast<std::size_t>(end - after)};
    for (const unit& each : units) {
        if (each.name != name) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / each.nanoseconds) return {};
        return std::chrono::nanoseconds{number * each.nanoseconds};
    }
    return {};
}

std::string milliseconds(std::chrono::nanoseconds duration) {
    const auto tenths = std::chrono::ceil<std::chrono::duration<std::int64_t, std::ratio<1, 10'000>>>(duration).count();
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

std::string format_duration(std::chrono::nanoseconds duration) {
    if (duration == duration.zero()) return "0s";
    for (const unit& each : units) {
        if (duration.count() % each.nanoseconds == 0) {
            return std::to_string(duration.count() / each.nanoseconds) + std::string{each.name};
        }
    }
    return std::to_string(duration.count()) + "ns";
}

}  // namespace tool
