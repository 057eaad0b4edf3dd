#include "core/async_desk.hpp"
#include "core/async_turns.hpp"
#include "core/callback_thread.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

thread_local constinit unsigned ready_in_a_row = 0;

// What waits there was here before.
async_operation::async_operation(async_operation&& other) noexcept
    : socket_{other.socket_}, options_{std::move(other.options_)} {}

async_operation::suspension::suspension() noexcept = default;

bool async_operation::suspend(std::coroutine_handle<> who) {
    const timeout within = options_.within.value_or(timeout::never);
    if (within.is_zero()) return attempt() != awaits::nothing && refuse(error{errc::timed_out});
    const auto descriptor = socket_->descriptor(what_ == awaits::room ? want::out : want::in);
    if (!descriptor) return refuse(descriptor.error());
    auto thread = socket_->home().callbacks();
    if (!thread) return refuse(thread.error());
    suspended_.emplace();
    suspended_->who = who;
    suspended_->keep = socket_->shared_from_this();
    suspended_->thread = std::move(*thread);
    suspended_->deadline = within.deadline();
    if (options_.stop.stop_possible()) suspended_->on_stop.emplace(options_.stop, stopper{this});
    if (suspended_->thread->desk().add(*this, *descriptor)) return true;
    settle_down();
    return false;
}

void async_operation::stopper::operator()() const noexcept { which->suspended_->thread->desk().cancel(*which); }

void async_operation::settle_down() noexcept {
    ready_in_a_row = 0;
    suspended_->on_stop.reset();  // waits for its callback, which still needs the rest
    suspended_.reset();
}

void async_operation::forget() noexcept {
    suspended_->on_stop.reset();
    if (!socket_->forked()) suspended_->thread->desk().forget(*this);
}

}  // namespace godwit::detail
