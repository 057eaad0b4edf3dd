// asio_turn: how outcomes come to the handlers of godwit/asio.hpp. What a handler starts, and is settled at once, goes on when
// that handler has returned, on the same executor, without a round through the io_context, which costs more than the
// message. Not for users.
#pragma once
#include <asio/associated_allocator.hpp>
#include <asio/associated_executor.hpp>
#include <asio/defer.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "godwit/asio_error.hpp"
#include "godwit/result.hpp"

namespace godwit::asio::detail {

// Completions of one type, one after the other on a thread's stack. `Completion` has get_executor() and complete().
template <class Completion>
class turn {
public:
    static constexpr int most = 64;  // behind the first; then others have their turn

    static void run(Completion&& first) {
        turn mine{first.get_executor()};
        first.complete();
        while (mine.next_) {
            Completion one{std::move(*mine.next_)};
            mine.next_.reset();
            one.complete();
        }
    }

    // As asio::defer(), never before the call has returned.
    static void defer(Completion&& settled) {
        if (turn* const now = current(); now == nullptr || !now->takes(settled)) ::asio::defer(std::move(settled));
    }

private:
    using executor_type = typename Completion::executor_type;

    explicit turn(executor_type&& on) noexcept : executor_{std::move(on)}, outer_{std::exchange(current(), this)} {}
    turn(turn&&) = delete;
    ~turn() {
        current() = outer_;
        if (!next_) return;
        try {  // a handler has thrown: what it had started is owed all the same
            ::asio::defer(std::move(*next_));
        } catch (...) {  // without memory for that, it is gone as with its io_context
        }
    }

    bool takes(Completion& settled) {
        if (next_ || taken_ == most || executor_ != settled.get_executor()) return false;
        ++taken_;
        next_.emplace(std::move(settled));
        return true;
    }

    static turn*& current() noexcept {
        thread_local turn* top = nullptr;
        return top;
    }

    executor_type executor_;
    turn* outer_;
    std::optional<Completion> next_ = {};
    int taken_ = 0;
};

// An outcome on its way to its handler, with what is associated with that.
template <class Handler, class Value, class Executor>
struct completion {
    using allocator_type = ::asio::associated_allocator_t<Handler>;
    using executor_type = ::asio::associated_executor_t<Handler, Executor>;
    allocator_type get_allocator() const noexcept { return ::asio::get_associated_allocator(handler); }
    executor_type get_executor() const noexcept { return ::asio::get_associated_executor(handler, executor); }
    void operator()() { turn<completion>::run(std::move(*this)); }
    void complete() {
        if (outcome) return std::move(handler)(std::error_code{}, std::move(*outcome));
        std::move(handler)(code_of(outcome.error()), Value{});
    }

    Handler handler;
    result<Value> outcome;
    Executor executor;
};

}  // namespace godwit::asio::detail
