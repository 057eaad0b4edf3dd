// runner: the one background thread of a context that uses ipc, tcp or a reliable socket. It reads the monitors, answers authentication,
// tends sockets that no caller is in, and sees closed ones off. It never runs user code.
// Threads: thread-safe.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/accept_reserve.hpp"
#include "core/doorbell.hpp"
#include "core/link_watch.hpp"
#include "core/zmq_authenticator.hpp"
#include "core/zmq_watch.hpp"

namespace godwit::detail {

class runner {
public:
    // Fails with `no_resources`.
    static result<std::shared_ptr<runner>> start(void* zmq_context, zmq_authenticator&& authenticator);

    result<void> add(std::shared_ptr<zmq_watch> watch);
    result<void> add(std::shared_ptr<link_watch> watch);
    void forget(zmq_watch& watch);  // its socket is about to be closed
    void nudge() noexcept;          // a watch has something new to do
    const std::shared_ptr<admissions>& doors() const noexcept { return doors_; }
    // Ends when every watch is finished, then ends the libzmq context. Idempotent, does not wait.
    void finish();
    status wait_finished(std::chrono::steady_clock::time_point deadline);

    // Used by the runner's thread alone.
    const std::shared_ptr<accept_reserve>& reserve() const noexcept { return reserve_; }

    runner(void* zmq_context, zmq_authenticator&& authenticator, unique_fd poll, std::shared_ptr<doorbell> bell,
           std::shared_ptr<accept_reserve> reserve);
    ~runner();

private:
    void run();
    bool take_added(std::chrono::steady_clock::time_point now);
    void serve_once(std::chrono::steady_clock::time_point& next, bool& finishing);
    void arm(const zmq_watch& watch, int operation);
    std::chrono::steady_clock::time_point step_links(std::chrono::steady_clock::time_point now);
    void serve(std::uint64_t tag, std::chrono::steady_clock::time_point now);
    int pause_until(std::chrono::steady_clock::time_point next) const;
    zmq_authenticator::preparation prepare(std::chrono::steady_clock::time_point now);
    std::chrono::steady_clock::time_point step_all(std::chrono::steady_clock::time_point now);

    void* const zmq_context_;
    const unique_fd poll_;
    const std::shared_ptr<doorbell> bell_;
    const std::shared_ptr<admissions> doors_;
    const std::shared_ptr<accept_reserve> reserve_;
    std::optional<zmq_authenticator> authenticator_;   // the thread's
    std::vector<std::shared_ptr<zmq_watch>> current_;  // the thread's
    std::vector<std::shared_ptr<link_watch>> links_;   // the thread's
    // The thread's: when to take a part of the reserve back.
    std::chrono::steady_clock::time_point reserve_due_ = std::chrono::steady_clock::time_point::max();

    std::mutex lock_;
    // Guarded by lock_:
    std::vector<std::shared_ptr<zmq_watch>> added_;
    std::vector<std::shared_ptr<link_watch>> added_links_;
    bool finishing_ = false;

    farewell ended_;
    std::thread thread_;
};

}  // namespace godwit::detail
