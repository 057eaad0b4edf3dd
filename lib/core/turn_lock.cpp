#include "core/turn_lock.hpp"

#include <time.h>

#include <thread>

#include "core/futex.hpp"

namespace godwit::detail {

namespace {

constexpr int spins_max = 200;

void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

void turn_lock::contend() noexcept {
    // A turn is a few hundred nanoseconds of work, and a sleep costs microseconds.
    for (int spins = 0; spins < spins_max; ++spins) {
        std::uint32_t expected = free_word;
        if (word_.load(std::memory_order_relaxed) == free_word &&
            word_.compare_exchange_weak(expected, taken, std::memory_order_acquire, std::memory_order_relaxed)) {
            return;
        }
        relax();
    }
    while (word_.exchange(taken_with_waiters, std::memory_order_acquire) != free_word) {
        futex_wait(word_, taken_with_waiters);
    }
}

void turn_lock::wake_one() noexcept { futex_wake(word_, 1); }

void turn_lock::settle_bias(thread_mark self) noexcept {
    if (favourite_.load(std::memory_order_relaxed) != nullptr) {
        favourite_.store(nullptr, std::memory_order_relaxed);
        if (bias_after_ < bias_after_max) bias_after_ *= 4;
        heavy_fence();
        // The favourite either sees itself deposed, or is inside and comes out soon: a turn is bounded work.
        for (int spins = 0; favourite_inside_.load(std::memory_order_acquire); ++spins) {
            if (spins < 64) {
                std::this_thread::yield();
            } else {
                const timespec pause{0, 20'000};
                ::nanosleep(&pause, nullptr);
            }
        }
    }
    if (last_ != self) {
        last_ = self;
        run_ = 0;
    } else if (run_ >= bias_after_) {
        run_ = 0;
        if (only_favourite_ == nullptr) only_favourite_ = self;
        if (only_favourite_ == self && membarrier_available()) favourite_.store(self, std::memory_order_relaxed);
    }
}

}  // namespace godwit::detail
