// interruption: SIGINT and SIGTERM as a stop token, and as a descriptor for poll(). The first signal asks to end, a
// second one kills as usual, so that nobody has to wait out a linger. SIGPIPE is ignored: writing reports it.
// Make one before any other thread, so that all of them inherit the mask. One per process.
#pragma once
#include <csignal>
#include <stop_token>
#include <thread>

#include "descriptor.hpp"

namespace tool {

class interruption {
public:
    interruption();
    ~interruption();

    std::stop_token token() const noexcept { return source_.get_token(); }
    int readable_when_raised() const noexcept { return raised_.get(); }
    bool is_raised() const noexcept { return source_.stop_requested(); }
    void raise() noexcept;  // as a signal would; from any thread, any number of times

private:
    void watch();

    sigset_t signals_;
    descriptor signal_;
    descriptor raised_;
    descriptor finished_;
    std::stop_source source_;
    std::thread watcher_;
};

}  // namespace tool
