#include "base/asymmetric_fence.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace godwit::detail {

namespace {

long membarrier(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0); }

[[maybe_unused]] bool register_once() noexcept {  // unused under ThreadSanitizer
    const long commands = membarrier(MEMBARRIER_CMD_QUERY);
    return commands > 0 && (commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 &&
           membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

}  // namespace

bool membarrier_available() noexcept {
#if defined(__SANITIZE_THREAD__)
    return false;
#else
    static const bool available = register_once();
    return available;
#endif
}

#if defined(__SANITIZE_THREAD__)
void heavy_fence() noexcept { light_fence(); }
#else
const bool light_fences_are_free = membarrier_available();

void heavy_fence() noexcept {
    if (!light_fences_are_free || membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
}
#endif

}  // namespace godwit::detail
