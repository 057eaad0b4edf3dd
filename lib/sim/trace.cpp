#include "sim/trace.hpp"

#include <algorithm>
#include <cstdio>

namespace godwit::detail {

void sim_trace::mix(std::uint64_t value) noexcept {  // FNV-1a's way, a word at a time, with the high bits brought down
    hash_ = (hash_ ^ value) * 0x100000001b3;
    hash_ ^= hash_ >> 29;
}

void sim_trace::add(steady_time when, const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    mix(static_cast<std::uint64_t>(when.time_since_epoch().count()));
    for (const char* letter = what; *letter != '\0'; ++letter) mix(static_cast<std::uint64_t>(*letter));
    for (const std::uint64_t each : {a, b, c}) mix(each);
    const line next{when, what, {a, b, c}};
    if (lines_.size() < kept_max) {
        lines_.push_back(next);
    } else {
        lines_[count_ % kept_max] = next;
    }
    ++count_;
}

std::vector<std::string> sim_trace::tail(std::size_t lines) const {
    const std::uint64_t kept = std::min<std::uint64_t>({count_, lines_.size(), lines});
    std::vector<std::string> out;
    for (std::uint64_t at = count_ - kept; at < count_; ++at) {
        const line& one = lines_[at % kept_max];
        char text[160];
        const double seconds = std::chrono::duration<double>(one.when.time_since_epoch()).count();
        std::snprintf(text, sizeof text, "%14.6f  %-22s %llu %llu %llu", seconds, one.what,
                      static_cast<unsigned long long>(one.numbers[0]), static_cast<unsigned long long>(one.numbers[1]),
                      static_cast<unsigned long long>(one.numbers[2]));
        out.emplace_back(text);
    }
    return out;
}

}  // namespace godwit::detail
