// slot_list: the slots of a handle_table that are free, the last freed first.
// Threads: thread-safe; its lock is a leaf, held for a few instructions, and by the one who forks across a fork.
#pragma once
#include <sched.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>

namespace godwit::c {

struct free_slot {
    std::uint32_t next = 0;
};

class slot_list {
public:
    class spin_lock {
    public:
        void lock() noexcept {
            while (taken_.exchange(true, std::memory_order_acquire)) ::sched_yield();
        }
        void unlock() noexcept { taken_.store(false, std::memory_order_release); }

    private:
        std::atomic<bool> taken_{false};
    };
    spin_lock& lock() noexcept { return lock_; }

    // Fewer than asked for when there are no more.
    template <class Table>
    std::size_t take(std::span<std::uint32_t> out, Table& of) {
        const std::lock_guard hold{lock_};
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (first_ != none) {
                out[i] = first_;
                first_ = of.slot_of(first_)->next;
            } else if (i == 0 ? of.grow(used_) : used_ % 256 != 0) {  // what may throw has taken nothing yet
                out[i] = used_++;
            } else {
                return i;
            }
        }
        return out.size();
    }
    template <class Table>
    void push(std::span<const std::uint32_t> freed, Table& of) noexcept {
        const std::lock_guard hold{lock_};
        for (const std::uint32_t index : freed) {
            if (of.worn_out(index)) continue;
            of.slot_of(index)->next = first_;
            first_ = index;
        }
    }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    spin_lock lock_;
    // Guarded by lock_:
    std::uint32_t first_ = none;
    std::uint32_t used_ = 0;
};

}  // namespace godwit::c
