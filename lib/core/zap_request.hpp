// zap_request: what libzmq asks about somebody in the handshake (ZAP, rfc.zeromq.org/spec/27), parsed. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/key.hpp"

namespace godwit::detail {

struct zap_request {
    std::string_view id;
    std::string_view domain;
    std::string_view address;       // tcp: the IP address; ipc: "localhost:UID:GID:PID"
    std::optional<public_key> key;  // CURVE: proved to be its own. None: mechanism NULL
};

// Frames from the version on, which outlive the request. nullopt: malformed, or of another version or mechanism.
GODWIT_EXPORT std::optional<zap_request> parse_zap_request(std::span<const std::string> frames);

struct ipc_peer {
    unsigned uid;
    unsigned pid;
};
GODWIT_EXPORT std::optional<ipc_peer> parse_ipc_address(std::string_view address);

}  // namespace godwit::detail
