// made_socket: a socket as the command line says: plain, or with the ack_retry module.
#pragma once
#include "godwit/ack_retry.hpp"
#include "godwit/context.hpp"
#include "options.hpp"
#include "settings.hpp"

namespace tool {

// `modules` are further ones for the reliable socket.
template <class Socket, class... M>
Socket made_socket(godwit::context& context, const options& options, const godwit::socket_options& settings,
                   const M&... modules) {
    if (!options.ack) return Socket{context, settings};
    return Socket{context, ack_retry_of(options), settings, modules...};
}

template <class Socket>
Socket made_socket(godwit::context& context, const options& options) {
    return made_socket<Socket>(context, options, settings_of(options));
}

}  // namespace tool
