// callback_thread: the one thread of a context on which user code runs that no caller brought: log sinks, judges of who
// may come in, coroutines that were suspended. Started by the first of them. User code that blocks here holds up only
// the rest of it.
// Threads: thread-safe; its lock is a leaf, taken anywhere.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "core/async_desk.hpp"
#include "core/farewell.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class GODWIT_EXPORT callback_thread {
public:
    using task = std::function<void()>;
    static constexpr std::size_t tasks_max = 4096;

    static result<std::shared_ptr<callback_thread>> start();  // `no_resources`

    // Has `what` run after the tasks before it; what it throws is dropped. False: too many wait, or it has been finished.
    bool post(task what);
    bool here() const noexcept;  // called on it?
    async_desk& desk() noexcept { return *desk_; }

    // Runs what has been posted, and ends. Idempotent, does not wait.
    void finish();
    status wait_finished(std::chrono::steady_clock::time_point deadline);  // ok at once on the thread itself

    explicit callback_thread(std::unique_ptr<async_desk> desk) noexcept;
    ~callback_thread();

private:
    void run();
    bool run_tasks();  // those that are there; false: it was the last time
    bool idle();

    const std::unique_ptr<async_desk> desk_;
    std::mutex lock_;
    // Guarded by lock_:
    std::deque<task> tasks_;
    bool finishing_ = false;

    farewell ended_;
    std::atomic<std::thread::id> id_{};
    std::thread thread_;
};

}  // namespace godwit::detail
