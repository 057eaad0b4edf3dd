// asio_calls: what the operations of godwit/asio.hpp try: the blocking calls, with no time to wait. Not for users.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "godwit/godwit.hpp"

namespace godwit::asio::detail {

inline constexpr timeout at_once = std::chrono::nanoseconds{0};

enum class waits_for : std::uint8_t { nothing, recv, send };

template <class Socket>
struct recv_of {
    using type = void;
};
template <class Socket>
requires requires(Socket& socket) { socket.recv(); }
struct recv_of<Socket> {
    using type = typename std::remove_reference_t<decltype(std::declval<Socket&>().recv())>::value_type;
};
template <class Socket>
using received = typename recv_of<Socket>::type;

// The calls: each tries once, and says what it has to wait for. Afterwards `out` is its outcome.
template <class Socket>
struct recv_call {
    using value_type = received<Socket>;
    waits_for operator()(Socket& from, result<value_type>& out) {
        out = from.recv(at_once);
        return out.failed(errc::timed_out) ? waits_for::recv : waits_for::nothing;
    }
};

template <class Socket>
struct recv_many_call {
    using value_type = std::size_t;
    std::span<delivery> into;
    waits_for operator()(Socket& from, result<std::size_t>& out) {
        out = from.recv_many(into, at_once);
        return out.failed(errc::timed_out) ? waits_for::recv : waits_for::nothing;
    }
};

template <class Body>
struct send_call {
    using value_type = receipt;
    Body body;
    waits_for operator()(push& to, result<receipt>& out) {
        out = to.send(body, {.within = at_once});
        return out.failed(errc::timed_out) ? waits_for::send : waits_for::nothing;
    }
};

template <class Body>
struct request_call {
    using value_type = message;
    Body body;
    std::optional<pending> sent;
    waits_for operator()(req& at, result<message>& out) {
        if (!sent) {
            auto opened = at.send(body, {.within = at_once});
            if (opened.failed(errc::timed_out)) return waits_for::send;
            if (!opened) return out = opened.error(), waits_for::nothing;
            sent = std::move(*opened);
        }
        out = sent->wait(at_once);
        return out.failed(errc::timed_out) ? waits_for::recv : waits_for::nothing;
    }
};

}  // namespace godwit::asio::detail
