#include "godwit/poller.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "base/system_error.hpp"
#include "core/doorbell.hpp"
#include "core/epoll_error.hpp"
#include "core/fork_mark.hpp"
#include "core/poll_table.hpp"

namespace godwit {

namespace {

using clock = timeout::clock;

constexpr int told_at_once = 64;

int pause_until(clock::time_point deadline) {
    if (deadline == clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

error forked_error() { return {errc::forked, "poller", "this poller is the parent process's: make one of your own"}; }

}  // namespace

struct poller::state {
    state();
    status check() const {
        if (mark.forked()) return forked_error();
        return born;
    }
    // How many epoll spoke of.
    result<int> gather(int pause_ms);
    std::size_t report(std::span<ready> out);

    // Constant:
    const detail::fork_mark mark;
    const detail::unique_fd poll{::epoll_create1(EPOLL_CLOEXEC)};
    status born;  // what failed in the constructor
    std::shared_ptr<detail::doorbell> bell;
    std::mutex lock;  // before any socket's turn
    // Guarded by lock:
    detail::poll_table table{poll.get()};
};

poller::state::state() {
    if (!poll) {
        born = detail::system_error("epoll_create1", errno);
        return;
    }
    auto made = detail::doorbell::make();
    if (!made) {
        born = made.error();
        return;
    }
    bell = std::move(*made);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = 0;
    if (::epoll_ctl(poll.get(), EPOLL_CTL_ADD, bell->descriptor(), &event) != 0) {
        born = detail::epoll_error(errno);
    }
}

result<int> poller::state::gather(int pause_ms) {
    epoll_event events[told_at_once];
    const int count = ::epoll_wait(poll.get(), events, told_at_once, pause_ms);
    if (count < 0) return errno == EINTR ? result<int>{0} : detail::system_error("epoll_wait", errno);
    const std::lock_guard hold{lock};
    for (int i = 0; i < count; ++i) {
        events[i].data.u64 == 0 ? bell->disarm() : table.told(events[i].data.u64, events[i].events);
    }
    return count;
}

std::size_t poller::state::report(std::span<ready> out) {
    const std::lock_guard hold{lock};
    std::size_t count = 0;
    while (count < out.size() && table.any_told()) {
        if (auto seen = table.next()) out[count++] = *seen;
    }
    return count;
}

poller::poller() : state_{std::make_unique<state>()} {}
poller::poller(poller&&) noexcept = default;
poller& poller::operator=(poller&&) noexcept = default;
poller::~poller() = default;

status poller::add(const socket& which, interest what, std::uint64_t tag) {
    if (auto fine = state_->check(); !fine) return fine;
    const std::lock_guard hold{state_->lock};
    return state_->table.add(which.shared_state(), what, tag);
}

status poller::add(int descriptor, interest what, std::uint64_t tag) {
    if (auto fine = state_->check(); !fine) return fine;
    const std::lock_guard hold{state_->lock};
    return state_->table.add(descriptor, what, tag);
}

status poller::change(const socket& which, interest what) {
    if (auto fine = state_->check(); !fine) return fine;
    const std::lock_guard hold{state_->lock};
    return state_->table.change({which.shared_state().get(), -1}, what);
}

status poller::change(int descriptor, interest what) {
    if (auto fine = state_->check(); !fine) return fine;
    const std::lock_guard hold{state_->lock};
    return state_->table.change({nullptr, descriptor}, what);
}

status poller::remove(const socket& which) {
    if (auto fine = state_->check(); !fine) return fine;
    const std::lock_guard hold{state_->lock};
    return state_->table.remove({which.shared_state().get(), -1});
}

status poller::remove(int descriptor) {
    if (auto fine = state_->check(); !fine) return fine;
    const std::lock_guard hold{state_->lock};
    return state_->table.remove({nullptr, descriptor});
}

result<std::size_t> poller::wait(std::span<ready> out, timeout limit, const std::stop_token& stop) {
    if (auto fine = state_->check(); !fine) return fine.error();
    if (out.empty()) return std::size_t{0};
    const auto deadline = limit.deadline();
    const std::stop_callback wake{stop, [bell = state_->bell.get()] { bell->ring_always(); }};
    bool left_over = false;
    {
        const std::lock_guard hold{state_->lock};
        state_->table.begin_round();
        left_over = state_->table.any_told();
    }
    while (true) {
        // Asked before the look: what is ready at the end is reported all the same.
        const bool last = stop.stop_requested() || (!limit.is_never() && clock::now() >= deadline);
        const auto told = state_->gather(last || left_over ? 0 : pause_until(deadline));
        if (!told) return told.error();
        if (const std::size_t count = state_->report(out); count != 0) return count;
        left_over = false;
        if (!last || *told == told_at_once) continue;
        return stop.stop_requested() ? errc::cancelled : errc::timed_out;
    }
}

}  // namespace godwit
