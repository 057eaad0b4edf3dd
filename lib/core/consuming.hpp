// consume: the pool of threads that pull and sub share.
#pragma once
#include "core/plain_socket.hpp"
#include "godwit/consume.hpp"

namespace godwit::detail {

status consume(plain_socket& socket, const consume_handler& handler, const consume_options& options);

}  // namespace godwit::detail
