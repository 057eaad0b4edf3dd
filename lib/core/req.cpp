#include "godwit/req.hpp"

#include <optional>

#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/request_desk.hpp"

namespace godwit {

namespace {

struct envelope {
    explicit envelope(const std::uint64_t& id) : frames{std::as_bytes(std::span{&id, 1}), {}} {}
    bytes frames[2];
};

std::shared_ptr<detail::open_request> open_at(const std::shared_ptr<detail::plain_socket>& socket) {
    auto request = std::make_shared<detail::open_request>();
    request->socket = socket;
    if (socket->forked()) return request;
    const auto hold = socket->turn();
    request->id = socket->desk()->next_id();
    socket->desk()->opened(request);
    return request;
}

void give_up(detail::open_request& request) {
    if (request.socket->forked()) return;
    const auto hold = request.socket->turn();
    if (!std::exchange(request.ended, true)) request.socket->desk()->ended(request);
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
        socket.desk()->sort_replies(socket, *request_);
        socket.hand_on_if_waited();
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
        if (!request.arrived) socket.desk()->sort_replies(socket, request);
        if (!request.arrived) return detail::io::would_block;
        request.ended = true;
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
result<pending> req::send_open(timeout limit, const std::stop_token& stop, const What&... what) {
    auto request = open_at(shared_state());
    pending opened{request};
    const envelope ahead{request->id};
    const detail::outgoing_message whole{what..., std::span<const bytes>{ahead.frames}};
    if (auto sent = state().send(whole.frames(), limit, stop); !sent) return sent.error();
    return opened;
}

result<pending> req::send(bytes body) { return send(body, send_options{}); }

result<pending> req::send(bytes body, const send_options& options) {
    return send_open(options.within.value_or(state().send_timeout()), options.stop, body, options, options.topic,
                     false);
}

result<pending> req::send(const message& message) {
    return send_open(state().send_timeout(), detail::no_stop, message);
}

result<pending> req::send(const message& message, const send_options& options) {
    return send_open(options.within.value_or(state().send_timeout()), options.stop, message);
}

template <class... What>
result<message> req::ask(timeout limit, const std::stop_token& stop, const What&... what) {
    const auto deadline = limit.deadline();
    auto sent = send_open(limit, stop, what...);
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

}  // namespace godwit
