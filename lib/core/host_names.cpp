#include "core/host_names.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "core/signals_blocked.hpp"

namespace godwit::detail {

bool host_names::look_up_later(const std::string& host, told tell) {
    const std::lock_guard hold{lock_};
    if (finished_) return false;
    auto one = std::ranges::find(questions_, host, &question::host);
    if (one == questions_.end()) one = questions_.insert(one, question{host, {}});
    one->who.push_back(std::move(tell));
    if (running_ || start()) return true;
    questions_.clear();
    return false;
}

bool host_names::start() {
    try {
        const signals_blocked quiet;
        std::thread{[self = shared_from_this()] { self->run(); }}.detach();
    } catch (const std::system_error&) {
        return false;
    }
    return running_ = true;
}

void host_names::finish() {
    const std::lock_guard hold{lock_};
    finished_ = true;
    for (question& one : questions_) one.who.clear();
}

void host_names::run() {
    std::unique_lock hold{lock_};
    while (!questions_.empty() && !finished_) {
        const std::string host = questions_.front().host;
        hold.unlock();
        const std::string number = ask_(host);
        hold.lock();
        const auto who = std::move(questions_.front().who);
        questions_.pop_front();
        hold.unlock();
        for (const told& tell : who) tell(number);
        hold.lock();
    }
    running_ = false;
}

}  // namespace godwit::detail
