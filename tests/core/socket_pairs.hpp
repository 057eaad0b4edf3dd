// socket_pairs: real connected sockets for the tests that need descriptors with a peer, and counting what is open.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "base/unique_fd.hpp"

namespace godwit::testing {

using detail::unique_fd;

struct socket_pair {
    unique_fd near;
    unique_fd far;
};

inline socket_pair unix_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
        throw std::runtime_error{"socketpair"};
    }
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

inline socket_pair tcp_pair() {
    unique_fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    auto* const address = reinterpret_cast<sockaddr*>(&name);
    if (::bind(listener.get(), address, size) != 0 || ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), address, &size) != 0) {
        throw std::runtime_error{"listen"};
    }
    unique_fd dialling{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (::connect(dialling.get(), address, size) != 0) throw std::runtime_error{"connect"};
    unique_fd accepted{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    return {std::move(accepted), std::move(dialling)};
}

inline std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
}

}  // namespace godwit::testing
