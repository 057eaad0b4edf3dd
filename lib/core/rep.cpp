#include "godwit/rep.hpp"

#include <chrono>
#include <new>
#include <vector>

#include "base/block.hpp"
#include "base/held_batch.hpp"
#include "core/async_turns.hpp"
#include "core/link_engine.hpp"
#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/plain_socket.hpp"
#include "core/record_of.hpp"

namespace godwit {

namespace detail {

// Where a reply goes: the peer, by its carrier's name, and the frames that its request began with, the empty one last.
struct reply_route {
    std::shared_ptr<plain_socket> socket;
    std::string peer;
    std::vector<std::string> envelope;
};

}  // namespace detail

namespace {

constexpr int strays_a_turn = 256;

// The envelope ends with the first empty frame; a message without one, or with nothing behind it, is no request.
bool split_envelope(message& whole, std::vector<std::string>& envelope) {
    const std::size_t count = whole.frame_count();
    for (std::size_t i = 0; i + 1 < count; ++i) {
        envelope.emplace_back(as_text(whole.frame(i)));
        if (!whole.frame(i).empty()) continue;
        whole = detail::message_access::hide_frames(std::move(whole), i + 1);
        return true;
    }
    return false;
}

status answer(std::unique_ptr<detail::reply_route>& route, detail::outgoing out) {
    detail::plain_socket& socket = *route->socket;
    if (auto fits = socket.check_size(out.frames); !fits) return fits;
    out.peer = route->peer;
    if (socket.forked()) return socket.forked_error();
    const auto hold = socket.turn();
    if (auto open = socket.check_open(); !open) return open;
    auto outcome = socket.carry(out);
    if (outcome == detail::io::would_block) {
        socket.refresh();
        outcome = socket.carry(out);
    }
    socket.hand_on_if_waited();
    if (outcome != detail::io::done) {
        return error{errc::unreachable, "reply", "the caller is gone, or does not read its replies"};
    }
    socket.count_sent(out);
    route.reset();
    return {};
}

// The reply settles the request.
status answer_record(std::unique_ptr<detail::reply_route>& route, delivery& asked, const detail::record_parts& what) {
    const std::shared_ptr<detail::plain_socket> socket = route->socket;
    if (auto fits = socket->check_size({&what.body, 1}); !fits) return fits;
    if (socket->forked()) return socket->forked_error();
    detail::held_batch* const held = detail::delivery_access::held(asked);
    if (held == nullptr) return error{errc::invalid_argument, "reply", "this request was settled already"};
    const auto hold = socket->turn();
    if (auto open = socket->engine()->check_open(); !open) return open;
    const status replied = socket->engine()->reply({held, asked.at(), asked.attempt(), detail::verdict::ack}, what);
    if (!replied) return replied;
    detail::delivery_access::take(asked);
    socket->count_sent({{&what.body, 1}});
    route.reset();
    return {};
}

std::vector<bytes> frames_of(const std::vector<std::string>& envelope) {
    std::vector<bytes> frames;
    for (const std::string& frame : envelope) frames.push_back(as_bytes(frame));
    return frames;
}

result<request> receive_request(detail::plain_socket& socket, timeout limit, const std::stop_token& stop) {
    auto route = std::make_unique<detail::reply_route>();
    if (socket.engine() != nullptr) {
        delivery asked;
        if (auto received = socket.recv(asked, limit, stop); !received) return received.error();
        route->socket = socket.shared_from_this();
        return request{std::move(asked), std::move(route)};
    }
    message content;
    auto again = [&] {
        for (int strays = 0; strays < strays_a_turn; ++strays) {
            detail::incoming in{content, &route->peer};
            if (const auto outcome = socket.take(in); outcome != detail::io::done) return outcome;
            socket.count_received(content);
            if (split_envelope(content, route->envelope)) return detail::io::done;
            socket.count_stray();
            route->envelope.clear();
            content = {};
        }
        socket.ring_again();
        return detail::io::would_block;
    };
    if (auto received = socket.do_or_wait(detail::want::in, limit, stop, again); !received) return received.error();
    route->socket = socket.shared_from_this();
    return request{std::move(content), std::move(route)};
}

error replied_already() { return {errc::invalid_argument, "reply", "this request was replied to already"}; }

}  // namespace

request::request() noexcept = default;
request::request(godwit::message message, std::unique_ptr<detail::reply_route> route) noexcept
    : delivery{std::move(message)}, route_{std::move(route)} {}
request::request(delivery&& settled_by_reply, std::unique_ptr<detail::reply_route> route) noexcept
    : delivery{std::move(settled_by_reply)}, route_{std::move(route)} {}
request::request(request&&) noexcept = default;
request& request::operator=(request&&) noexcept = default;
request::~request() = default;

status request::reply(bytes body) {
    if (!route_) return replied_already();
    if (route_->socket->engine() != nullptr) return answer_record(route_, *this, {.body = body});
    const auto envelope = frames_of(route_->envelope);
    const detail::outgoing_message whole{body, send_options{}, {}, false, envelope};
    return answer(route_, whole.frames());
}

status request::reply(const godwit::message& message) {
    if (!route_) return replied_already();
    if (route_->socket->engine() != nullptr) {
        const detail::record_of record{message};
        return answer_record(route_, *this, record.parts());
    }
    const auto envelope = frames_of(route_->envelope);
    const detail::outgoing_message whole{message, envelope};
    return answer(route_, whole.frames());
}

rep::rep(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::rep), options} {}
rep::rep(context& owner, assembly&& modules)
    : socket{owner, static_cast<int>(detail::pattern::rep), std::move(modules)} {}

result<request> rep::recv() { return recv(timeout::never); }

result<request> rep::recv(timeout limit, const std::stop_token& stop) { return receive_request(state(), limit, stop); }

detail::awaits detail::recv_request_call::operator()(plain_socket& socket, result<request>& out, tries which) noexcept {
    if (!may_try(socket, which, want::in)) return awaits::message;
    try {
        auto received = receive_request(socket, timeout{std::chrono::nanoseconds{0}}, no_stop);
        if (received.failed(errc::timed_out)) return awaits::message;
        out = std::move(received);
    } catch (const std::bad_alloc&) {
        out = errc::no_resources;
    }
    return awaits::nothing;
}

}  // namespace godwit
