// task: the smallest coroutine type: starts at once, tells a future what it returns. And what goes with it.
#pragma once
#include <coroutine>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "conformance/expect.hpp"

namespace conformance {

class task {
public:
    struct promise_type {
        task get_return_object() { return task{*this}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_value(std::string seen) { result.set_value(std::move(seen)); }
        void unhandled_exception() { result.set_exception(std::current_exception()); }
        std::promise<std::string> result;
    };

    bool finished() const { return result_.wait_for(0s) == std::future_status::ready; }
    // What it returned; "still suspended" when it does not come in time; throws what it threw.
    std::string saw() {
        if (result_.wait_for(soon) != std::future_status::ready) return "still suspended";
        return result_.get();
    }
    std::coroutine_handle<> handle() const { return handle_; }  // while it is suspended

private:
    explicit task(promise_type& made)
        : result_{made.result.get_future()}, handle_{std::coroutine_handle<promise_type>::from_promise(made)} {}
    std::shared_future<std::string> result_;
    std::coroutine_handle<> handle_;
};

// The text that came, or the error's name.
template <class Socket>
task text_of(Socket& in, godwit::async_options options = {}) {
    auto got = co_await in.async_recv(std::move(options));
    co_return got ? std::string{got->text()} : outcome(got);
}

template <class Awaitable>
task outcome_of(Awaitable call) {
    auto got = co_await std::move(call);
    co_return outcome(got);
}

}  // namespace conformance
