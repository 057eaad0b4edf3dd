// Which of our patterns fit a peer of which ZeroMQ socket type.
#pragma once
#include <string_view>
#include <vector>

namespace tool {

// The likeliest first; none for a type that no pattern of ours can talk to. Our req is a DEALER, our rep a ROUTER.
inline std::vector<std::string_view> patterns_for(std::string_view socket_type) {
    if (socket_type == "PUSH") return {"pull"};
    if (socket_type == "PULL") return {"push"};
    if (socket_type == "PUB" || socket_type == "XPUB") return {"sub"};
    if (socket_type == "SUB" || socket_type == "XSUB") return {"pub"};
    if (socket_type == "REP") return {"req"};
    if (socket_type == "REQ") return {"rep"};
    if (socket_type == "ROUTER") return {"req", "rep"};
    if (socket_type == "DEALER") return {"rep", "req"};
    return {};
}

}  // namespace tool
