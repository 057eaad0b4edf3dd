// no_pipe_signal: inside its scope a write to a connection that has broken raises no SIGPIPE: hiredis writes without asking
// for that. One that was pending before stays so. Threads: for the one that makes it.
#pragma once
#include <pthread.h>
#include <signal.h>
#include <time.h>

namespace godwit::detail {

class no_pipe_signal {
public:
    no_pipe_signal() noexcept {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        was_pending_ = is_pending();
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~no_pipe_signal() {
        const timespec at_once{};
        if (!was_pending_ && is_pending()) ::sigtimedwait(&pipe_, nullptr, &at_once);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    no_pipe_signal(const no_pipe_signal&) = delete;
    no_pipe_signal& operator=(const no_pipe_signal&) = delete;

private:
    static bool is_pending() noexcept {
        sigset_t all;
        ::sigemptyset(&all);
        return ::sigpending(&all) == 0 && ::sigismember(&all, SIGPIPE) == 1;
    }
    sigset_t pipe_, before_;
    bool was_pending_ = false;
};

}  // namespace godwit::detail
