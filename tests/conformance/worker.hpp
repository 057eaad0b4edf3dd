// worker: a thread that makes one call, and lets the test wait until that call blocks.
#pragma once
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "conformance/expect.hpp"

namespace conformance {

class worker {
public:
    // `call` returns what it saw, as outcome() does; it makes no assertions, they belong to the test's thread.
    explicit worker(std::function<std::string()> call)
        : thread_{[this, run = std::move(call)] {
              id_ = static_cast<int>(::syscall(SYS_gettid));
              done_.set_value(run());
          }} {}
    worker(worker&&) = delete;
    ~worker() {
        if (thread_.joinable()) thread_.join();
    }

    // Waits until the kernel says that the thread sleeps in a system call.
    bool blocks() const {
        return eventually([this] {
            if (id_ == 0) return false;
            std::ifstream stat{"/proc/self/task/" + std::to_string(id_) + "/stat"};
            std::string line;
            std::getline(stat, line);
            const auto name_end = line.rfind(')');
            return name_end != std::string::npos && line.size() > name_end + 2 && line[name_end + 2] == 'S';
        });
    }

    bool finished() const { return result_.wait_for(0s) == std::future_status::ready; }

    // What the call saw; "still blocked" when it does not return in time (the test then cannot end well).
    std::string saw() {
        if (result_.wait_for(soon) != std::future_status::ready) return "still blocked";
        return result_.get();
    }

private:
    std::atomic<int> id_{0};
    std::promise<std::string> done_;
    std::shared_future<std::string> result_{done_.get_future()};
    std::thread thread_;
};

}  // namespace conformance
