#include "allocation_count.hpp"

#include <atomic>
#include <cstdlib>

namespace {

constinit std::atomic<std::size_t> total{0};

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// From <sanitizer/allocator_interface.h>, which not every installation of the compiler has.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*, std::size_t),
                                                         void (*freed)(const volatile void*));

namespace {

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t size) { total.fetch_add(size, std::memory_order_relaxed); },
    [](const volatile void*) {});

}  // namespace
#else
extern "C" {
void* __libc_malloc(std::size_t size);

void* malloc(std::size_t size) noexcept {
    total.fetch_add(size, std::memory_order_relaxed);
    return __libc_malloc(size);
}
}
#endif

std::size_t godwit::test::allocated_bytes() noexcept { return total.load(std::memory_order_relaxed); }
