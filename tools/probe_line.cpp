#include "probe_line.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "failure.hpp"

namespace tool {

probe_line::outcome probe_line::dial(const place& where, clock::time_point deadline) {
    socket_ = descriptor{::socket(where.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    received_.clear();
    if (!socket_.is_open()) return fail(errno);
    const auto* address = reinterpret_cast<const sockaddr*>(&where.address);
    if (::connect(socket_.get(), address, where.size) == 0) return outcome::done;
    // A full queue of a unix socket cannot be waited for.
    if (errno == EAGAIN) return outcome::timed_out;
    if (errno != EINPROGRESS) return fail(errno);
    if (const outcome waited = wait(POLLOUT, deadline); waited != outcome::done) return waited;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? outcome::done : fail(error);
}

probe_line::outcome probe_line::accept(const descriptor& listener, clock::time_point deadline) {
    if (const outcome waited = wait(listener.get(), -1, POLLIN, deadline); waited != outcome::done) return waited;
    socket_ = descriptor{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    received_.clear();
    return socket_.is_open() ? outcome::done : fail(errno);
}

probe_line::outcome probe_line::write(std::string_view bytes, clock::time_point deadline) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            if (const outcome waited = wait(POLLOUT, deadline); waited != outcome::done) return waited;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return outcome::ended;
        } else if (errno != EINTR) {
            return fail(errno);
        }
    }
    return outcome::done;
}

probe_line::outcome probe_line::read_until(const std::function<bool(std::string_view)>& enough, std::size_t bytes_max,
                                           clock::time_point deadline) {
    while (!enough(received_) && received_.size() < bytes_max) {
        if (const outcome waited = wait(POLLIN, deadline); waited != outcome::done) return waited;
        if (const outcome read = read_once(bytes_max); read != outcome::done) return read;
    }
    return outcome::done;
}

probe_line::outcome probe_line::read_either(probe_line& one, probe_line& other, std::size_t bytes_max,
                                            clock::time_point deadline) {
    const outcome waited = one.wait(one.socket_.get(), other.socket_.get(), POLLIN, deadline);
    if (waited != outcome::done) return waited;
    const outcome first = one.read_once(bytes_max);
    const outcome second = other.read_once(bytes_max);
    return second != outcome::done ? second : first;
}

probe_line::outcome probe_line::read_once(std::size_t bytes_max) {
    std::array<char, 4096> block;
    if (received_.size() >= bytes_max) return outcome::ended;
    const ssize_t count = ::recv(socket_.get(), block.data(), std::min(block.size(), bytes_max - received_.size()), 0);
    if (count > 0) {
        received_.append(block.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno == ECONNRESET) {
        return outcome::ended;
    } else if (errno != EINTR && errno != EAGAIN) {
        return fail(errno);
    }
    return outcome::done;
}

probe_line::outcome probe_line::wait(int descriptor, int other, short what, clock::time_point deadline) const {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
        std::array<pollfd, 3> waits{
            {{descriptor, what, 0}, {interrupted_.readable_when_raised(), POLLIN, 0}, {other, what, 0}}};
        const int ready = ::poll(waits.data(), waits.size(), static_cast<int>(std::clamp<long>(left, 0, 3'600'000)));
        if (ready > 0 && waits[1].revents != 0) throw failure{exit_failed, "interrupted before anything was known"};
        if (ready > 0) return outcome::done;
        if (ready == 0 && clock::now() >= deadline) return outcome::timed_out;
    }
}

}  // namespace tool
