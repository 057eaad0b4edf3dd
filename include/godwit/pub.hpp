// pub: sends each message to every subscriber of its topic. Never blocks: a subscriber whose queue is full misses
// the message (over inproc counted as dropped_full; libzmq, over ipc and tcp, drops without telling anyone), and one
// that subscribes late misses what came before: wait_for_subscribers(). Wire: XPUB. With ack_retry: one log, in which each
// subscriber has its own place; who falls too far behind is told the gap. Threads: see socket.
#pragma once
#include <span>
#include <string_view>

#include "godwit/sender.hpp"
#include "godwit/socket.hpp"

namespace godwit {

class GODWIT_EXPORT pub : public socket {
public:
    explicit pub(context& owner, const socket_options& options = {});
    // Reliable: with modules, ack_retry among them, and socket_options if there are any to set.
    template <class... M>
    requires detail::modules_of_a_socket<M...> &&(sizeof...(M) > 0) explicit pub(context& owner, const M&... modules)
        : pub{owner, detail::assemble(modules...)} {}

    // Fails with `closed`, `too_large` (a topic has at most 64 KiB).
    result<receipt> send(std::string_view topic, std::string_view body) { return send(topic, as_bytes(body)); }
    result<receipt> send(std::string_view topic, bytes body);
    result<receipt> send(const message& message);  // by its own topic
    // Of the options, a plain pub looks at key and headers: it does not wait. With modules it waits while the log is full
    // of what a subscriber holds, and fails with `full`.
    result<receipt> send(std::string_view topic, bytes body, const send_options& options);
    result<receipt> send(std::string_view topic, std::string_view body, const send_options& options) {
        return send(topic, as_bytes(body), options);
    }
    template <typed_body T>
    result<receipt> send(std::string_view topic, const T& value) {
        return send(topic, as_bytes(codec<T>::encode(value)));
    }
    result<std::size_t> send_many(std::span<const message> messages);

    // How many connected subscribers would get a message with this topic, and waiting until there are `count`.
    // A subscriber that is killed counts until its link is seen to be down. Fails with `timed_out`, `cancelled`, `closed`.
    std::size_t subscribers(std::string_view topic) const;
    status wait_for_subscribers(std::string_view topic, std::size_t count, timeout limit = timeout::never,
                                const std::stop_token& stop = {});

    // With modules. Waits until all that was sent so far has come to the stage. Fails with `timed_out`, `cancelled`, `closed`,
    // `unsupported` at once for a stage that cannot come on this socket: of subscribers, a pub tells none.
    status flush(stage wanted, timeout limit = timeout::never, const std::stop_token& stop = {});

private:
    pub(context& owner, assembly&& modules);
};

}  // namespace godwit
