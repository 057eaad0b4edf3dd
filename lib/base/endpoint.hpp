// endpoint: a URL of ours, parsed strictly. Pure: resolves no name, touches no file.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

enum class transport : std::uint8_t { inproc, ipc, tcp };
enum class direction : std::uint8_t { bind, connect };

inline constexpr std::size_t ipc_path_bytes_max = 107;  // sockaddr_un, less its final NUL
inline constexpr std::size_t inproc_name_bytes_max = 255;
inline constexpr std::size_t host_bytes_max = 253;  // RFC 1035

struct endpoint {
    transport kind{};
    std::string address;       // inproc: name; ipc: path, or @name when abstract; tcp: host without brackets, or *
    std::uint16_t port = 0;    // tcp; 0 only together with any_port
    bool any_port = false;     // tcp bind to *, or to port 0: the system chooses
    std::string numeric = {};  // tcp: with the host as a number, once resolved

    bool is_abstract() const noexcept { return kind == transport::ipc && address.front() == '@'; }
    GODWIT_EXPORT std::string url() const;  // canonical: v6 hosts shortened and in brackets, any port as *
};

// Stricter than resolvers: numeric hosts are a.b.c.d, IPv6 is in brackets and without a zone, ports have neither sign
// nor leading zero. Fails with `invalid_endpoint`, the URL as its value (cut and escaped) and what is wrong as its
// advice.
GODWIT_EXPORT result<endpoint> parse_endpoint(std::string_view url, direction use);

}  // namespace godwit::detail
