// Durations as the command line writes them: a whole number and a unit, as in 200ms, 5s, 1h.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tool {

// Units: ns, us, ms, s, m, h, d. Nothing for anything else: no unit, a sign, a fraction, spaces, or beyond 292 years.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// The shortest form that parse_duration() reads back.
std::string format_duration(std::chrono::nanoseconds duration);

std::string milliseconds(std::chrono::nanoseconds duration);  // what was measured: "0.4 ms"

}  // namespace tool
