// host_names: host names and their addresses. Who must not wait for a name server has a thread ask it, that lives while
// there is something to ask: names one after the other, each at most once at a time.
// Threads: thread-safe; its lock is a leaf. A look-up that the system does not end outlives the context, and is harmless.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/tcp_address.hpp"

namespace godwit::detail {

class GODWIT_EXPORT host_names : public std::enable_shared_from_this<host_names> {
public:
    using told = std::function<void(const std::string& number)>;  // "": it does not resolve

    explicit host_names(host_lookup ask = look_up_host) : ask_{std::move(ask)} {}

    const host_lookup& system() const noexcept { return ask_; }  // may block
    // Calls `tell` on that thread; not when it is finished by then. False: there is no thread to be had.
    bool look_up_later(const std::string& host, told tell);
    void finish();

private:
    struct question {
        std::string host;
        std::vector<told> who;
    };
    bool start();  // lock held
    void run();

    const host_lookup ask_;
    std::mutex lock_;
    // Guarded by lock_:
    std::deque<question> questions_;  // the first one is being asked, while running_
    bool running_ = false;
    bool finished_ = false;
};

}  // namespace godwit::detail
