#include "core/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace godwit::detail {

namespace {

std::string of_process(int descriptor) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return "unknown";
    return "pid " + std::to_string(who.pid) + " uid " + std::to_string(who.uid);
}

std::string of_v6(const sockaddr_in6& address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
        ::inet_ntop(AF_INET, &address.sin6_addr.s6_addr[12], text, sizeof text);
        return std::string{text} + ":" + std::to_string(ntohs(address.sin6_port));
    }
    ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
    return std::string{'['}.append(text).append("]:").append(std::to_string(ntohs(address.sin6_port)));
}

}  // namespace

std::string peer_address(int descriptor) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (descriptor < 0 || ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&name), &size) != 0) return "unknown";
    if (name.ss_family == AF_UNIX) return of_process(descriptor);
    if (name.ss_family == AF_INET6) return of_v6(reinterpret_cast<const sockaddr_in6&>(name));
    if (name.ss_family != AF_INET) return "unknown";
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string{text} + ":" + std::to_string(ntohs(v4.sin_port));
}

}  // namespace godwit::detail
