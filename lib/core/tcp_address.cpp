#include "core/tcp_address.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <optional>

namespace godwit::detail {

namespace {

struct number {
    bool is_v6 = false;
    in_addr v4{};
    in6_addr v6{};
};

std::optional<number> parse_number(const std::string& host) {
    number parsed;
    if (::inet_pton(AF_INET, host.c_str(), &parsed.v4) == 1) return parsed;
    parsed.is_v6 = true;
    if (::inet_pton(AF_INET6, host.c_str(), &parsed.v6) == 1) return parsed;
    return std::nullopt;
}

std::optional<number> from_socket_address(const sockaddr* address) {
    number taken;
    if (address == nullptr) return std::nullopt;
    if (address->sa_family == AF_INET) {
        std::memcpy(&taken.v4, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, sizeof taken.v4);
        return taken;
    }
    if (address->sa_family != AF_INET6) return std::nullopt;
    taken.is_v6 = true;
    std::memcpy(&taken.v6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, sizeof taken.v6);
    return taken;
}

std::optional<number> of_interface(const std::string& name) {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owned{list, ::freeifaddrs};
    std::optional<number> best;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (name != one->ifa_name) continue;
        const auto found = from_socket_address(one->ifa_addr);
        if (found && (!best || (best->is_v6 && !found->is_v6))) best = found;
    }
    return best;
}

bool on_loopback(const number& which) {
    if (!which.is_v6) return (ntohl(which.v4.s_addr) >> 24) == 127;
    return IN6_IS_ADDR_LOOPBACK(&which.v6) || (IN6_IS_ADDR_V4MAPPED(&which.v6) && which.v6.s6_addr[12] == 127);
}

std::string spell(const number& which) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* const raw = which.is_v6 ? static_cast<const void*>(&which.v6) : &which.v4;
    return ::inet_ntop(which.is_v6 ? AF_INET6 : AF_INET, raw, text, sizeof text);
}

std::string in_url(const number& which) { return which.is_v6 ? "[" + spell(which) + "]" : spell(which); }

}  // namespace

std::string look_up_host(const std::string& host) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &wanted, &list) != 0) return {};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned{list, ::freeaddrinfo};
    std::optional<number> best;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        const auto found = from_socket_address(one->ai_addr);
        if (found && (!best || (best->is_v6 && !found->is_v6))) best = found;
    }
    return best ? spell(*best) : std::string{};
}

bool has_host_name(const endpoint& where) {
    return where.kind == transport::tcp && where.address != "localhost" && where.address != "*" &&
           !parse_number(where.address);
}

result<bool> resolve(endpoint& where, direction use, const host_lookup& ask) {
    if (where.kind != transport::tcp) return true;
    const std::string port = where.any_port ? "*" : std::to_string(where.port);
    if (where.address == "*") return where.numeric = "tcp://*:" + port, false;
    auto found = parse_number(where.address);
    if (!found && where.address == "localhost") found = parse_number("127.0.0.1");
    if (!found) found = use == direction::bind ? of_interface(where.address) : parse_number(ask(where.address));
    if (!found) {
        return error{errc::not_found, where.url(),
                     use == direction::bind ? "no interface of this machine has that name; bind to an address, an "
                                              "interface name, localhost or *"
                                            : "the host name does not resolve; check it, or give an address"};
    }
    where.numeric = "tcp://" + in_url(*found) + ":" + port;
    return on_loopback(*found);
}

}  // namespace godwit::detail
