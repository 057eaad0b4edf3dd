// link_watch: what the runner does for one reliable socket: it steps the protocol when that is due and no caller sleeps on
// the socket, and tends it a few milliseconds after the last call. While callers come and go it takes no turn from them:
// it asks them to look for themselves.
// Threads: the runner's.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/doorbell.hpp"
#include "core/link_pulse.hpp"
#include "core/tended.hpp"

namespace godwit::detail {

class link_watch {
public:
    using clock = std::chrono::steady_clock;

    link_watch(std::weak_ptr<tended> socket, std::shared_ptr<link_pulse> pulse, std::shared_ptr<doorbell> bell) noexcept
        : socket_{std::move(socket)}, pulse_{std::move(pulse)}, bell_{std::move(bell)} {}

    int bell_descriptor() const noexcept { return bell_->descriptor(); }
    void bell_rang() noexcept { rang_ = true; }
    bool take_rearm() noexcept { return std::exchange(rearm_, false); }  // listen to the bell again

    clock::time_point step(clock::time_point now);  // what is due; when to call again
    bool finished() const noexcept { return finished_; }

private:
    clock::time_point rest();

    const std::weak_ptr<tended> socket_;
    const std::shared_ptr<link_pulse> pulse_;
    const std::shared_ptr<doorbell> bell_;
    std::optional<clock::time_point> look_at_ = clock::time_point{};  // unset while it rests
    std::uint64_t activity_seen_ = 0;
    bool rang_ = false;
    bool rearm_ = false;
    bool finished_ = false;
};

}  // namespace godwit::detail
