#include "godwit/req.hpp"

#include <chrono>
#include <new>
#include <optional>

#include "core/async_turns.hpp"
#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/request_desk.hpp"

namespace godwit {

namespace {

constexpr timeout at_once = std::chrono::nanoseconds{0};

struct envelope {
    explicit envelope(const std::uint64_t& id) : frames{std::as_bytes(std::span{&id, 1}), {}} {}
    bytes frames[2];
};

result<std::shared_ptr<detail::open_request>> open_at(const std::shared_ptr<detail::plain_socket>& socket) {
    auto request = std::make_shared<detail::open_request>();
    request->socket = socket;
    if (socket->forked()) return request;
    const auto hold = socket->turn();
    if (socket->desk()->open() >= socket->requests_max()) {
        return error{errc::too_large, std::to_string(socket->requests_max()) + " outstanding requests",
                     "wait for their replies or give some up; requests_max allows more"};
    }
    request->id = socket->desk()->next_id();
    socket->desk()->opened(request);
    return request;
}

void give_up(detail::open_request& request) {
    if (request.socket->forked()) return;
    const auto hold = request.socket->turn();
    if (request.ended) return;
    request.socket->desk()->ended(request);
    request.socket->reply_taken();
}

}  // namespace

pending::pending() noexcept = default;
pending::pending(std::shared_ptr<detail::open_request> request) noexcept : request_{std::move(request)} {}
pending::pending(pending&&) noexcept = default;

pending& pending::operator=(pending&& other) noexcept {
    if (this != &other) {
        cancel();
        request_ = std::move(other.request_);
    }
    return *this;
}

pending::~pending() { cancel(); }

void pending::cancel() noexcept {
    if (request_) give_up(*std::exchange(request_, nullptr));
}

bool pending::ready() const {
    if (!request_ || request_->socket->forked()) return false;
    detail::plain_socket& socket = *request_->socket;
    const auto hold = socket.turn();
    if (!request_->arrived && socket.usable()) {
        socket.desk()->sort_replies(socket, request_.get());
        request_->arrived ? socket.hand_on_if_waited() : socket.darken(detail::want::in);
    }
    return request_->arrived;
}

result<message> pending::wait(timeout limit, const std::stop_token& stop) {
    if (!request_)
        return error{errc::invalid_argument, "pending",
                     "it holds no request: its reply was taken, or it was cancelled"};
    detail::open_request& request = *request_;
    detail::plain_socket& socket = *request.socket;
    std::optional<message> reply;
    auto again = [&] {
        if (!request.arrived) socket.desk()->sort_replies(socket, &request);
        if (!request.arrived) return detail::io::would_block;
        socket.desk()->ended(request);
        socket.reply_taken();
        reply = std::move(request.reply);
        return detail::io::done;
    };
    if (auto waited = socket.wait_for_reply(request, limit, stop, again); !waited) return waited.error();
    request_.reset();
    return std::move(*reply);
}

req::req(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::req), options} {}

template <class... What>
result<pending> req::send_open(const std::shared_ptr<detail::plain_socket>& socket, timeout limit,
                               const std::stop_token& stop, const What&... what) {
    auto request = open_at(socket);
    if (!request) return request.error();
    pending opened{*request};
    const envelope ahead{(*request)->id};
    const detail::outgoing_message whole{what..., std::span<const bytes>{ahead.frames}};
    if (auto sent = socket->send(whole.frames(), limit, stop); !sent) return sent.error();
    return opened;
}

result<pending> req::send(bytes body) { return send(body, send_options{}); }

result<pending> req::send(bytes body, const send_options& options) {
    return send_open(shared_state(), options.within.value_or(state().send_timeout()), options.stop, body, options,
                     options.topic, false);
}

result<pending> req::send(const message& message) {
    return send_open(shared_state(), state().send_timeout(), detail::no_stop, message);
}

result<pending> req::send(const message& message, const send_options& options) {
    return send_open(shared_state(), options.within.value_or(state().send_timeout()), options.stop, message);
}

template <class... What>
result<message> req::ask(timeout limit, const std::stop_token& stop, const What&... what) {
    const auto deadline = limit.deadline();
    auto sent = send_open(shared_state(), limit, stop, what...);
    if (!sent) return sent.error();
    const bool forever = deadline == timeout::clock::time_point::max();
    return sent->wait(forever ? timeout::never : timeout{deadline - timeout::clock::now()}, stop);
}

result<message> req::request(bytes body, timeout limit, const std::stop_token& stop) {
    return ask(limit, stop, body, send_options{}, std::string_view{}, false);
}

result<message> req::request(const message& message, timeout limit, const std::stop_token& stop) {
    return ask(limit, stop, message);
}

result<pending> detail::request_call::sent(plain_socket& socket) const {
    const auto shared = socket.shared_from_this();
    if (is_whole) return req::send_open(shared, at_once, no_stop, whole);
    return req::send_open(shared, at_once, no_stop, body, send_options{}, std::string_view{}, false);
}

detail::awaits detail::request_call::operator()(plain_socket& socket, result<message>& out, tries which) noexcept {
    if (!may_try(socket, which, want::out)) return awaits::room;
    try {
        if (!is_sent) {
            auto opened = sent(socket);
            if (opened.failed(errc::timed_out)) return awaits::room;
            if (!opened) return out = opened.error(), awaits::nothing;
            asked = std::move(*opened);
            is_sent = true;
        }
        auto reply = asked.wait(at_once);
        if (reply.failed(errc::timed_out)) return awaits::reply;
        out = std::move(reply);
    } catch (const std::bad_alloc&) {
        out = errc::no_resources;
    }
    return awaits::nothing;
}

}  // namespace godwit
