// A foreign event loop: bare epoll, and asking a single descriptor.
#pragma once
#include <poll.h>
#include <sys/epoll.h>

#include "base/unique_fd.hpp"
#include "test_main.hpp"

namespace conformance {

inline constexpr int soon_ms = 20'000;

inline bool readable(int descriptor, int patience_ms = soon_ms) {
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, patience_ms) == 1 && (watched.revents & POLLIN) != 0;
}
inline bool readable_now(int descriptor) { return readable(descriptor, 0); }

class epoll_loop {
public:
    void add(int descriptor, std::uint32_t events = EPOLLIN) {
        epoll_event event{};
        event.events = events;
        event.data.fd = descriptor;
        if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) FAIL("epoll_ctl");
    }
    // The descriptor; -1: nothing in time.
    int next(int patience_ms = soon_ms) {
        epoll_event event{};
        return ::epoll_wait(poll_.get(), &event, 1, patience_ms) == 1 ? event.data.fd : -1;
    }

private:
    godwit::detail::unique_fd poll_{::epoll_create1(EPOLL_CLOEXEC)};
};

}  // namespace conformance
