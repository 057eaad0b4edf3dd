// back_off: how long a record waits for its next attempt: full jitter between the smallest and a ceiling that doubles.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/ports.hpp"

namespace godwit::detail {

struct back_off {
    std::chrono::milliseconds smallest{100};
    std::chrono::milliseconds largest{60'000};

    std::chrono::milliseconds ceiling(std::uint32_t attempts) const noexcept {  // made so far, 1 or more
        if (attempts >= 32) return largest;  // a duration that is not small doubled as often is above any limit
        return std::min(largest, smallest * (std::int64_t{1} << attempts));
    }
    std::chrono::milliseconds after(std::uint32_t attempts, random_source& random) const noexcept {
        const auto span =
            static_cast<std::uint64_t>(std::max(ceiling(attempts) - smallest, std::chrono::milliseconds{0}).count());
        return smallest + std::chrono::milliseconds{random.draw() % (span + 1)};
    }
};

}  // namespace godwit::detail
