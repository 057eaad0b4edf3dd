#include "core/link_watch.hpp"

namespace godwit::detail {

namespace {

constexpr auto patience = std::chrono::milliseconds{2};  // after the last call

}  // namespace

link_watch::clock::time_point link_watch::step(clock::time_point now) {
    const auto socket = socket_.lock();
    if (!socket || pulse_->over.load()) {
        finished_ = true;
        return clock::time_point::max();
    }
    const bool closing = pulse_->closing.load();
    const auto seen = socket->activity();
    if (!look_at_) {
        const bool woken = std::exchange(rang_, false) || !pulse_->resting.load();
        const auto due = pulse_->next.load();
        if (!woken && due > now) return due;
        pulse_->resting.store(false);
        const bool quiet = seen == activity_seen_ && !pulse_->led.load();
        look_at_ = closing || quiet ? now : now + patience;
    }
    if (closing) look_at_ = std::min(*look_at_, now);
    if (*look_at_ > now) return *look_at_;
    if (!closing && seen != activity_seen_) {
        activity_seen_ = seen;
        pulse_->look.store(true, std::memory_order_relaxed);
        return *(look_at_ = now + patience);
    }
    if (!closing && pulse_->led.load() && pulse_->next.load() > now) {
        pulse_->resting.store(true);
        // A leader that left, or a close that began, before it could see that we rest has woken nobody.
        if (pulse_->led.load() && !pulse_->closing.load()) return rest();
        pulse_->resting.store(false);
    }
    if (socket->tend()) return *(look_at_ = now);
    activity_seen_ = socket->activity();
    return rest();
}

// That we rest is said already, by tend() with the turn held, and may have been taken back since. `next` is read last:
// whoever changes it afterwards sees that we rest.
link_watch::clock::time_point link_watch::rest() {
    look_at_.reset();
    rang_ = false;
    rearm_ = true;
    return pulse_->next.load();
}

}  // namespace godwit::detail
