// A store-load fence whose cost is all on one side: the side that runs often pays for a compiler barrier, the side that
// runs seldom makes every thread of the process pass a full fence (membarrier(2), private expedited).
// Where the kernel has no membarrier, and under ThreadSanitizer, both sides are full fences.
#pragma once
#include <atomic>
#include <cstdint>

#include "godwit/export.hpp"

namespace godwit::detail {

GODWIT_EXPORT bool membarrier_available() noexcept;  // asks once per process
GODWIT_EXPORT void heavy_fence() noexcept;

// Which of the two sides runs often.
enum class fence_kind : std::uint8_t {
    one_sided,  // the light side by far
    both,       // neither: both are full fences
};

#if defined(__SANITIZE_THREAD__)
// ThreadSanitizer knows no fences: read-modify-writes of one variable give it the order that it can see.
GODWIT_EXPORT inline std::atomic<int> fence_for_sanitizer{0};  // one for all libraries of the process
inline void light_fence() noexcept { fence_for_sanitizer.fetch_add(1, std::memory_order_seq_cst); }
#else
GODWIT_EXPORT extern const bool light_fences_are_free;
inline void light_fence() noexcept {
    if (light_fences_are_free) [[likely]] {
        std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
}
#endif

inline void light_fence(fence_kind kind) noexcept {
#if !defined(__SANITIZE_THREAD__)
    if (kind == fence_kind::both) return std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    (void)kind;
    light_fence();
}
inline void heavy_fence(fence_kind kind) noexcept { kind == fence_kind::both ? light_fence(kind) : heavy_fence(); }

}  // namespace godwit::detail
