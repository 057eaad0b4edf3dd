// Our sockets as the command line wants them: plain, or with ack_retry.
#pragma once
#include <godwit/ack_retry.hpp>
#include <godwit/godwit.hpp>

#include "arguments.hpp"

namespace bench {

template <class Socket>
Socket make(godwit::context& context, const arguments& args, const godwit::socket_options& options) {
    return args.ack ? Socket{context, godwit::ack_retry{}, options} : Socket{context, options};
}

}  // namespace bench
