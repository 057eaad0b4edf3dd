// async: waiting without a thread. The async_… members of the sockets return an awaitable: `co_await in.async_recv()`,
// in a coroutine of any kind. Each does what the call of the same name does, with the same errors.
// It is tried at once; only if it would have to wait is the coroutine suspended, and nothing is allocated for that. It
// goes on on the context's callback thread (where it must not block for long), or where `where` brings it. Who waits on
// one socket is served in the order of coming. After 256 awaits in a row that did not have to wait, a thread suspends one
// all the same, so that others get their turn.
// Cancelled, timed out, or closed: nothing was taken then, even if it was a matter of nanoseconds.
// Lifetime: the handle may go while a coroutine is suspended (it ends as `closed`), not between the call and the await.
// A suspended coroutine may be destroyed from the callback thread at any time; from another thread only if nothing can
// resume it meanwhile, and with a `where` only if what was handed there is not resumed any more. Safest is to stop it.
// Threads: an awaitable is used by one coroutine; stop it from anywhere, its own coroutine included.
#pragma once
#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>

#include "godwit/delivery.hpp"
#include "godwit/receipt.hpp"
#include "godwit/socket.hpp"

namespace godwit {

// Is called on the callback thread with a suspended coroutine, and has it resumed once, here or elsewhere. It must not
// block. What it, or a coroutine that is resumed on the callback thread, throws is dropped.
using resume_function = std::function<void(std::coroutine_handle<>)>;

struct async_options {
    std::optional<timeout> within = {};  // from co_await on; else never, or for a send the socket's send_timeout
    std::stop_token stop = {};
    resume_function where = {};  // else the context's callback thread
};

namespace detail {

class async_desk;
struct async_links;
class callback_thread;
struct async_watch;

// What an operation waits for; `reply`: each has its own, so that there is no order among them.
enum class awaits : std::uint8_t { nothing, message, reply, room };

// One suspended call, in the frame of its coroutine.
class GODWIT_EXPORT async_operation {
public:
    async_operation(async_operation&&) noexcept;  // before it is awaited
    async_operation& operator=(async_operation&&) = delete;

protected:
    async_operation(plain_socket& socket, async_options&& options) noexcept
        : socket_{&socket}, options_{std::move(options)} {}
    ~async_operation() {
        if (suspended_) [[unlikely]]
            forget();
    }

    bool suspend(std::coroutine_handle<> who);  // false: it is settled. Else *this may be gone already
    void resumed() noexcept {
        if (suspended_) [[unlikely]]
            settle_down();
    }
    plain_socket& socket() const noexcept { return *socket_; }

    awaits what_ = awaits::nothing;

private:
    friend class async_desk;
    friend struct async_links;
    enum class phase : std::uint8_t { idle, waiting, claimed, done, resumed };
    struct links {
        async_operation* next;
        async_operation* previous;
    };
    struct stopper {
        async_operation* which;
        void operator()() const noexcept;
    };
    struct suspension {
        suspension() noexcept;
        std::coroutine_handle<> who = {};
        std::shared_ptr<plain_socket> keep = {};
        std::shared_ptr<callback_thread> thread = {};
        std::chrono::steady_clock::time_point deadline = {};
        // Guarded by the desk's lock:
        bool stop_seen = false;
        phase now = phase::idle;
        links queue{}, timed{};
        // Apart:
        std::optional<std::stop_callback<stopper>> on_stop = {};
    };

    virtual awaits attempt() noexcept = 0;  // once; nothing: it is settled
    virtual void fail(const error& why) noexcept = 0;
    bool refuse(const error& why) noexcept { return fail(why), false; }
    void forget() noexcept;
    void settle_down() noexcept;

    plain_socket* socket_;
    async_options options_;
    std::optional<suspension> suspended_;
};

// The calls: each tries once, and says what it has to wait for. The first time, those who wait already come first.
enum class tries : std::uint8_t { first, again };
struct recv_call {
    using value_type = delivery;
    GODWIT_EXPORT awaits operator()(plain_socket& socket, result<delivery>& out, tries which) noexcept;
};
struct recv_many_call {
    using value_type = std::size_t;
    std::span<delivery> out;
    GODWIT_EXPORT awaits operator()(plain_socket& socket, result<std::size_t>& count, tries which) noexcept;
};
struct send_bytes_call {
    using value_type = receipt;
    bytes body;
    GODWIT_EXPORT awaits operator()(plain_socket& socket, result<receipt>& out, tries which) noexcept;
};
struct send_message_call {
    using value_type = receipt;
    message whole;
    GODWIT_EXPORT awaits operator()(plain_socket& socket, result<receipt>& out, tries which) noexcept;
};

}  // namespace detail

template <class Call>
class [[nodiscard]] awaitable final : detail::async_operation {
public:
    using value_type = typename Call::value_type;

    awaitable(detail::plain_socket& socket, Call call, async_options&& options) noexcept
        : async_operation{socket, std::move(options)}, call_{std::move(call)} {}
    awaitable(awaitable&&) noexcept = default;  // before it is awaited

    bool await_ready() noexcept {
        what_ = call_(socket(), outcome_, detail::tries::first);
        return what_ == detail::awaits::nothing;
    }
    bool await_suspend(std::coroutine_handle<> who) { return suspend(who); }
    result<value_type> await_resume() noexcept {
        resumed();
        return std::move(outcome_);
    }

private:
    detail::awaits attempt() noexcept override { return what_ = call_(socket(), outcome_, detail::tries::again); }
    void fail(const error& why) noexcept override { outcome_ = why; }

    Call call_;
    result<value_type> outcome_{std::in_place};
};

}  // namespace godwit
