// peer_address: who is at the other end of a connected socket, in words: "192.0.2.1:40123", "pid 71 uid 1000".
#pragma once
#include <string>

namespace godwit::detail {

std::string peer_address(int descriptor);  // "unknown" when it cannot be told

}  // namespace godwit::detail
