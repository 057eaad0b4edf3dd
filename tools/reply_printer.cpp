#include "reply_printer.hpp"

#include <string>

#include "duration.hpp"
#include "failure.hpp"
#include "message_writer.hpp"

namespace tool {

reply_printer::reply_printer(const options& options, interruption& interrupted)
    : options_{options}, interrupted_{interrupted}, thread_{[this] { run(); }} {}

reply_printer::~reply_printer() {
    if (!thread_.joinable()) return;
    interrupted_.raise();
    {
        const std::lock_guard lock{mutex_};
        complete_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void reply_printer::add(godwit::pending request) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return requests_.size() < outstanding_max || ended_; });
    requests_.push_back(std::move(request));
    changed_.notify_all();
}

void reply_printer::finish() {
    {
        const std::lock_guard lock{mutex_};
        complete_ = true;
    }
    changed_.notify_all();
    thread_.join();
    if (problem_) std::rethrow_exception(problem_);
}

bool reply_printer::take(godwit::pending& request) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return !requests_.empty() || complete_; });
    if (requests_.empty()) return false;
    request = std::move(requests_.front());
    requests_.pop_front();
    changed_.notify_all();
    return true;
}

void reply_printer::run() {
    try {
        print_all();
    } catch (...) {
        problem_ = std::current_exception();
        interrupted_.raise();
    }
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
}

void reply_printer::print_all() {
    message_writer output{options_.json};
    godwit::pending request;
    for (std::uint64_t line = 1; take(request); ++line) {
        if (!request.ready()) output.flush();
        const godwit::result<godwit::message> reply = request.wait(options_.limit(), interrupted_.token());
        if (reply.failed(godwit::errc::timed_out)) {
            throw failure{exit_timed_out, "no reply to line " + std::to_string(line) + " within " +
                                              format_duration(*options_.timeout) + ": see that a rep is there"};
        }
        if (reply.failed(godwit::errc::cancelled)) {
            throw failure{exit_failed, "interrupted: there is no reply to line " + std::to_string(line) + " yet"};
        }
        output.add(reply.value());
    }
    output.flush();
}

}  // namespace tool
