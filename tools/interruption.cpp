#include "interruption.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>

#include "failure.hpp"

namespace tool {

namespace {

void make_readable(const descriptor& event) noexcept {
    const eventfd_t one = 1;
    eventfd_write(event.get(), one);
}

}  // namespace

interruption::interruption() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    signal_ = descriptor{signalfd(-1, &signals_, SFD_CLOEXEC)};
    raised_ = descriptor{eventfd(0, EFD_CLOEXEC)};
    finished_ = descriptor{eventfd(0, EFD_CLOEXEC)};
    if (!signal_.is_open() || !raised_.is_open() || !finished_.is_open()) {
        throw failure{exit_failed, "no file descriptors left: raise the limit (ulimit -n)"};
    }
    watcher_ = std::thread{[this] { watch(); }};
}

interruption::~interruption() {
    make_readable(finished_);
    watcher_.join();
}

void interruption::raise() noexcept {
    if (source_.request_stop()) make_readable(raised_);
}

void interruption::watch() {
    std::array<pollfd, 3> waits{{{signal_.get(), POLLIN, 0}, {raised_.get(), POLLIN, 0}, {finished_.get(), POLLIN, 0}}};
    while (::poll(waits.data(), waits.size(), -1) < 0) continue;
    if ((waits[0].revents & POLLIN) != 0) {
        signalfd_siginfo taken;
        [[maybe_unused]] const auto size = ::read(signal_.get(), &taken, sizeof taken);
        raise();
    }
    // From here on this thread is the one that lets a signal through, to its default action.
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    while (::poll(&waits[2], 1, -1) < 0) continue;
}

}  // namespace tool
