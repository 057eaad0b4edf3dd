// log_listener: the events of one log, from whichever thread makes them to the turn that takes them.
#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "base/record_log.hpp"

namespace godwit::detail {

class log_listener {
public:
    void on_event(std::function<void()> tell) {
        const std::lock_guard hold{lock_};
        tell_ = std::move(tell);
    }
    // tell() comes after, and without any lock of the journal's: what it calls may call into the log.
    void put(log_event&& what) {
        const std::lock_guard hold{lock_};
        events_.push_back(std::move(what));
    }
    std::optional<log_event> take() {
        const std::lock_guard hold{lock_};
        if (events_.empty()) return std::nullopt;
        log_event first = std::move(events_.front());
        events_.pop_front();
        return first;
    }
    // Not while it runs is the log destroyed: forget() waits for it.
    void tell() {
        const std::lock_guard hold{telling_};
        std::function<void()> told;
        {
            const std::lock_guard inner{lock_};
            told = tell_;
        }
        if (told) told();
    }
    void forget() {
        const std::lock_guard hold{telling_};
        const std::lock_guard inner{lock_};
        tell_ = nullptr;
    }

private:
    std::mutex telling_;
    std::mutex lock_;
    std::deque<log_event> events_;
    std::function<void()> tell_;
};

}  // namespace godwit::detail
