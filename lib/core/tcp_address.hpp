// tcp_address: turns the host of a tcp endpoint into numbers that libzmq is given, so that libzmq never interprets one:
// addresses, interface names, localhost and * to bind; any name to connect. Judges whether it stays on this machine.
// Threads: stateless. May block while a name is resolved.
#pragma once
#include <functional>
#include <string>

#include "base/endpoint.hpp"

namespace godwit::detail {

// Sets where.numeric and returns whether it stays on this machine: 127/8, ::1 or ::ffff:127/104, or not tcp at all.
// `not_found` for a host or interface that does not exist here; v4 addresses are preferred to v6 ones. `ask` finds the
// number of a host's name.
using host_lookup = std::function<std::string(const std::string& host)>;
GODWIT_EXPORT std::string look_up_host(const std::string& host);  // the system's; "": it does not resolve
GODWIT_EXPORT result<bool> resolve(endpoint& where, direction use, const host_lookup& ask = look_up_host);

// Whether a name server is asked for it: tcp, and neither a number nor localhost.
GODWIT_EXPORT bool has_host_name(const endpoint& where);

}  // namespace godwit::detail
