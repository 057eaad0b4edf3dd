#include "godwit/req.hpp"

#include <chrono>
#include <new>
#include <optional>

#include "core/async_turns.hpp"
#include "core/link_engine.hpp"
#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/record_of.hpp"
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
    if (detail::link_engine* const engine = request.socket->engine()) {
        request.ended = true;
        if (request.arrived) engine->fetched_taken();
        engine->give_up(request.id);
        return request.socket->reply_taken();
    }
    request.socket->desk()->ended(request);
    request.socket->reply_taken();
}

// With the turn held: its outcome, if it is there; once.
void fetch(detail::link_engine& engine, detail::open_request& request) {
    const auto outcome = engine.take_reply(request.id, request.reply, request.failed);
    if (outcome == detail::tried::would_block) return;
    if (outcome == detail::tried::done) request.socket->count_received(request.reply);
    request.arrived = true;
    engine.reply_fetched();
}

result<message> wait_for_outcome(detail::open_request& request, timeout limit, const std::stop_token& stop) {
    detail::plain_socket& socket = *request.socket;
    auto again = [&] {
        if (!request.arrived) fetch(*socket.engine(), request);
        return request.arrived ? detail::io::done : detail::io::would_block;
    };
    auto waited = request.arrived ? status{} : socket.do_or_wait(detail::want::news, limit, stop, again);
    if (socket.forked()) return socket.forked_error();
    const auto hold = socket.turn();
    if (!waited) {
        // A foreign loop was called for another's reply, or for nothing.
        if (limit.is_zero()) socket.darken(detail::want::in);
        return waited.error();
    }
    socket.engine()->fetched_taken();
    request.ended = true;
    socket.reply_taken();
    if (!request.failed) return request.failed.error();
    return std::move(request.reply);
}

detail::request_terms terms_of(const send_options& options) {
    detail::request_terms terms{.idempotent = options.idempotent};
    if (options.ttl) terms.deadline = timeout{*options.ttl}.deadline();
    return terms;
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
    if (detail::link_engine* const engine = socket.engine()) {
        if (!request_->arrived) fetch(*engine, *request_);
        if (!request_->arrived) engine->pump(), fetch(*engine, *request_);
        return request_->arrived;
    }
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
    if (socket.engine() != nullptr) {
        auto reply = wait_for_outcome(request, limit, stop);
        if (request.ended) request_.reset();
        return reply;
    }
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
req::req(context& owner, assembly&& modules)
    : socket{owner, static_cast<int>(detail::pattern::req), std::move(modules)} {}

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

// A request waits for a log with room, as a push does.
result<pending> req::send_record(const std::shared_ptr<detail::plain_socket>& socket, const detail::record_parts& what,
                                 const detail::request_terms& terms, timeout limit, const std::stop_token& stop) {
    if (auto fits = socket->check_size({&what.body, 1}); !fits) return fits.error();
    auto request = std::make_shared<detail::open_request>();
    request->socket = socket;
    status failed;
    auto again = [&] {
        const auto outcome = socket->engine()->request(what, terms, request->id, failed);
        if (outcome == detail::tried::done) socket->count_sent({{&what.body, 1}});
        return outcome == detail::tried::would_block ? detail::io::would_block : detail::io::done;
    };
    if (auto sent = socket->do_or_wait(detail::want::out, limit, stop, again); !sent) return sent.error();
    if (!failed) return failed.error();
    return pending{std::move(request)};
}

result<message> req::ask_record(const detail::record_parts& what, timeout limit, const std::stop_token& stop) {
    detail::request_terms terms;
    const auto deadline = limit.deadline();
    if (!limit.is_never()) terms.deadline = deadline;
    auto sent = send_record(shared_state(), what, terms, limit, stop);
    if (!sent) return sent.error();
    if (limit.is_never()) return sent->wait(limit, stop);
    auto reply = sent->wait(timeout{deadline - timeout::clock::now()}, stop);
    // With the deadline its outcome has come: once looked at, it is known.
    return reply.failed(errc::timed_out) ? sent->wait(at_once) : std::move(reply);
}

result<pending> req::send(bytes body) { return send(body, send_options{}); }

result<pending> req::send(bytes body, const send_options& options) {
    const timeout limit = options.within.value_or(state().send_timeout());
    if (state().engine() != nullptr) {
        if (auto fine = detail::check_terms(options); !fine) return fine.error();
        const detail::record_of record{body, options, options.topic};
        return send_record(shared_state(), record.parts(), terms_of(options), limit, options.stop);
    }
    if (auto fine = detail::check_plain(options); !fine) return fine.error();
    return send_open(shared_state(), limit, options.stop, body, options, options.topic, false);
}

result<pending> req::send(const message& message) { return send(message, send_options{}); }

result<pending> req::send(const message& message, const send_options& options) {
    const timeout limit = options.within.value_or(state().send_timeout());
    if (state().engine() != nullptr) {
        if (auto fine = detail::check_terms(options); !fine) return fine.error();
        const detail::record_of record{message, options};
        return send_record(shared_state(), record.parts(), terms_of(options), limit, options.stop);
    }
    if (auto fine = detail::check_plain(options); !fine) return fine.error();
    return send_open(shared_state(), limit, options.stop, message);
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
    if (state().engine() != nullptr) return ask_record({.body = body}, limit, stop);
    return ask(limit, stop, body, send_options{}, std::string_view{}, false);
}

result<message> req::request(const message& message, timeout limit, const std::stop_token& stop) {
    if (state().engine() != nullptr) return ask_record(detail::record_of{message}.parts(), limit, stop);
    return ask(limit, stop, message);
}

result<pending> detail::request_call::sent(plain_socket& socket) const {
    const auto shared = socket.shared_from_this();
    if (socket.engine() != nullptr) {
        request_terms terms;
        if (within && !within->is_never()) terms.deadline = within->deadline();
        if (is_whole) return req::send_record(shared, record_of{whole}.parts(), terms, at_once, no_stop);
        return req::send_record(shared, {.body = body}, terms, at_once, no_stop);
    }
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
