// sim_trace: what happened in a simulated world: a hash over all of it, which shows that two runs were the same, and the
// last events in words, for who looks into a failure. Threads: one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"

namespace godwit::detail {

class GODWIT_EXPORT sim_trace {
public:
    static constexpr std::size_t kept_max = 1u << 16;

    // `what` is a literal: it is kept as it is. The numbers say whom and which; their meaning is the event's.
    void add(steady_time when, const char* what, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0);
    std::uint64_t hash() const noexcept { return hash_; }
    std::uint64_t count() const noexcept { return count_; }
    std::vector<std::string> tail(std::size_t lines) const;  // the oldest first

private:
    struct line {
        steady_time when;
        const char* what = "";
        std::uint64_t numbers[3] = {};
    };
    void mix(std::uint64_t value) noexcept;

    std::vector<line> lines_;  // a ring once it is full
    std::uint64_t count_ = 0;
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace godwit::detail
