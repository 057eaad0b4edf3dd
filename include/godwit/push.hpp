// push: sends each message to one of the connected pulls, in turn, skipping those whose queues are full.
// Plain: at most once; what a peer had not read when it died is lost. Wire: PUSH. With ack_retry: at least once.
// Threads: see socket.
#pragma once
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "godwit/async.hpp"
#include "godwit/sender.hpp"
#include "godwit/socket.hpp"

namespace godwit {

class GODWIT_EXPORT push : public socket {
public:
    explicit push(context& owner, const socket_options& options = {});
    // Reliable: with modules, ack_retry among them, and socket_options if there are any to set.
    template <class... M>
    requires detail::modules_of_a_socket<M...> &&(sizeof...(M) > 0) explicit push(context& owner, const M&... modules)
        : push{owner, detail::assemble(modules...)} {}

    // Blocks while every queue is full (or, with no endpoint connected, while no peer is there), at most the
    // send_timeout. Fails with `timed_out`, `cancelled`, `closed`, `too_large`; then surely nothing was taken. With modules
    // it blocks while the log is full, and fails with `full` when it still is (`timed_out` with no endpoint yet).
    result<receipt> send(std::string_view body) { return send(as_bytes(body)); }
    result<receipt> send(bytes body);  // copied
    result<receipt> send(std::nullptr_t) = delete;
    result<receipt> send(const message& message);  // shared: nothing is copied above 8 KiB
    result<receipt> send(message&& message);       // moved through
    result<receipt> send(bytes body, const send_options& options);
    result<receipt> send(std::string_view body, const send_options& options) { return send(as_bytes(body), options); }
    result<receipt> send(const message& message,
                         const send_options& options);  // `options` adds all but topic, key, headers
    template <typed_body T>
    result<receipt> send(const T& value, const send_options& options = {}) {
        return send(as_bytes(codec<T>::encode(value)), options);
    }

    // Sends in order until all are taken or the time is up; returns how many were. Fails only if none was.
    result<std::size_t> send_many(std::span<const message> messages);
    result<std::size_t> send_many(std::span<const message> messages, const send_options& options);
    result<std::size_t> send_many(std::span<const bytes> bodies);                               // each copied
    result<std::size_t> send_many(std::span<const bytes> bodies, const send_options& options);  // timeout and stop only

    // With modules. Waits until all that was sent so far has come to the stage, or will never (it is settled otherwise).
    // Fails with `timed_out`, `cancelled`, `closed`, `unsupported` at once for a stage that cannot come on this socket.
    status flush(stage wanted = stage::processed, timeout limit = timeout::never, const std::stop_token& stop = {});
    std::vector<dead_letter> dead_letters(std::size_t at_most = 100);  // the oldest first; a plain socket has none
    status requeue(offset dead);  // from its first attempt on. `not_found`, `unsupported` (plain), `closed`
    status discard(offset dead);
    // Each record that is settled from now on is told, in order, in groups, on the context's callback thread. Before the
    // first bind or connect, to miss none. Fails with `unsupported` (plain), `no_resources`, `closed`.
    status on_settled(std::function<void(std::span<const settled_record>)> tell);

    // The same for coroutines (godwit/async.hpp). What `body` refers to must stay until it is through.
    awaitable<detail::send_bytes_call> async_send(bytes body, async_options options = {}) {
        return {state(), {body}, within_send_timeout(std::move(options))};
    }
    awaitable<detail::send_bytes_call> async_send(std::string_view body, async_options options = {}) {
        return async_send(as_bytes(body), std::move(options));
    }
    awaitable<detail::send_bytes_call> async_send(std::nullptr_t) = delete;
    awaitable<detail::send_message_call> async_send(message whole, async_options options = {}) {
        return {state(), {std::move(whole)}, within_send_timeout(std::move(options))};
    }

private:
    push(context& owner, assembly&& modules);
    async_options within_send_timeout(async_options options) const;
};

}  // namespace godwit
