// rep: receives requests and answers each through its own handle: in any order, from any thread, many at a time.
// Wire: ROUTER, with the envelope of any REQ or DEALER. Threads: see socket.
#pragma once
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "godwit/async.hpp"
#include "godwit/delivery.hpp"
#include "godwit/sender.hpp"
#include "godwit/socket.hpp"

namespace godwit {

namespace detail {
struct reply_route;
}

// A request: a delivery that can be replied to, once. Dropping it unanswered leaves the caller to its
// timeout; with modules it is a nack.
class GODWIT_EXPORT request : public delivery {
public:
    request() noexcept;
    request(godwit::message message, std::unique_ptr<detail::reply_route> route) noexcept;
    request(delivery&& settled_by_reply, std::unique_ptr<detail::reply_route> route) noexcept;
    request(request&&) noexcept;
    request& operator=(request&&) noexcept;
    ~request();

    // Never blocks. Fails with `unreachable` (the caller is gone, or its queue is full), `closed`, `too_large`,
    // `invalid_argument` (replied to already).
    status reply(std::string_view body) { return reply(as_bytes(body)); }
    status reply(bytes body);
    status reply(const godwit::message& message);
    template <typed_body T>
    status reply(const T& value) {
        return reply(as_bytes(codec<T>::encode(value)));
    }

private:
    std::unique_ptr<detail::reply_route> route_;
};

namespace detail {
struct recv_request_call {
    using value_type = request;
    GODWIT_EXPORT awaits operator()(plain_socket& socket, result<request>& out, tries which) noexcept;
};
}  // namespace detail

class GODWIT_EXPORT rep : public socket {
public:
    explicit rep(context& owner, const socket_options& options = {});
    // Reliable: with modules, ack_retry among them, and socket_options if there are any to set.
    template <class... M>
    requires detail::modules_of_a_socket<M...> &&(sizeof...(M) > 0) explicit rep(context& owner, const M&... modules)
        : rep{owner, detail::assemble(modules...)} {}

    // Waits for a request. Fails with `timed_out`, `cancelled`, `closed`.
    result<request> recv();
    result<request> recv(timeout limit, const std::stop_token& stop = {});

    // The same for coroutines (godwit/async.hpp).
    awaitable<detail::recv_request_call> async_recv(std::stop_token stop = {}) {
        return async_recv(async_options{{}, std::move(stop), {}});
    }
    awaitable<detail::recv_request_call> async_recv(async_options options) { return {state(), {}, std::move(options)}; }

private:
    rep(context& owner, assembly&& modules);
};

}  // namespace godwit
