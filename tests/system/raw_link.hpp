// raw_link: a stream connection on which the bytes of ZMTP are written by hand: what a stranger sends.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/expect.hpp"

namespace system_tests {

using namespace conformance;

inline std::string greeting(std::string_view mechanism = "NULL") {
    std::string bytes(64, '\0');
    bytes[0] = '\xff';
    bytes[9] = '\x7f';
    bytes[10] = 3;
    mechanism.copy(&bytes[12], mechanism.size());
    return bytes;
}

inline std::string long_length(std::uint64_t size) {
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(size >> (56 - 8 * i));
    return bytes;
}

enum frame_flags : char { last = 0, more = 1, command = 4 };

inline std::string frame_header(std::uint64_t size, char flags = last) {
    return std::string{static_cast<char>(flags | 2)} + long_length(size);
}
inline std::string frame(std::string_view body, char flags = last) {
    return frame_header(body.size(), flags) + std::string{body};
}

inline std::string ready(std::string_view type) {
    std::string body = std::string{"\x05READY\x0bSocket-Type", 18} + std::string(3, '\0');
    body += static_cast<char>(type.size());
    body += type;
    return std::string{'\x04', static_cast<char>(body.size())} + body;
}

class raw_link {
public:
    // "tcp://127.0.0.1:PORT" or "ipc://PATH".
    explicit raw_link(const std::string& url) {
        sockaddr_storage name{};
        socklen_t size = 0;
        if (url.starts_with("tcp://")) {
            auto& in = reinterpret_cast<sockaddr_in&>(name);
            in.sin_family = AF_INET;
            in.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
            in.sin_port = ::htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
            size = sizeof in;
        } else {
            auto& un = reinterpret_cast<sockaddr_un&>(name);
            un.sun_family = AF_UNIX;
            url.substr(6).copy(un.sun_path, sizeof un.sun_path - 1);
            size = sizeof un;
        }
        fd_ = ::socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        timeval limit{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&name), size) == 0);
    }
    raw_link(raw_link&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    ~raw_link() {
        if (fd_ >= 0) ::close(fd_);
    }

    // False: the link is ended, or nobody reads it for 20 s.
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto done = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (done <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(done));
        }
        return true;
    }
    // Like a well-behaved peer, which says nothing more before the other side is ready. False: it refuses.
    bool shake_hands(std::string_view type) {
        std::string answer(64 + 2, '\0');
        if (!write(greeting() + ready(type)) || !read(answer)) return false;
        std::string rest(static_cast<unsigned char>(answer.back()), '\0');
        return read(rest) && rest.starts_with("\x05READY");
    }
    bool read(std::string& whole) {
        const auto got = ::recv(fd_, whole.data(), whole.size(), MSG_WAITALL);
        return got == static_cast<ssize_t>(whole.size());
    }

    // Reads and forgets until the other side ends it.
    bool ended(std::chrono::milliseconds limit = soon) {
        const auto end = std::chrono::steady_clock::now() + limit;
        char buffer[4096];
        while (true) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            pollfd ready{fd_, POLLIN, 0};
            if (left.count() < 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return false;
            if (::recv(fd_, buffer, sizeof buffer, 0) <= 0) return true;
        }
    }

private:
    int fd_ = -1;
};

}  // namespace system_tests
