// receive: one delivery from a socket, built in place: what pull and sub share.
#pragma once
#include "base/block.hpp"
#include "core/no_stop.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

// Apart, so that the short way keeps few registers.
[[gnu::noinline, gnu::cold]] inline void receive_slowly(result<delivery>& received, plain_socket& socket, timeout limit,
                                                        const std::stop_token& stop) {
    if (auto waited = socket.recv(*received, limit, stop); !waited) received = waited.error();
}

inline result<delivery> receive(plain_socket& socket, timeout limit, const std::stop_token& stop) {
    result<delivery> received{std::in_place};
    if (!socket.recv_now(*received)) [[unlikely]]
        receive_slowly(received, socket, limit, stop);
    return received;
}

}  // namespace godwit::detail
