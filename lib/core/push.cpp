#include "godwit/push.hpp"

#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/record_of.hpp"
#include "core/sender_verbs.hpp"

namespace godwit {

using detail::limit_of;
using detail::send_record;

namespace {

result<receipt> receipt_for(const status& sent) {
    if (!sent) return sent.error();
    return receipt{};
}

// Apart, so that the short way keeps few registers.
[[gnu::noinline, gnu::cold]] result<receipt> send_slowly(detail::plain_socket& socket, bytes body) {
    if (socket.engine() != nullptr) return send_record(socket, {.body = body}, socket.send_timeout(), detail::no_stop);
    return receipt_for(socket.send({std::span{&body, 1}}, socket.send_timeout(), detail::no_stop));
}

result<std::size_t> sent_by(detail::plain_socket& socket, result<std::size_t> taken) {
    if (taken) return taken;
    return detail::full_or(socket, taken.error());
}

// The terms are each one's own.
result<std::size_t> send_each(push& out, std::span<const message> messages, const send_options& options,
                              timeout limit) {
    send_options each = options;
    const auto deadline = limit.deadline();
    std::size_t taken = 0;
    for (const message& one : messages) {
        each.within = deadline - timeout::clock::now();
        if (auto sent = out.send(one, each); !sent) {
            if (taken == 0) return sent.error();
            break;
        }
        ++taken;
    }
    return taken;
}

}  // namespace

push::push(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::push), options} {}
push::push(context& owner, assembly&& modules)
    : socket{owner, static_cast<int>(detail::pattern::push), std::move(modules)} {}

result<receipt> push::send(bytes body) {
    receipt given;
    if (body.size() <= state().frame_bytes_max() && state().send_now(body, given)) [[likely]]
        return given;
    return send_slowly(state(), body);
}

result<receipt> push::send(const message& message) { return send(message, send_options{}); }

result<receipt> push::send(message&& message) {
    if (state().engine() != nullptr) return send(message, send_options{});
    detail::outgoing_message whole{message};
    whole.may_move();
    return receipt_for(state().send(whole.frames(), state().send_timeout(), detail::no_stop));
}

result<receipt> push::send(bytes body, const send_options& options) {
    if (state().engine() != nullptr) {
        if (auto fine = detail::check_terms(options); !fine) return fine.error();
        const detail::record_of record{body, options, options.topic};
        return send_record(state(), record.parts(), limit_of(options, state()), options.stop);
    }
    if (auto fine = detail::check_plain(options); !fine) return fine.error();
    const detail::outgoing_message whole{body, options, options.topic};
    return receipt_for(state().send(whole.frames(), limit_of(options, state()), options.stop));
}

result<receipt> push::send(const message& message, const send_options& options) {
    if (state().engine() != nullptr) {
        if (auto fine = detail::check_terms(options); !fine) return fine.error();
        const detail::record_of record{message, options};
        return send_record(state(), record.parts(), limit_of(options, state()), options.stop);
    }
    if (auto fine = detail::check_plain(options); !fine) return fine.error();
    const detail::outgoing_message whole{message};
    return receipt_for(state().send(whole.frames(), limit_of(options, state()), options.stop));
}

result<std::size_t> push::send_many(std::span<const message> messages) {
    return sent_by(state(), state().send_many(messages, state().send_timeout(), detail::no_stop));
}

result<std::size_t> push::send_many(std::span<const message> messages, const send_options& options) {
    if (detail::says_more_than_plain(options)) return send_each(*this, messages, options, limit_of(options, state()));
    return sent_by(state(), state().send_many(messages, limit_of(options, state()), options.stop));
}

result<std::size_t> push::send_many(std::span<const bytes> bodies) {
    return sent_by(state(), state().send_many(bodies, state().send_timeout(), detail::no_stop));
}

result<std::size_t> push::send_many(std::span<const bytes> bodies, const send_options& options) {
    return sent_by(state(), state().send_many(bodies, limit_of(options, state()), options.stop));
}

async_options push::within_send_timeout(async_options options) const {
    if (!options.within) options.within = state().send_timeout();
    return options;
}

status push::flush(stage wanted, timeout limit, const std::stop_token& stop) {
    return state().flush(wanted, limit, stop);
}
std::vector<dead_letter> push::dead_letters(std::size_t at_most) { return detail::dead_letters(state(), at_most); }
status push::requeue(offset dead) { return detail::requeue(state(), dead); }
status push::discard(offset dead) { return detail::discard(state(), dead); }
status push::on_settled(std::function<void(std::span<const settled_record>)> tell) {
    return detail::on_settled(state(), std::move(tell));
}

}  // namespace godwit
