// consume: the pool of threads that pull and sub share.
#pragma once
#include "core/plain_socket.hpp"
#include "godwit/consume.hpp"

namespace godwit::detail {

// Whether this thread is in a handler that has not settled its message of that socket yet.
bool has_in_hand(const plain_socket& socket) noexcept;

status consume(plain_socket& socket, const consume_handler& handler, const consume_options& options);

}  // namespace godwit::detail
