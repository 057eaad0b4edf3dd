// asio: sockets on an Asio executor: godwit::asio::async<godwit::pull> in{io, pull}; in.async_recv(token). Any completion
// token will do, and its executor, allocator and cancellation slot are used. Standalone Asio 1.22 or newer, not Boost's.
// Handlers get (std::error_code, value) and are never called before the call returns. Cancelled by slot, of any type, or
// by the end of this object, a call is `operation_aborted`, and nothing was taken. What is there at once is taken in the
// call itself and handed over by defer(): cancelling comes too late then, and an io_context that ends first drops it. What a
// handler starts that way goes on when it has returned, up to 64 in one go, as a strand's handlers do.
// A flood costs one wake-up for each batch: a call looks at the socket first, and waits only when nothing is there.
// Many requests may be open at once; each wakes with the replies of the others.
// Threads: one call at a time, or a strand, as for Asio's own objects. The socket is borrowed and may be used by others
// meanwhile; it must outlive this object, and this object must be gone before its io_context.
#pragma once
#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/execution_context.hpp>
#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "godwit/asio_operation.hpp"
#include "godwit/godwit.hpp"

namespace godwit::asio {

template <class Socket, class Executor = ::asio::any_io_executor>
class async {
    using state = detail::state<Socket, Executor>;
    using default_token = typename ::asio::default_completion_token<Executor>::type;

public:
    using executor_type = Executor;

    async(const Executor& executor, Socket& socket) : state_{std::make_shared<state>(executor, socket)} {}
    template <class Context>
    requires std::convertible_to<Context&, ::asio::execution_context&> async(Context& context, Socket& socket)
        : async{Executor{context.get_executor()}, socket} {}
    async(async&&) noexcept = default;
    async& operator=(async&& other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~async() {
        if (state_) state_->close();
    }

    executor_type get_executor() const noexcept { return state_->executor; }
    Socket& socket() const noexcept { return state_->socket; }
    void cancel() { state_->cancel(); }  // all calls that wait: `operation_aborted`

    // pull and sub: void(std::error_code, delivery); rep: void(std::error_code, request).
    template <class Token = default_token>
    requires requires(Socket& socket) { socket.recv(); }
    auto async_recv(Token&& token = Token{}) { return start(detail::recv_call<Socket>{}, token); }

    // The same for Asio's coroutines, `co_await in.recv()`: what is there at once is returned without a round through the
    // io_context, which costs more than the message. 256 times in a row; then others have their turn.
    ::asio::awaitable<detail::received<Socket>, Executor> recv() requires requires(Socket& socket) { socket.recv(); }
    { return detail::recv_or_wait(*state_); }

    // void(std::error_code, std::size_t). What `out` refers to must stay until it is through.
    template <class Token = default_token>
    requires requires(Socket& socket, std::span<delivery> out) { socket.recv_many(out); }
    auto async_recv_many(std::span<delivery> out, Token&& token = Token{}) {
        return start(detail::recv_many_call<Socket>{out}, token);
    }

    // push: void(std::error_code, receipt). What a `bytes` refers to must stay until it is through. No timeout.
    template <class Token = default_token>
    requires std::same_as<Socket, push>
    auto async_send(bytes body, Token&& token = Token{}) { return start(detail::send_call<bytes>{body}, token); }
    template <class Token = default_token>
    requires std::same_as<Socket, push>
    auto async_send(std::string_view body, Token&& token = Token{}) { return async_send(as_bytes(body), token); }
    template <class Token = default_token>
    requires std::same_as<Socket, push>
    auto async_send(message whole, Token&& token = Token{}) {
        return start(detail::send_call<message>{std::move(whole)}, token);
    }

    // req: void(std::error_code, message). As above; cancelled, it may have been executed all the same.
    template <class Token = default_token>
    requires std::same_as<Socket, req>
    auto async_request(bytes body, Token&& token = Token{}) {
        return start(detail::request_call<bytes>{body, {}}, token);
    }
    template <class Token = default_token>
    requires std::same_as<Socket, req>
    auto async_request(std::string_view body, Token&& token = Token{}) { return async_request(as_bytes(body), token); }
    template <class Token = default_token>
    requires std::same_as<Socket, req>
    auto async_request(message whole, Token&& token = Token{}) {
        return start(detail::request_call<message>{std::move(whole), {}}, token);
    }

private:
    template <class Call, class Token>
    auto start(Call call, Token& token) {
        using value = typename Call::value_type;
        return ::asio::async_initiate<Token, void(std::error_code, value)>(
            detail::initiation<Executor>{state_->executor}, token, state_, std::move(call));
    }

    std::shared_ptr<state> state_;
};

template <class Socket>
async(::asio::any_io_executor, Socket&) -> async<Socket>;

}  // namespace godwit::asio
