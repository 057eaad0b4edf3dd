// What the calls of coroutines try: the blocking ones, with no time to wait.
#include <chrono>
#include <new>

#include "base/block.hpp"
#include "core/async_turns.hpp"
#include "core/no_stop.hpp"
#include "core/outgoing_message.hpp"
#include "core/plain_socket.hpp"
#include "core/record_of.hpp"
#include "godwit/async.hpp"

namespace godwit::detail {

namespace {

constexpr timeout at_once = std::chrono::nanoseconds{0};

template <class T, class Value>
awaits settled(result<T>& out, Value&& value, awaits otherwise) noexcept {
    if (value.failed(errc::timed_out)) return otherwise;
    out = std::forward<Value>(value);
    return awaits::nothing;
}

template <class T, class Try>
awaits guarded(result<T>& out, Try&& attempt) noexcept {
    try {
        return attempt();
    } catch (const std::bad_alloc&) {
        out = errc::no_resources;
        return awaits::nothing;
    }
}

}  // namespace

awaits recv_call::operator()(plain_socket& socket, result<delivery>& out, tries which) noexcept {
    if (!may_try(socket, which, want::in)) return awaits::message;
    if (socket.recv_now(*out)) [[likely]]
        return awaits::nothing;
    return guarded(out, [&] {
        const status received = socket.recv(*out, at_once, no_stop);
        return received ? awaits::nothing : settled(out, result<delivery>{received.error()}, awaits::message);
    });
}

awaits recv_many_call::operator()(plain_socket& socket, result<std::size_t>& count, tries which) noexcept {
    if (!may_try(socket, which, want::in)) return awaits::message;
    return guarded(count, [&] { return settled(count, socket.recv_many(out, at_once, no_stop), awaits::message); });
}

awaits send_bytes_call::operator()(plain_socket& socket, result<receipt>& out, tries which) noexcept {
    if (!may_try(socket, which, want::out)) return awaits::room;
    if (body.size() <= socket.frame_bytes_max() && socket.send_now(body, *out)) [[likely]]
        return awaits::nothing;
    return guarded(out, [&] {
        if (socket.engine() != nullptr)
            return settled(out, socket.send_linked({.body = body}, at_once, no_stop), awaits::room);
        const status sent = socket.send({std::span{&body, 1}}, at_once, no_stop);
        return sent ? awaits::nothing : settled(out, result<receipt>{sent.error()}, awaits::room);
    });
}

awaits send_message_call::operator()(plain_socket& socket, result<receipt>& out, tries which) noexcept {
    if (!may_try(socket, which, want::out)) return awaits::room;
    return guarded(out, [&] {
        if (socket.engine() != nullptr) {
            const record_of record{whole};
            return settled(out, socket.send_linked(record.parts(), at_once, no_stop), awaits::room);
        }
        outgoing_message framed{whole};
        framed.may_move();
        const status sent = socket.send(framed.frames(), at_once, no_stop);
        return sent ? awaits::nothing : settled(out, result<receipt>{sent.error()}, awaits::room);
    });
}

}  // namespace godwit::detail
