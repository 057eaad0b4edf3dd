// futex: sleeping on a 32-bit word, to an absolute deadline on the steady clock.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

#include "godwit/export.hpp"

namespace godwit::detail {

// Returns when woken, when the word is not `expected`, at the deadline, or for no reason at all.
GODWIT_EXPORT void futex_wait(
    std::atomic<std::uint32_t>& word, std::uint32_t expected,
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max()) noexcept;
GODWIT_EXPORT void futex_wake(std::atomic<std::uint32_t>& word, int count) noexcept;

}  // namespace godwit::detail
