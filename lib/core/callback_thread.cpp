#include "core/callback_thread.hpp"

#include <system_error>
#include <utility>

#include "base/system_error.hpp"
#include "core/signals_blocked.hpp"

namespace godwit::detail {

callback_thread::callback_thread(std::unique_ptr<async_desk> desk) noexcept : desk_{std::move(desk)} {}

result<std::shared_ptr<callback_thread>> callback_thread::start() {
    auto desk = async_desk::make();
    if (!desk) return desk.error();
    auto made = std::make_shared<callback_thread>(std::move(*desk));
    made->ended_.expect();
    try {
        const signals_blocked quiet;
        made->thread_ = std::thread{[made] { made->run(); }};
    } catch (const std::system_error& failure) {
        return system_error("cannot start the callback thread", failure.code().value());
    }
    return made;
}

callback_thread::~callback_thread() {
    // The thread holds a reference: when the last one goes on the thread itself, there is nobody to join it.
    if (thread_.joinable()) thread_.detach();
}

bool callback_thread::here() const noexcept {
    return id_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

bool callback_thread::post(task what) {
    bool first = false;
    {
        const std::lock_guard hold{lock_};
        if (finishing_ || tasks_.size() >= tasks_max) return false;
        tasks_.push_back(std::move(what));
        first = tasks_.size() == 1;
    }
    if (first && !here()) desk_->wake();
    return true;
}

void callback_thread::finish() {
    {
        const std::lock_guard hold{lock_};
        finishing_ = true;
    }
    desk_->wake();
}

status callback_thread::wait_finished(std::chrono::steady_clock::time_point deadline) {
    if (here()) return {};
    const status ended = ended_.wait_until(deadline);
    const std::lock_guard hold{lock_};
    if (ended && thread_.joinable()) thread_.join();
    return ended;
}

void callback_thread::run() {
    id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    while (run_tasks()) desk_->turn(idle());
    desk_->end();
    ended_.finished(true);
}

bool callback_thread::idle() {
    const std::lock_guard hold{lock_};
    return tasks_.empty() && !finishing_;
}

bool callback_thread::run_tasks() {
    std::unique_lock hold{lock_};
    for (std::size_t left = tasks_.size(); left > 0; --left) {
        task next = std::move(tasks_.front());
        tasks_.pop_front();
        hold.unlock();
        try {
            next();
        } catch (...) {
            // Nobody is there to whom it could be told.
        }
        next = nullptr;  // what it holds goes without the lock
        hold.lock();
    }
    return !finishing_ || !tasks_.empty();
}

}  // namespace godwit::detail
