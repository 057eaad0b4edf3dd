#include "place.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace tool {

namespace {

constexpr std::string_view ipc = "ipc://";
constexpr std::string_view tcp = "tcp://";
constexpr std::size_t places_max = 8;  // of one name

place place_of_path(std::string_view path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::copy_n(path.begin(), std::min(path.size(), sizeof name.sun_path - 1), name.sun_path);
    const bool is_abstract = path.starts_with('@');
    if (is_abstract) name.sun_path[0] = '\0';
    place result;
    std::memcpy(&result.address, &name, sizeof name);
    result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
    result.text = path;
    if (!is_abstract) result.path = path;
    return result;
}

std::string numeric(const sockaddr* address, socklen_t size) {
    char host[NI_MAXHOST] = {};
    char port[NI_MAXSERV] = {};
    if (::getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "?";
    }
    const bool is_six = address->sa_family == AF_INET6;
    return (is_six ? "[" + std::string{host} + "]" : std::string{host}) + ":" + port;
}

}  // namespace

places places_of(const std::string& url) {
    if (url.starts_with(ipc)) return {{place_of_path(std::string_view{url}.substr(ipc.size()))}, {}};
    const std::size_t colon = url.rfind(':');
    std::string host = url.substr(tcp.size(), colon - tcp.size());
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int failed = ::getaddrinfo(host.c_str(), url.substr(colon + 1).c_str(), &wanted, &list);
    if (failed != 0) return {{}, "the name " + host + " is not found: " + ::gai_strerror(failed)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{list, ::freeaddrinfo};
    places result;
    for (const addrinfo* each = list; each != nullptr && result.found.size() < places_max; each = each->ai_next) {
        place& one = result.found.emplace_back();
        std::memcpy(&one.address, each->ai_addr, each->ai_addrlen);
        one.size = each->ai_addrlen;
        one.text = numeric(each->ai_addr, each->ai_addrlen);
    }
    // As the library does: v4 addresses before v6 ones.
    std::stable_sort(result.found.begin(), result.found.end(), [](const place& left, const place& right) {
        return left.address.ss_family == AF_INET && right.address.ss_family != AF_INET;
    });
    return result;
}

}  // namespace tool
