// turn_lock: who may touch a socket now. Biased: a thread that has taken it many times in a row takes it without a
// locked instruction, which is what a thread-safe handle otherwise costs in every call; a stranger revokes the bias by
// an asymmetric fence. Never held while waiting. (Biased locking: Kawachiya et al., OOPSLA 2002.)
#pragma once
#include <atomic>
#include <cstdint>

#include "base/asymmetric_fence.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

using thread_mark = const char*;  // unique among the threads that live

inline thread_mark this_thread_mark() noexcept {
    [[gnu::tls_model("initial-exec")]] static thread_local constinit char mark = 0;
    return &mark;
}

class GODWIT_EXPORT turn_lock {
public:
    turn_lock() noexcept = default;
    turn_lock(const turn_lock&) = delete;
    turn_lock& operator=(const turn_lock&) = delete;

    void lock() noexcept {
        const thread_mark self = this_thread_mark();
        if (favourite_.load(std::memory_order_relaxed) == self) {
            favourite_inside_.store(true, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);  // the revoker's heavy fence does the rest
            if (favourite_.load(std::memory_order_relaxed) == self) [[likely]] {
                held_by_bias_ = true;
                return;
            }
            favourite_inside_.store(false, std::memory_order_release);
        }
        lock_shared_word();
        if (last_ != self || ++run_ >= bias_after_ || favourite_.load(std::memory_order_relaxed) != nullptr)
            settle_bias(self);
    }

    void unlock() noexcept {
        if (held_by_bias_) [[likely]] {
            held_by_bias_ = false;
            favourite_inside_.store(false, std::memory_order_release);
        } else {
            unlock_shared_word();
        }
    }

private:
    // A revocation costs microseconds in both threads and must be rare: each one makes the next bias harder to get.
    static constexpr std::uint32_t bias_after_min = 1024;
    static constexpr std::uint32_t bias_after_max = 1u << 24;
    enum word : std::uint32_t { free_word, taken, taken_with_waiters };

    void lock_shared_word() noexcept {
        std::uint32_t expected = free_word;
        if (!word_.compare_exchange_strong(expected, taken, std::memory_order_acquire, std::memory_order_relaxed))
            contend();
    }
    void unlock_shared_word() noexcept {
        if (word_.exchange(free_word, std::memory_order_release) == taken_with_waiters) wake_one();
    }
    void contend() noexcept;
    void wake_one() noexcept;
    void settle_bias(thread_mark self) noexcept;  // revokes another's bias, counts towards one's own

    std::atomic<thread_mark> favourite_{nullptr};  // written with word_ taken
    std::atomic<bool> favourite_inside_{false};    // written by the one thread that is ever the favourite
    std::atomic<std::uint32_t> word_{free_word};
    // Guarded by the lock itself:
    bool held_by_bias_ = false;
    std::uint32_t run_ = 0;
    std::uint32_t bias_after_ = bias_after_min;
    thread_mark last_ = nullptr;
    thread_mark only_favourite_ = nullptr;  // a deposed one may still write favourite_inside_: no other follows
};

}  // namespace godwit::detail
