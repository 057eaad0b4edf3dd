// tcp_address: turns the host of a tcp endpoint into numbers that libzmq is given, so that libzmq never interprets one:
// addresses, interface names, localhost and * to bind; any name to connect. Judges whether it stays on this machine.
// Threads: stateless. May block while a name is resolved.
#pragma once
#include <string>

#include "base/endpoint.hpp"

namespace godwit::detail {

// Sets where.numeric and returns whether it stays on this machine: 127/8, ::1 or ::ffff:127/104, or not tcp at all.
// `not_found` for a host or interface that does not exist here; v4 addresses are preferred to v6 ones.
GODWIT_EXPORT result<bool> resolve(endpoint& where, direction use);

}  // namespace godwit::detail
