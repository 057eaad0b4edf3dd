// farewell: what a closed socket's carriers still have to do, and waiting for it. Threads: thread-safe.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "godwit/result.hpp"

namespace godwit::detail {

class farewell {
public:
    void expect() {
        const std::lock_guard hold{lock_};
        ++open_;
    }
    void finished(bool all_went_out) {
        const std::lock_guard hold{lock_};
        --open_;
        complete_ = complete_ && all_went_out;
        changed_.notify_all();
    }
    // `timed_out` when something was not finished by then, or was given up.
    status wait_until(std::chrono::steady_clock::time_point deadline) {
        std::unique_lock hold{lock_};
        const auto ended = [this] { return open_ == 0; };
        if (deadline == std::chrono::steady_clock::time_point::max()) {
            changed_.wait(hold, ended);
        } else {
            changed_.wait_until(hold, deadline, ended);
        }
        if (open_ == 0 && complete_) return {};
        return error{errc::timed_out, "close", "what had not gone out by then was given up"};
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    // Guarded by lock_:
    int open_ = 0;
    bool complete_ = true;
};

}  // namespace godwit::detail
