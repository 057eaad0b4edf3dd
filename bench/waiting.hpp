// How the receiving end of a flood sleeps: in its call, in an epoll of its own on the socket's descriptor, or in a poller.
#pragma once
#include <godwit/godwit.hpp>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

#include "arguments.hpp"

namespace bench {

class waiting {
public:
    waiting(godwit::socket& on, how_to_wait how) : how_{how} {
        if (how == how_to_wait::in_poller) poller_.add(on, godwit::interest::recv).value();
        if (how != how_to_wait::in_epoll) return;
        epoll_event event{};
        event.events = EPOLLIN;
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, on.descriptor().value(), &event) != 0) fail("no epoll");
    }
    waiting(const waiting&) = delete;
    ~waiting() {
        if (epoll_ >= 0) ::close(epoll_);
    }

    // Sleeps until a recv that got nothing may get something.
    void sleep() {
        epoll_event event{};
        godwit::ready row;
        if (how_ == how_to_wait::in_poller) poller_.wait({&row, 1}).value();
        while (how_ == how_to_wait::in_epoll && ::epoll_wait(epoll_, &event, 1, -1) < 0 && errno == EINTR) {}
    }

private:
    const how_to_wait how_;
    int epoll_ = -1;
    godwit::poller poller_;
};

}  // namespace bench
