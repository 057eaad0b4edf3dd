#include "core/runner.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/system_error.hpp"
#include "core/signals_blocked.hpp"

namespace godwit::detail {

namespace {

using clock = std::chrono::steady_clock;

// Tags of epoll events: two fixed ones, else the watch's address with the lowest bits telling its descriptors apart.
constexpr std::uint64_t bell_tag = 0;
constexpr std::uint64_t authenticator_tag = 2;

constexpr std::uint64_t idle_bit = 1;
constexpr std::uint64_t link_bit = 2;

constexpr auto reserve_pause = std::chrono::milliseconds{20};

std::uint64_t tag_of(const zmq_watch* watch, bool idle) noexcept {
    return reinterpret_cast<std::uintptr_t>(watch) | (idle ? idle_bit : 0u);
}
std::uint64_t tag_of(const link_watch* watch) noexcept { return reinterpret_cast<std::uintptr_t>(watch) | link_bit; }

status listen(const unique_fd& poll, int operation, int descriptor, std::uint32_t events, std::uint64_t tag) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    if (::epoll_ctl(poll.get(), operation, descriptor, &event) != 0) return system_error("epoll_ctl", errno);
    return {};
}

}  // namespace

result<std::shared_ptr<runner>> runner::start(void* zmq_context, zmq_authenticator&& authenticator) {
    unique_fd poll{::epoll_create1(EPOLL_CLOEXEC)};
    if (!poll) return system_error("epoll_create1", errno);
    auto bell = doorbell::make();
    if (!bell) return bell.error();
    if (auto heard = listen(poll, EPOLL_CTL_ADD, (*bell)->descriptor(), EPOLLIN, bell_tag); !heard)
        return heard.error();
    if (auto heard = listen(poll, EPOLL_CTL_ADD, authenticator.descriptor(), EPOLLIN, authenticator_tag); !heard) {
        return heard.error();
    }
    authenticator.doors()->hang(*bell);
    auto reserve = accept_reserve::make();
    if (!reserve) return reserve.error();
    auto made = std::make_shared<runner>(zmq_context, std::move(authenticator), std::move(poll), *bell, *reserve);
    made->ended_.expect();
    try {
        const signals_blocked quiet;
        made->thread_ = std::thread{[made] { made->run(); }};
    } catch (const std::system_error& failure) {
        return system_error("cannot start the runner thread", failure.code().value());
    }
    return made;
}

runner::runner(void* zmq_context, zmq_authenticator&& authenticator, unique_fd poll, std::shared_ptr<doorbell> bell,
               std::shared_ptr<accept_reserve> reserve)
    : zmq_context_{zmq_context},
      poll_{std::move(poll)},
      bell_{std::move(bell)},
      doors_{authenticator.doors()},
      reserve_{std::move(reserve)},
      authenticator_{std::move(authenticator)} {}

runner::~runner() {
    // The thread holds a reference: when the last one goes on the thread itself, there is nobody to join it.
    if (thread_.joinable()) thread_.detach();
}

result<void> runner::add(std::shared_ptr<zmq_watch> watch) {
    const std::lock_guard hold{lock_};
    if (finishing_) return errc::closed;
    added_.push_back(std::move(watch));
    bell_->ring_always();
    return {};
}

result<void> runner::add(std::shared_ptr<link_watch> watch) {
    const std::lock_guard hold{lock_};
    if (finishing_) return errc::closed;
    added_links_.push_back(std::move(watch));
    bell_->ring_always();
    return {};
}

void runner::nudge() noexcept { bell_->ring_always(); }

void runner::finish() {
    {
        const std::lock_guard hold{lock_};
        finishing_ = true;
    }
    bell_->ring_always();
}

status runner::wait_finished(clock::time_point deadline) {
    const status ended = ended_.wait_until(deadline);
    const std::lock_guard hold{lock_};
    if (ended && thread_.joinable()) thread_.join();
    return ended;
}

void runner::forget(zmq_watch& watch) {
    watch.forget([&] { (void)listen(poll_, EPOLL_CTL_DEL, watch.idle_descriptor(), 0, 0); });
}

void runner::run() {
    auto next = clock::time_point::max();
    for (bool finishing = false; !finishing || !current_.empty() || !links_.empty();) {
        try {
            serve_once(next, finishing);
        } catch (const std::bad_alloc&) {
            next = clock::now() + std::chrono::milliseconds{10};  // what could not be noted is looked at again
        }
    }
    authenticator_.reset();
    uninterrupted([&] { return zmq_ctx_term(zmq_context_); });
    ended_.finished(true);
}

void runner::serve_once(clock::time_point& next, bool& finishing) {
    epoll_event events[64];
    const int count = ::epoll_wait(poll_.get(), events, 64, pause_until(next));
    const auto now = clock::now();
    for (int i = 0; i < count; ++i) serve(events[i].data.u64, now);
    finishing = take_added(now);
    next = step_all(now);
    // Given up lately: libzmq gets a moment to take the connection that waits.
    if (reserve_->complete()) return void(reserve_due_ = clock::time_point::max());
    if (reserve_due_ == clock::time_point::max() || (reserve_due_ <= now && !reserve_->take_back())) {
        reserve_due_ = now + reserve_pause;
    }
    next = std::min(next, reserve_due_);
}

// Whether it is to end.
bool runner::take_added(clock::time_point now) {
    const std::lock_guard hold{lock_};
    for (auto& watch : added_) {
        // A watch that cannot be listened to is still stepped: its socket works, without events.
        (void)listen(poll_, EPOLL_CTL_ADD, watch->monitor_descriptor(), EPOLLIN, tag_of(watch.get(), false));
        watch->arm_idle([&] { arm(*watch, EPOLL_CTL_ADD); });
        watch->read_monitor(now);
        current_.push_back(std::move(watch));
    }
    added_.clear();
    for (auto& watch : added_links_) {
        (void)listen(poll_, EPOLL_CTL_ADD, watch->bell_descriptor(), EPOLLIN | EPOLLONESHOT, tag_of(watch.get()));
        links_.push_back(std::move(watch));
    }
    added_links_.clear();
    return finishing_;
}

// A link is opened before it asks, but the two are told of by different queues.
zmq_authenticator::preparation runner::prepare(clock::time_point now) {
    return [this, now](const gate& which) {
        take_added(now);
        for (const auto& watch : current_) {
            if (watch->serves(which)) watch->hear_all(now);
        }
    };
}

void runner::arm(const zmq_watch& watch, int operation) {
    (void)listen(poll_, operation, watch.idle_descriptor(), EPOLLIN | EPOLLONESHOT, tag_of(&watch, true));
}

void runner::serve(std::uint64_t tag, clock::time_point now) {
    if (tag == bell_tag) return bell_->disarm();
    if (tag == authenticator_tag) return authenticator_->answer_all(now, prepare(now));
    if ((tag & link_bit) != 0) {
        for (const auto& watch : links_) {
            if (tag_of(watch.get()) == tag) watch->bell_rang();
        }
        return;
    }
    const auto found = std::find_if(current_.begin(), current_.end(), [&](const auto& watch) {
        return reinterpret_cast<std::uintptr_t>(watch.get()) == (tag & ~idle_bit);
    });
    if (found == current_.end()) return;
    (tag & idle_bit) != 0 ? (*found)->idle_fired(now) : (*found)->read_monitor(now);
}

clock::time_point runner::step_all(clock::time_point now) {
    auto next = authenticator_->step(now, prepare(now));
    for (const auto& watch : current_) {
        next = std::min(next, watch->step(now));
        watch->arm_idle([&] { arm(*watch, EPOLL_CTL_MOD); });
    }
    std::erase_if(current_, [this](const auto& watch) {
        if (!watch->finished()) return false;
        (void)listen(poll_, EPOLL_CTL_DEL, watch->monitor_descriptor(), 0, 0);
        watch->end();
        return true;
    });
    return std::min(next, step_links(now));
}

clock::time_point runner::step_links(clock::time_point now) {
    auto next = clock::time_point::max();
    for (const auto& watch : links_) {
        next = std::min(next, watch->step(now));
        if (watch->take_rearm()) {
            (void)listen(poll_, EPOLL_CTL_MOD, watch->bell_descriptor(), EPOLLIN | EPOLLONESHOT, tag_of(watch.get()));
        }
    }
    std::erase_if(links_, [this](const auto& watch) {
        if (!watch->finished()) return false;
        (void)listen(poll_, EPOLL_CTL_DEL, watch->bell_descriptor(), 0, 0);
        return true;
    });
    return next;
}

int runner::pause_until(clock::time_point next) const {
    if (next == clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, 60'000));
}

}  // namespace godwit::detail
