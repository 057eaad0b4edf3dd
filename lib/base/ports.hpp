// The doors by which the world comes in: time and chance. Production and simulation put different things behind them.
#pragma once
#include <chrono>
#include <cstdint>

#include "base/record.hpp"

namespace godwit::detail {

using steady_time = std::chrono::steady_clock::time_point;
inline constexpr steady_time never = steady_time::max();

class time_source {
public:
    virtual ~time_source() = default;
    virtual steady_time now() noexcept = 0;  // for leases, back-off and handlers; never falls
    virtual wall_time wall() noexcept = 0;   // for delays and expiry that outlive the process; may jump
};

class random_source {
public:
    virtual ~random_source() = default;
    virtual std::uint64_t draw() noexcept = 0;  // uniform over 64 bits
};

GODWIT_EXPORT time_source& system_time() noexcept;
GODWIT_EXPORT random_source& system_random() noexcept;  // a generator for each thread, seeded by the system

}  // namespace godwit::detail
