// doorbell: wakes the one who sleeps on a socket. ring() is a plain load while nobody sleeps.
// The sleeper calls arm(), looks once more for work, sleeps on descriptor(), and calls disarm(). Whoever makes work
// publishes it first and rings then: either the sleeper's last look sees the work, or the ring sees the sleeper.
// Threads: ring() from any thread; arm() and disarm() by the one sleeper, or by nobody else at that time.
#pragma once
#include <atomic>
#include <memory>

#include "base/asymmetric_fence.hpp"
#include "base/unique_fd.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT doorbell {
public:
    static result<std::shared_ptr<doorbell>> make();  // `no_resources`

    int descriptor() const noexcept { return event_.get(); }
    bool armed() const noexcept { return armed_.load(std::memory_order_relaxed); }
    bool rang() const noexcept { return rang_.load(std::memory_order_relaxed); }  // since disarm(); late, never lost
    void arm() noexcept {
        armed_.store(true, std::memory_order_relaxed);
        heavy_fence(fence_);
    }
    void disarm(bool rang = true) noexcept;  // rang: descriptor() was seen readable
    void ring() noexcept {
        light_fence(fence_);
        if (armed_.load(std::memory_order_relaxed)) wake();
    }
    // For a sleeper who sleeps about as often as it is rung for. Before anybody else has it.
    void sleeps_often() noexcept { fence_ = fence_kind::both; }
    void ring_always() noexcept;  // wakes a sleeper that did not arm, too

    explicit doorbell(unique_fd event) noexcept : event_{std::move(event)} {}

private:
    void wake() noexcept;

    unique_fd event_;
    fence_kind fence_ = fence_kind::one_sided;
    std::atomic<bool> armed_{false};
    std::atomic<bool> rang_{false};
};

}  // namespace godwit::detail
