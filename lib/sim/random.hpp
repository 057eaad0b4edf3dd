// sim_random: all chance of a simulated world. The same seed draws the same numbers on every machine.
// Threads: one.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>

#include "base/ports.hpp"

namespace godwit::detail {

class GODWIT_EXPORT sim_random final : public random_source {
public:
    explicit sim_random(std::uint64_t seed) noexcept;

    std::uint64_t draw() noexcept override;
    std::uint64_t below(std::uint64_t end) noexcept { return end == 0 ? 0 : draw() % end; }
    std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept { return low + below(high - low + 1); }
    bool one_in(std::uint64_t many) noexcept { return below(many) == 0; }
    bool percent(std::uint64_t chance) noexcept { return below(100) < chance; }
    std::chrono::nanoseconds between(std::chrono::nanoseconds low, std::chrono::nanoseconds high) noexcept {
        return low + std::chrono::nanoseconds{below(static_cast<std::uint64_t>((high - low).count()) + 1)};
    }
    sim_random fork() noexcept { return sim_random{draw()}; }  // an independent one

private:
    std::array<std::uint64_t, 4> state_;  // xoshiro256**
};

}  // namespace godwit::detail
