#include "godwit/c/socket.h"
#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "c/options.hpp"

namespace godwit::c {

namespace {

template <class P>
std::uint64_t open_as(context& home, const socket_parts& parts) {
    return parts.is_plain() ? tables().sockets.add(P{home, parts.options}) : tables().sockets.add(P{home, parts});
}

std::uint64_t open_socket(context& home, std::int32_t pattern, const socket_parts& parts) {
    switch (pattern) {
        case GODWIT_PUSH:
            return open_as<push>(home, parts);
        case GODWIT_PULL:
            return open_as<pull>(home, parts);
        case GODWIT_PUB:
            return open_as<pub>(home, parts);
        case GODWIT_SUB:
            return open_as<sub>(home, parts);
        case GODWIT_REQ:
            return open_as<req>(home, parts);
        case GODWIT_REP:
            return open_as<rep>(home, parts);
        default:
            throw error{errc::invalid_argument, "pattern " + std::to_string(pattern),
                        "one of GODWIT_PUSH to GODWIT_REP"};
    }
}

static_assert(static_cast<int>(interest::recv) == GODWIT_FOR_RECV &&
              static_cast<int>(interest::send) == GODWIT_FOR_SEND);

template <class Call>
godwit_status with_socket(godwit_socket handle, godwit_error* error, Call&& call) noexcept {
    return guarded(error, [&]() -> status {
        const auto found = tables().sockets.at(handle.id);
        return call(found->common());
    });
}

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

godwit_status godwit_socket_open(godwit_context context, int32_t pattern, const godwit_socket_options* options,
                                 godwit_socket* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto home = tables().contexts.at(context.id);
        godwit_socket& into = needed(out, "out");
        into.id = open_socket(**home, pattern, socket_parts{options});
        return {};
    });
}

godwit_status godwit_socket_close(godwit_socket socket, int64_t timeout_ns, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.retired(socket.id);
        if (!found) return {};
        godwit::socket& closing = (*found)->common();
        return timeout_ns == GODWIT_LINGER ? closing.close() : closing.close(timeout_of(timeout_ns));
    });
}

godwit_status godwit_bind(godwit_socket socket, godwit_bytes url, godwit_message* bound, godwit_error* error) {
    return with_socket(socket, error, [&](godwit::socket& found) -> godwit::status {
        const auto where = found.bind(text_of(url));
        if (!where) return where.error();
        if (bound != nullptr) *bound = hand_out(*where);
        return {};
    });
}

godwit_status godwit_connect(godwit_socket socket, godwit_bytes url, godwit_error* error) {
    return with_socket(socket, error, [&](godwit::socket& found) { return found.connect(text_of(url)); });
}

godwit_status godwit_unbind(godwit_socket socket, godwit_bytes url, godwit_error* error) {
    return with_socket(socket, error, [&](godwit::socket& found) { return found.unbind(text_of(url)); });
}

godwit_status godwit_disconnect(godwit_socket socket, godwit_bytes url, godwit_error* error) {
    return with_socket(socket, error, [&](godwit::socket& found) { return found.disconnect(text_of(url)); });
}

godwit_status godwit_subscribe(godwit_socket socket, godwit_bytes prefix, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return found->as<godwit::sub>().subscribe(text_of(prefix));
    });
}

godwit_status godwit_unsubscribe(godwit_socket socket, godwit_bytes prefix, godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return found->as<godwit::sub>().unsubscribe(text_of(prefix));
    });
}

godwit_status godwit_wait_for_peers(godwit_socket socket, size_t count, int64_t timeout_ns, godwit_error* error) {
    return with_socket(socket, error,
                       [&](godwit::socket& found) { return found.wait_for_peers(count, timeout_of(timeout_ns)); });
}

godwit_status godwit_wait_for_subscribers(godwit_socket socket, godwit_bytes topic, size_t count, int64_t timeout_ns,
                                          godwit_error* error) {
    return guarded(error, [&] {
        const auto found = tables().sockets.at(socket.id);
        return found->as<godwit::pub>().wait_for_subscribers(text_of(topic), count, timeout_of(timeout_ns));
    });
}

godwit_status godwit_descriptor(godwit_socket socket, int32_t interest, int* out, godwit_error* error) {
    return with_socket(socket, error, [&](godwit::socket& found) -> godwit::status {
        int& into = needed(out, "out");
        if (interest != GODWIT_FOR_RECV && interest != GODWIT_FOR_SEND)
            return godwit::error{godwit::errc::invalid_argument, "interest " + std::to_string(interest),
                                 "GODWIT_FOR_RECV or GODWIT_FOR_SEND"};
        const auto made = found.descriptor(static_cast<godwit::interest>(interest));
        if (!made) return made.error();
        into = *made;
        return {};
    });
}
