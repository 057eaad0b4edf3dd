#include "core/received_bytes.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>

namespace godwit::detail {

std::optional<std::uint64_t> received_bytes(int descriptor) noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    if (size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return std::nullopt;
    return info.tcpi_bytes_received;
}

std::optional<std::uint64_t> taken_bytes(int descriptor) noexcept {
    const auto received = received_bytes(descriptor);
    if (!received) return received;
    int unread = 0;
    if (::ioctl(descriptor, FIONREAD, &unread) != 0) return received;
    return *received - std::min(*received, static_cast<std::uint64_t>(std::max(unread, 0)));
}

}  // namespace godwit::detail
