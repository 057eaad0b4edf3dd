// How a reliable socket ends: nothing more is taken in, what is in flight may still be settled, then the peers are told.
#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

// For the good-bye, and the acks before it, where the time is up.
constexpr std::chrono::milliseconds linger_min{50};

// A sender of which all is settled has nothing but good-byes left, in vain for those who have gone meanwhile.
constexpr std::chrono::milliseconds sender_linger_max{500};

}  // namespace

void link_engine::begin_close(clock::time_point deadline) {
    if (protocol_ == nullptr) return finish();
    closing_ = true;
    close_deadline_ = deadline;
    pulse_->next.store(deadline);
    protocol_->drain();
    pump();
    if (finish_if_done(clock::now())) return;
    pulse_->closing.store(true);
    wake_watch();
}

bool link_engine::finish_if_done(clock::time_point now) {
    if (protocol_ == nullptr) return true;
    if (!leaving_) {
        if (!protocol_->drained() && now < close_deadline_) return false;
        leave(now);
    }
    if (!protocol_->said_goodbye() && now < close_deadline_) return false;
    finish();
    return true;
}

void link_engine::leave(clock::time_point now) {
    leaving_ = true;
    unsettled_at_end_ = protocol_->drained() ? 0 : protocol_->unsettled();
    protocol_->say_goodbye();
    close_deadline_ = std::max(close_deadline_, now + linger_min);
    pulse_->next.store(close_deadline_);
}

// Whoever calls this has a reference of the socket: the protocol's goes here.
void link_engine::finish() {
    if (protocol_ != nullptr) {
        if (on_settled_) tell_settled();
        last_stats_ = protocol_->stats();
    }
    auto ended = std::move(protocol_);
    pulse_->over.store(true);
    if (runner_ != nullptr) runner_->nudge();
    auto left = std::chrono::ceil<std::chrono::milliseconds>(close_deadline_ - clock::now());
    const bool sends = socket_.own_ == pattern::push || socket_.own_ == pattern::pub || socket_.own_ == pattern::req;
    if (sends && unsettled_at_end_ == 0) left = std::min(left, sender_linger_max);
    socket_.end_carriers(std::max(left, linger_min));
    socket_.goodbye_->finished(unsettled_at_end_ == 0);
    socket_.room_.call_all();
}

std::optional<error> link_engine::unsettled() const {
    if (unsettled_at_end_ == 0) return std::nullopt;
    const bool one = unsettled_at_end_ == 1;
    return error{errc::timed_out,
                 std::to_string(unsettled_at_end_) + (one ? " message is not settled" : " messages are not settled"),
                 "close() waited as long as it may"};
}

// As wait_entered does, but for a socket that is closed.
void link_engine::drain_until(clock::time_point deadline) {
    waiter me{want::news};
    wait_room& room = socket_.room_;
    std::unique_lock hold{socket_.turn_};
    if (protocol_ == nullptr) return;
    close_deadline_ = leaving_ ? std::max(close_deadline_, deadline) : deadline;
    room.enter(me);
    for (bool armed = false; protocol_ != nullptr;) {
        room.looks(me);
        pump();
        if (finish_if_done(clock::now())) break;
        if (room.leader() != nullptr && room.leader() != &me) {
            const auto until = close_deadline_;
            hold.unlock();
            me.sleep(until);
            hold.lock();
            continue;
        }
        room.lead(&me);
        if (socket_.inproc_ != nullptr && !armed) {
            socket_.bell_->arm();
            armed = true;
            continue;
        }
        armed = false;
        room.looks(me);
        socket_.bell_->disarm(socket_.sleep(close_deadline_, hold));
    }
    if (room.leader() == &me) room.lead(nullptr);
    room.leave(me);
    room.call_all();
}

}  // namespace godwit::detail
