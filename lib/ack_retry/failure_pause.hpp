// failure_pause: after so many nacks running, hand-out rests, so that a dependency that is down does not burn the queue.
// Each further nack after a pause doubles the next; an ack ends it all. Pure; threads: a value.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/ports.hpp"

namespace godwit::detail {

class failure_pause {
public:
    failure_pause(std::uint32_t after, std::chrono::milliseconds shortest, std::chrono::milliseconds longest) noexcept
        : after_{after}, shortest_{shortest}, longest_{longest}, next_{shortest} {}

    void succeeded() noexcept { running_ = 0; }
    // True: a pause begins. Those that fail while it lasts were handed out before, and count no further.
    bool failed(steady_time now) noexcept {
        if (after_ == 0 || now < until_) return false;
        if (running_ == 0) next_ = shortest_;
        if (running_ < after_) ++running_;
        if (running_ < after_) return false;
        until_ = now + next_;
        next_ = std::min(next_ * 2, longest_);
        return true;
    }
    bool pauses(steady_time now) const noexcept { return now < until_; }
    steady_time until() const noexcept { return until_; }

private:
    std::uint32_t after_;
    std::uint32_t running_ = 0;
    std::chrono::milliseconds shortest_, longest_, next_;
    steady_time until_{};
};

}  // namespace godwit::detail
