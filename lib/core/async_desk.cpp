#include "core/async_desk.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t served_a_turn = 256;  // calls of one socket, before others have theirs
constexpr unsigned fruitless_max = 16;      // more in a row are a reply that nobody takes, or a stranger's commands
constexpr int events_at_once = 64;

}  // namespace

result<std::unique_ptr<async_desk>> async_desk::make() {
    unique_fd poll{::epoll_create1(EPOLL_CLOEXEC)};
    unique_fd bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    epoll_event event{EPOLLIN, {.ptr = nullptr}};
    if (!poll || !bell || ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, bell.get(), &event) != 0) {
        return system_error("cannot wait for descriptors", errno);
    }
    return std::make_unique<async_desk>(std::move(poll), std::move(bell));
}

async_watch& async_desk::watch_of(async_operation& call) noexcept {
    return call.socket().watch_for(call.what_ == awaits::room ? want::out : want::in);
}

bool async_desk::add(async_operation& call, int descriptor) {
    lock hold{lock_};
    if (ended_) return call.refuse(error{errc::closed});
    if (call.suspended_->stop_seen) return call.refuse(error{errc::cancelled});
    async_watch& its = watch_of(call);
    if (auto watched = watch(its, call, descriptor); !watched) return call.refuse(watched.error());
    call.suspended_->now = async_operation::phase::waiting;
    enqueue(call, its);
    if (call.suspended_->deadline == clock::time_point::max()) return true;
    timed_.append(call);
    if (call.suspended_->deadline < earliest_) {
        earliest_ = call.suspended_->deadline;
        if (asleep_) wake();
    }
    return true;
}

void async_desk::enqueue(async_operation& call, async_watch& its) noexcept {
    its.calls.append(call);
    its.count.store(its.count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void async_desk::take_out(async_operation& call) noexcept {
    async_watch& its = watch_of(call);
    its.calls.remove(call);
    its.count.store(its.count.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    if (call.suspended_->deadline != clock::time_point::max()) timed_.remove(call);
}

void async_desk::settle(async_operation& call, errc why) noexcept {
    take_out(call);
    call.fail(error{why});
    call.suspended_->now = async_operation::phase::done;
    done_.append(call);
}

void async_desk::cancel(async_operation& call) noexcept {
    const lock hold{lock_};
    call.suspended_->stop_seen = true;
    if (call.suspended_->now != async_operation::phase::waiting) return;
    settle(call, errc::cancelled);
    if (asleep_) wake();
}

void async_desk::forget(async_operation& call) noexcept {
    lock hold{lock_};
    unclaimed_.wait(hold, [&] { return call.suspended_->now != async_operation::phase::claimed; });
    if (call.suspended_->now == async_operation::phase::waiting) take_out(call);
    if (call.suspended_->now == async_operation::phase::done) done_.remove(call);
    call.suspended_->now = async_operation::phase::resumed;
}

void async_desk::wake() noexcept {
    const std::uint64_t one = 1;
    while (::write(bell_.get(), &one, sizeof one) < 0 && errno == EINTR) {}
}

int async_desk::milliseconds_to_wait() {
    const lock hold{lock_};
    if (!done_.empty()) return 0;
    asleep_ = true;
    if (anyone_rests_) return 1;
    if (earliest_ == clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(earliest_ - clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void async_desk::turn(bool may_wait) {
    epoll_event events[events_at_once];
    const int limit = may_wait ? milliseconds_to_wait() : 0;
    const int ready = ::epoll_wait(poll_.get(), events, events_at_once, limit);
    {
        const lock hold{lock_};
        asleep_ = false;
        if (std::exchange(anyone_rests_, false)) {
            for (async_watch* const each : watched_)
                if (std::exchange(each->resting, false)) listen(*each, true);
        }
    }
    for (int i = 0; i < ready; ++i) {
        if (auto* const fired = static_cast<async_watch*>(events[i].data.ptr); fired != nullptr) {
            serve(*fired);
            continue;
        }
        std::uint64_t rings = 0;
        while (::read(bell_.get(), &rings, sizeof rings) < 0 && errno == EINTR) {}
    }
    expire();
    resume_done();
}

void async_desk::serve(async_watch& watch) {
    lock hold{lock_};
    const bool anyone = !watch.calls.empty();
    bool fruitful = false;
    for (std::size_t left = std::min(watch.count.load(std::memory_order_relaxed), served_a_turn); left > 0; --left) {
        async_operation* const first = watch.calls.first();
        if (first == nullptr) break;
        const bool in_order = first->what_ != awaits::reply;
        const bool went = try_first(watch, hold);
        fruitful = fruitful || went;
        if (!went && in_order) break;
    }
    watch.fruitless = fruitful ? 0 : watch.fruitless + 1;
    if (watch.calls.empty()) return unwatch(watch, hold);
    if (anyone && watch.fruitless > fruitless_max) rest(watch);
}

bool async_desk::try_first(async_watch& watch, lock& hold) {
    async_operation& call = *watch.calls.first();
    const awaits was = call.what_;
    call.suspended_->now = async_operation::phase::claimed;
    hold.unlock();
    const awaits now = call.attempt();
    hold.lock();
    if (now == awaits::nothing) {
        call.what_ = was;  // where it is to be taken out
        take_out(call);
        return resume(call, hold), true;
    }
    call.suspended_->now = async_operation::phase::waiting;
    if (now != was) return move_on(call, was, hold), true;
    if (call.suspended_->stop_seen) {
        settle(call, errc::cancelled);
    } else if (now == awaits::reply) {
        watch.calls.remove(call);  // the others have theirs in between
        watch.calls.append(call);
    }
    unclaimed_.notify_all();
    return false;
}

// A request that is sent waits for its reply: in another place.
void async_desk::move_on(async_operation& call, awaits was, lock& hold) {
    const awaits now = std::exchange(call.what_, was);
    call.suspended_->now = async_operation::phase::claimed;
    hold.unlock();
    const auto descriptor = call.socket().descriptor(want::in);
    hold.lock();
    take_out(call);
    call.what_ = now;
    async_watch& next = watch_of(call);
    call.suspended_->now = async_operation::phase::waiting;
    status moved = descriptor ? watch(next, call, *descriptor) : status{descriptor.error()};
    enqueue(call, next);
    if (call.suspended_->deadline != clock::time_point::max()) timed_.append(call);
    if (!moved) settle(call, moved.error().code());
    if (moved && call.suspended_->stop_seen) settle(call, errc::cancelled);
    unclaimed_.notify_all();
}

void async_desk::expire() {
    const lock hold{lock_};
    if (earliest_ == clock::time_point::max()) return;
    const auto now = clock::now();
    if (now < earliest_) return;
    earliest_ = clock::time_point::max();
    for (async_operation *each = timed_.first(), *next = nullptr; each != nullptr; each = next) {
        next = async_timers::after(*each);
        if (each->suspended_->deadline <= now) {
            settle(*each, errc::timed_out);
        } else {
            earliest_ = std::min(earliest_, each->suspended_->deadline);
        }
    }
}

void async_desk::resume_done() {
    lock hold{lock_};
    for (std::size_t left = served_a_turn; left > 0 && !done_.empty(); --left) {
        async_operation& call = *done_.first();
        done_.remove(call);
        resume(call, hold);
    }
}

// Last of all, since it may be gone with its coroutine.
void async_desk::resume(async_operation& call, lock& hold) {
    call.suspended_->now = async_operation::phase::resumed;
    unclaimed_.notify_all();
    hold.unlock();
    resume_at_once(call);
    hold.lock();
}

void async_desk::resume_at_once(async_operation& call) {
    const std::coroutine_handle<> who = call.suspended_->who;
    const resume_function where = std::move(call.options_.where);
    try {
        where ? where(who) : who.resume();
    } catch (...) {
        // Nobody is there to whom it could be told.
    }
}

status async_desk::watch(async_watch& watch, async_operation& call, int descriptor) {
    if (watch.descriptor >= 0) return {};
    watched_.push_back(&watch);
    watch.descriptor = descriptor;
    epoll_event event{EPOLLIN, {.ptr = &watch}};
    if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
        watched_.pop_back();
        watch.descriptor = -1;
        return system_error("cannot wait for a socket", errno);
    }
    watch.keep = call.suspended_->keep;
    return {};
}

void async_desk::listen(async_watch& watch, bool on) noexcept {
    epoll_event event{on ? EPOLLIN : 0u, {.ptr = &watch}};
    ::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, watch.descriptor, &event);
}

void async_desk::rest(async_watch& watch) noexcept {
    listen(watch, false);
    watch.resting = true;
    anyone_rests_ = true;
}

void async_desk::unwatch(async_watch& watch, lock& hold) {
    epoll_event event{};
    ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, watch.descriptor, &event);
    watch.descriptor = -1;
    watch.fruitless = 0;
    watch.resting = false;
    std::erase(watched_, &watch);
    const auto gone = std::move(watch.keep);  // perhaps the last of the socket, and `watch` with it
    hold.unlock();
}

void async_desk::end() {
    lock hold{lock_};
    ended_ = true;
    while (!watched_.empty()) {
        async_watch& last = *watched_.back();
        while (!last.calls.empty()) settle(*last.calls.first(), errc::closed);
        unwatch(last, hold);
        hold.lock();
    }
    while (!done_.empty()) {
        async_operation& call = *done_.first();
        done_.remove(call);
        resume(call, hold);
    }
}

}  // namespace godwit::detail
