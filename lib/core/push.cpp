#include "godwit/push.hpp"

#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/plain_socket.hpp"

namespace godwit {

namespace {

result<receipt> receipt_for(const status& sent) {
    if (!sent) return sent.error();
    return receipt{};
}

timeout limit_of(const send_options& options, const detail::plain_socket& socket) {
    return options.within.value_or(socket.send_timeout());
}

// Apart, so that the short way keeps few registers.
[[gnu::noinline, gnu::cold]] result<receipt> send_slowly(detail::plain_socket& socket, bytes body) {
    return receipt_for(socket.send({std::span{&body, 1}}, socket.send_timeout(), detail::no_stop));
}

}  // namespace

push::push(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::push), options} {}

result<receipt> push::send(bytes body) {
    if (body.size() <= state().frame_bytes_max() && state().send_now(body)) [[likely]]
        return receipt{};
    return send_slowly(state(), body);
}

result<receipt> push::send(const message& message) { return send(message, send_options{}); }

result<receipt> push::send(message&& message) {
    detail::outgoing_message whole{message};
    whole.may_move();
    return receipt_for(state().send(whole.frames(), state().send_timeout(), detail::no_stop));
}

result<receipt> push::send(bytes body, const send_options& options) {
    const detail::outgoing_message whole{body, options, options.topic};
    return receipt_for(state().send(whole.frames(), limit_of(options, state()), options.stop));
}

result<receipt> push::send(const message& message, const send_options& options) {
    const detail::outgoing_message whole{message};
    return receipt_for(state().send(whole.frames(), limit_of(options, state()), options.stop));
}

result<std::size_t> push::send_many(std::span<const message> messages) {
    return state().send_many(messages, state().send_timeout(), detail::no_stop);
}

result<std::size_t> push::send_many(std::span<const message> messages, const send_options& options) {
    return state().send_many(messages, limit_of(options, state()), options.stop);
}

result<std::size_t> push::send_many(std::span<const bytes> bodies) {
    return state().send_many(bodies, state().send_timeout(), detail::no_stop);
}

result<std::size_t> push::send_many(std::span<const bytes> bodies, const send_options& options) {
    return state().send_many(bodies, limit_of(options, state()), options.stop);
}

async_options push::within_send_timeout(async_options options) const {
    if (!options.within) options.within = state().send_timeout();
    return options;
}

}  // namespace godwit
