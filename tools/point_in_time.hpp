// Points in time as the command line and JSON write them: ISO 8601.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

using time_in_ms = std::chrono::sys_time<std::chrono::milliseconds>;

// 2026-07-01T12:00:00.250Z; a blank for the T; without seconds, or without a time of day; without the Z in local time.
std::optional<time_in_ms> parse_time(const std::string& text);
std::string format_time(time_in_ms when);  // in UTC, with milliseconds and a Z

}  // namespace tool
