#include "core/lamp.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>

#include "base/system_error.hpp"
#include "core/epoll_error.hpp"

namespace godwit::detail {

result<std::unique_ptr<lamp>> lamp::make(int bell) {
    unique_fd poll{::epoll_create1(EPOLL_CLOEXEC)};
    if (!poll) return system_error("epoll_create1", errno);
    unique_fd glow{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!glow) return system_error("eventfd", errno);
    const int own = glow.get();
    auto made = std::make_unique<lamp>(std::move(poll), std::move(glow));
    for (const int each : {own, bell}) {
        if (auto watched = made->watch(each); !watched) return watched.error();
    }
    return made;
}

status lamp::watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) return epoll_error(errno);
    return {};
}

void lamp::light() noexcept {
    if (std::exchange(lit_, true)) return;
    const std::uint64_t one = 1;
    while (::write(glow_.get(), &one, sizeof one) < 0 && errno == EINTR) {}
}

void lamp::darken() noexcept {
    if (!std::exchange(lit_, false)) return;
    std::uint64_t glowed = 0;
    while (::read(glow_.get(), &glowed, sizeof glowed) < 0 && errno == EINTR) {}
}

}  // namespace godwit::detail
