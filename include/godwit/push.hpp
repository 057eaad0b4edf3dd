// push: sends each message to one of the connected pulls, in turn, skipping those whose queues are full.
// Plain: at most once; what a peer had not read when it died is lost. Wire: PUSH. Threads: see socket.
#pragma once
#include <span>
#include <string_view>
#include <utility>

#include "godwit/async.hpp"
#include "godwit/sender.hpp"
#include "godwit/socket.hpp"

namespace godwit {

class GODWIT_EXPORT push : public socket {
public:
    explicit push(context& owner, const socket_options& options = {});

    // Blocks while every queue is full (or, with no endpoint connected, while no peer is there), at most the
    // send_timeout. Fails with `timed_out`, `cancelled`, `closed`, `too_large`; then surely nothing was taken.
    result<receipt> send(std::string_view body) { return send(as_bytes(body)); }
    result<receipt> send(bytes body);  // copied
    result<receipt> send(std::nullptr_t) = delete;
    result<receipt> send(const message& message);  // shared: nothing is copied above 8 KiB
    result<receipt> send(message&& message);       // moved through
    result<receipt> send(bytes body, const send_options& options);
    result<receipt> send(std::string_view body, const send_options& options) { return send(as_bytes(body), options); }
    result<receipt> send(const message& message, const send_options& options);  // `options` adds timeout and stop only
    template <typed_body T>
    result<receipt> send(const T& value, const send_options& options = {}) {
        return send(as_bytes(codec<T>::encode(value)), options);
    }

    // Sends in order until all are taken or the time is up; returns how many were. Fails only if none was.
    result<std::size_t> send_many(std::span<const message> messages);
    result<std::size_t> send_many(std::span<const message> messages, const send_options& options);
    result<std::size_t> send_many(std::span<const bytes> bodies);                               // each copied
    result<std::size_t> send_many(std::span<const bytes> bodies, const send_options& options);  // timeout and stop only

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
    async_options within_send_timeout(async_options options) const;
};

}  // namespace godwit
