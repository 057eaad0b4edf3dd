// req: sends requests to the connected reps in turn, and gives each its own reply, in whatever order they come.
// Many requests may be outstanding; a lost peer or an unanswered request never blocks the others. A reply that comes
// after its request was given up is dropped and counted (late_replies). Plain: a request is never sent twice; one
// that times out was executed once or not at all. Wire: DEALER, with an envelope that any REP serves. Threads: see socket.
#pragma once
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "godwit/async.hpp"
#include "godwit/sender.hpp"
#include "godwit/socket.hpp"

namespace godwit {

namespace detail {
struct open_request;
struct request_call;
struct record_parts;
struct request_terms;
}  // namespace detail

// One outstanding request. Destroying it gives the request up. Thread-compatible.
class GODWIT_EXPORT pending {
public:
    pending() noexcept;  // none: wait() is `invalid_argument`
    pending(pending&&) noexcept;
    pending& operator=(pending&&) noexcept;
    ~pending();

    // The reply, once; afterwards `invalid_argument`. `timed_out` leaves the request open, so that it can be waited
    // for again. Fails also with `cancelled`, `closed`; with modules once and for all with `expired` (its deadline came,
    // surely without effect), `unknown` (it may have been executed), `refused` (by the other side's handler).
    result<message> wait(timeout limit = timeout::never, const std::stop_token& stop = {});
    bool ready() const;      // the reply is here: wait() would not block
    void cancel() noexcept;  // gives the request up; its reply, if any, counts as late

private:
    friend class req;
    explicit pending(std::shared_ptr<detail::open_request> request) noexcept;
    std::shared_ptr<detail::open_request> request_;
};

namespace detail {
struct request_call {
    using value_type = message;
    request_call(bytes asked_for, std::optional<timeout> limit) noexcept : body{asked_for}, within{limit} {}
    request_call(message asked_for, std::optional<timeout> limit) noexcept
        : whole{std::move(asked_for)}, is_whole{true}, within{limit} {}

    bytes body;
    message whole;  // unless `body` is what is asked
    bool is_whole = false;
    bool is_sent = false;
    std::optional<timeout> within = {};  // with modules the other side is told
    pending asked = {};
    GODWIT_EXPORT awaits operator()(plain_socket& socket, result<message>& out, tries which) noexcept;

private:
    result<pending> sent(plain_socket& socket) const;
};
}  // namespace detail

class GODWIT_EXPORT req : public socket {
public:
    explicit req(context& owner, const socket_options& options = {});
    // Reliable: with modules, ack_retry among them, and socket_options if there are any to set.
    template <class... M>
    requires detail::modules_of_a_socket<M...> &&(sizeof...(M) > 0) explicit req(context& owner, const M&... modules)
        : req{owner, detail::assemble(modules...)} {}

    // Sends, and returns without waiting for the reply. Blocks and fails as push::send does; `too_large` also with
    // requests_max outstanding.
    result<pending> send(std::string_view body) { return send(as_bytes(body)); }
    result<pending> send(bytes body);
    result<pending> send(std::string_view body, const send_options& options) { return send(as_bytes(body), options); }
    result<pending> send(std::nullptr_t) = delete;
    result<pending> send(const message& message);
    result<pending> send(const message& message,
                         const send_options& options);  // `options` adds all but topic, key, headers
    result<pending> send(bytes body, const send_options& options);
    template <typed_body T>
    result<pending> send(const T& value) {
        return send(as_bytes(codec<T>::encode(value)));
    }

    // Sends and waits for the reply, together at most `limit`. `timed_out`: executed once or not at all. With modules the
    // other side is told the limit, and when it comes it is known: `expired` or `unknown`, see pending::wait.
    result<message> request(std::string_view body, timeout limit, const std::stop_token& stop = {}) {
        return request(as_bytes(body), limit, stop);
    }
    result<message> request(bytes body, timeout limit, const std::stop_token& stop = {});
    result<message> request(const message& message, timeout limit, const std::stop_token& stop = {});
    template <typed_body T>
    result<message> request(const T& value, timeout limit, const std::stop_token& stop = {}) {
        return request(as_bytes(codec<T>::encode(value)), limit, stop);
    }

    // The same for coroutines (godwit/async.hpp). What `body` refers to must stay until it is through.
    awaitable<detail::request_call> async_request(bytes body, async_options options = {}) {
        const auto within = options.within;
        return {state(), detail::request_call{body, within}, std::move(options)};
    }
    awaitable<detail::request_call> async_request(std::string_view body, async_options options = {}) {
        return async_request(as_bytes(body), std::move(options));
    }
    awaitable<detail::request_call> async_request(std::nullptr_t) = delete;
    awaitable<detail::request_call> async_request(message whole, async_options options = {}) {
        const auto within = options.within;
        return {state(), detail::request_call{std::move(whole), within}, std::move(options)};
    }

private:
    req(context& owner, assembly&& modules);
    friend struct detail::request_call;
    template <class... What>
    static result<pending> send_open(const std::shared_ptr<detail::plain_socket>& socket, timeout limit,
                                     const std::stop_token& stop, const What&... what);
    static result<pending> send_record(const std::shared_ptr<detail::plain_socket>& socket,
                                       const detail::record_parts& what, const detail::request_terms& terms,
                                       timeout limit, const std::stop_token& stop);
    result<message> ask_record(const detail::record_parts& what, timeout limit, const std::stop_token& stop);
    template <class... What>
    result<message> ask(timeout limit, const std::stop_token& stop, const What&... what);
};

}  // namespace godwit
