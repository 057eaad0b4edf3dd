// sub: receives the messages whose topics begin with one of its subscriptions. Nothing comes before the first
// subscribe(). Subscriptions survive reconnects, however many they are. Wire: SUB. Threads: see socket.
#pragma once
#include <span>
#include <stop_token>
#include <string_view>
#include <utility>

#include "godwit/async.hpp"
#include "godwit/consume.hpp"
#include "godwit/delivery.hpp"
#include "godwit/socket.hpp"

namespace godwit {

class GODWIT_EXPORT sub : public socket {
public:
    explicit sub(context& owner, const socket_options& options = {});
    // Reliable: with modules, ack_retry among them, and socket_options if there are any to set.
    template <class... M>
    requires detail::modules_of_a_socket<M...> &&(sizeof...(M) > 0) explicit sub(context& owner, const M&... modules)
        : sub{owner, detail::assemble(modules...)} {}

    // A prefix; "" is everything. With modules a filter (docs/wire_format.md). Subscribing twice needs unsubscribing twice.
    // `too_large` above 4,000 bytes: a pub takes no longer ones (a topic may be longer). `closed`.
    status subscribe(std::string_view prefix);
    status unsubscribe(std::string_view prefix);  // `not_found` if there is none such

    // Waits for a message. Fails with `timed_out`, `cancelled`, `closed`; with modules, once for each, also with `gap`:
    // records that the publisher has no more, "FIRST..LAST".
    result<delivery> recv();
    result<delivery> recv(timeout limit, const std::stop_token& stop = {});
    // Waits for at least one, then takes what is there, at most out.size(); returns how many. Fails as recv does.
    result<std::size_t> recv_many(std::span<delivery> out, timeout limit = timeout::never,
                                  const std::stop_token& stop = {});

    // Acks all of them in one piece; those of other sockets, and settled ones, are passed over.
    void ack_many(std::span<delivery> all) noexcept;

    // Runs the handler for each message, on `concurrency` threads of its own and the caller's, until it is stopped (ok) or
    // fails: `closed`, `gap` without an on_gap, `invalid_argument`, `no_resources`. Messages in hand are finished first.
    status consume(const consume_handler& handler, const consume_options& options = {});

    // The same for coroutines (godwit/async.hpp). What `out` refers to must stay until it is through.
    awaitable<detail::recv_call> async_recv(std::stop_token stop = {}) {
        return async_recv(async_options{{}, std::move(stop), {}});
    }
    awaitable<detail::recv_call> async_recv(async_options options) { return {state(), {}, std::move(options)}; }
    awaitable<detail::recv_many_call> async_recv_many(std::span<delivery> out, async_options options = {}) {
        return {state(), {out}, std::move(options)};
    }

private:
    sub(context& owner, assembly&& modules);
};

}  // namespace godwit
