// asio_operation: how godwit/asio.hpp makes an Asio operation of a call: tried first, then each time that the socket's
// descriptor is readable. Not for users.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/compose.hpp>
#include <asio/defer.hpp>
#include <asio/error.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>

#include "godwit/asio_calls.hpp"
#include "godwit/asio_error.hpp"
#include "godwit/asio_turn.hpp"
#include "godwit/godwit.hpp"

namespace godwit::asio::detail {

// One direction's descriptor, a duplicate: Asio wants to own it. Made when first waited on.
template <class Executor>
class direction {
public:
    explicit direction(const Executor& executor) : descriptor_{executor} {}
    ~direction() { close(); }

    std::error_code open(socket& of, interest what) {
        if (descriptor_.is_open()) return {};
        const auto lent = of.descriptor(what);
        if (!lent) return code_of(lent.error());
        const int own = ::fcntl(*lent, F_DUPFD_CLOEXEC, 0);
        std::error_code failed;
        if (own < 0) return {errno, std::system_category()};
        descriptor_.assign(own, failed);
        if (failed) ::close(own);
        return failed;
    }
    void cancel() {
        std::error_code ignored;
        descriptor_.cancel(ignored);
    }
    // Asio leaves it to close() to end its watching; while the socket's own is open, that does not.
    void close() noexcept {
        if (descriptor_.is_open()) ::close(descriptor_.release());
    }
    template <class Handler>
    void wait(Handler&& handler) {
        descriptor_.async_wait(::asio::posix::descriptor_base::wait_read, std::forward<Handler>(handler));
    }

private:
    ::asio::posix::basic_stream_descriptor<Executor> descriptor_;
};

template <class Socket, class Executor>
struct state : std::enable_shared_from_this<state<Socket, Executor>> {
    state(const Executor& on, Socket& of) : executor{on}, socket{of}, recv{on}, send{on} {}
    void cancel() { recv.cancel(), send.cancel(); }
    void close() noexcept { recv.close(), send.close(), closed = true; }

    Executor executor;
    Socket& socket;
    direction<Executor> recv, send;
    bool closed = false;
    int ready_in_a_row = 0;
};

// A call that cannot even wait, on its way to its handler.
template <class Self>
struct failing {
    using allocator_type = typename Self::allocator_type;
    using executor_type = typename Self::executor_type;
    allocator_type get_allocator() const noexcept { return self.get_allocator(); }
    executor_type get_executor() const noexcept { return self.get_executor(); }
    void operator()() { self(why); }

    Self self;
    std::error_code why;
};

// A call that has to wait, as async_compose knows it.
template <class State, class Call>
struct waiting {
    using value_type = typename Call::value_type;
    static constexpr int fruitless_max = 16;  // in a row; afterwards it is a reply that somebody leaves untaken

    std::shared_ptr<State> its;
    Call call;
    waits_for what;
    int fruitless = 0;
    std::shared_ptr<::asio::steady_timer> rest = {};

    template <class Self>
    void operator()(Self& self) {
        self.reset_cancellation_state(::asio::enable_total_cancellation(), ::asio::enable_total_cancellation());
        wait(self);
    }

    template <class Self>
    void operator()(Self& self, std::error_code ec) {
        if (!ec && (its->closed || self.get_cancellation_state().cancelled() != ::asio::cancellation_type::none)) {
            ec = ::asio::error::operation_aborted;
        }
        if (ec) return self.complete(ec, value_type{});
        result<value_type> outcome{errc::timed_out};
        what = call(its->socket, outcome);
        if (what != waits_for::nothing) return wait(self);
        if (outcome) return self.complete(std::error_code{}, std::move(*outcome));
        self.complete(code_of(outcome.error()), value_type{});
    }

private:
    template <class Self>
    void wait(Self& self) {
        auto& direction = what == waits_for::recv ? its->recv : its->send;
        const auto direction_of = what == waits_for::recv ? interest::recv : interest::send;
        if (const auto failed = direction.open(its->socket, direction_of)) {
            return ::asio::defer(failing<Self>{std::move(self), failed});
        }
        const auto keep = its;  // `self` moves away, and this with it
        if (++fruitless <= fruitless_max) return direction.wait(std::move(self));
        fruitless = 0;
        if (rest == nullptr) rest = std::make_shared<::asio::steady_timer>(its->executor);
        const auto timer = rest;
        timer->expires_after(std::chrono::milliseconds{1});
        timer->async_wait(std::move(self));
    }
};

template <class Executor>
struct initiation {
    using executor_type = Executor;
    executor_type get_executor() const noexcept { return executor; }

    template <class Handler, class State, class Call>
    void operator()(Handler&& handler, std::shared_ptr<State> its, Call call) const {
        using value = typename Call::value_type;
        using taker = std::decay_t<Handler>;
        using settled = completion<taker, value, Executor>;
        result<value> outcome{errc::timed_out};
        const waits_for what = call(its->socket, outcome);
        if (what == waits_for::nothing) {
            return turn<settled>::defer(settled{std::forward<Handler>(handler), std::move(outcome), executor});
        }
        taker owned{std::forward<Handler>(handler)};
        ::asio::async_compose<taker, void(std::error_code, value)>(
            waiting<State, Call>{std::move(its), std::move(call), what}, owned, executor);
    }

    Executor executor;
};

template <class Socket, class Executor>
::asio::awaitable<received<Socket>, Executor> recv_or_wait(state<Socket, Executor>& its) {
    constexpr int ready_in_a_row_max = 256;
    const ::asio::use_awaitable_t<Executor> token;
    if (++its.ready_in_a_row == ready_in_a_row_max) {
        its.ready_in_a_row = 0;
        const auto kept = its.shared_from_this();
        co_await ::asio::defer(its.executor, token);
    }
    if (its.closed) throw std::system_error{::asio::error::operation_aborted};
    auto got = its.socket.recv(at_once);
    if (got) co_return std::move(*got);
    if (!got.failed(errc::timed_out)) throw std::system_error{code_of(got.error())};
    its.ready_in_a_row = 0;
    const initiation<Executor> start{its.executor};
    co_return co_await ::asio::async_initiate<const ::asio::use_awaitable_t<Executor>,
                                              void(std::error_code, received<Socket>)>(
        start, token, its.shared_from_this(), recv_call<Socket>{});
}

}  // namespace godwit::asio::detail
