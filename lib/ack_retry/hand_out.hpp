// hand_out: how a sender knows what its receiver has surely not begun: the receiver tells what it hands out, by its place in
// the session, and does so once the sender has said that it knows. Each session's first record is free of it; who is idle
// tells of the next record in advance, so that a lone request waits for nobody; in a flood it tells further ahead, twice as
// far each time that it had to wait. Pure; threads: a value. Unused, it costs a comparison a batch.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/ports.hpp"

namespace godwit::detail {

// Records. Who sends smaller ones is not flooding: each hand-out is told before the handler begins.
inline constexpr std::uint32_t small_batch = 16;

class hand_out {
public:
    static constexpr std::uint64_t ahead_max = 1024;
    static constexpr std::chrono::milliseconds calm{50};  // without a wait: then it does not tell ahead any more

    void use() noexcept { *this = {}, used_ = true; }  // a session begins
    bool used() const noexcept { return used_; }

    std::uint64_t to_tell(std::uint64_t passed, bool idle) const noexcept {
        return used_ ? std::max(told_, passed + (idle ? 1 : 0)) : passed;
    }
    void told(std::uint64_t handed) noexcept { told_ = std::max(told_, handed); }
    void agreed(std::uint64_t handed) noexcept { agreed_ = std::clamp(handed, agreed_, told_); }
    // Replies that are not taken pile up: nothing more for now.
    void hold_up(bool all) noexcept { held_up_ = all; }
    std::uint64_t may_pass() const noexcept { return held_up_ ? 0 : agreed_; }

    // It came to its limit. False: what it has told is not agreed to yet.
    bool wants_more(std::uint64_t passed, steady_time now) noexcept {
        if (!used_ || held_up_ || told_ > agreed_) return false;
        ahead_ = now - stopped_at_ > calm ? 1 : std::min(ahead_ * 2, ahead_max);
        stopped_at_ = now;
        told_ = passed + ahead_;
        return true;
    }

private:
    bool used_ = false, held_up_ = false;
    std::uint64_t told_ = 1, agreed_ = 1, ahead_ = 1;
    steady_time stopped_at_{};
};

}  // namespace godwit::detail
