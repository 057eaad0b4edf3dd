#include "receipt_printer.hpp"

#include <algorithm>
#include <iterator>

#include "output.hpp"

namespace tool {

namespace {

constexpr godwit::timeout at_once = std::chrono::nanoseconds{0};
constexpr godwit::timeout a_moment = std::chrono::milliseconds{20};
constexpr std::size_t looks_max = 1024;  // in a moment: as many as may be outstanding would keep the socket busy

}  // namespace

receipt_printer::receipt_printer(godwit::stage wanted, interruption& interrupted)
    : wanted_{wanted}, interrupted_{interrupted}, thread_{[this] { run(); }} {}

receipt_printer::~receipt_printer() {
    if (thread_.joinable()) end_by({});
}

void receipt_printer::add(const godwit::receipt& one) {
    const std::lock_guard lock{mutex_};
    added_.push_back({one});
    changed_.notify_all();
}

void receipt_printer::finish(clock::time_point deadline) {
    end_by(deadline);
    if (problem_) std::rethrow_exception(problem_);
}

void receipt_printer::end_by(clock::time_point deadline) {
    {
        const std::lock_guard lock{mutex_};
        complete_ = true;
        deadline_ = deadline;
    }
    changed_.notify_all();
    thread_.join();
}

void receipt_printer::run() {
    try {
        print_all();
    } catch (...) {
        problem_ = std::current_exception();
        interrupted_.raise();
    }
}

void receipt_printer::print_all() {
    while (fetch()) {
        if (try_print(outstanding_.front(), a_moment)) {
            while (!outstanding_.empty() && try_print(outstanding_.front(), at_once)) {
                outstanding_.pop_front();
                if (looked_at_ > 0) --looked_at_;
            }
        } else {
            print_what_overtook();
        }
        write_out(buffer_);
        buffer_.clear();
    }
}

bool receipt_printer::fetch() {
    std::unique_lock lock{mutex_};
    if (outstanding_.empty()) changed_.wait(lock, [&] { return !added_.empty() || complete_; });
    outstanding_.insert(outstanding_.end(), added_.begin(), added_.end());
    added_.clear();
    return !outstanding_.empty() && clock::now() < deadline_;
}

void receipt_printer::print_what_overtook() {
    for (std::size_t looks = 0; looks < std::min(looks_max, outstanding_.size()); ++looks) {
        if (looked_at_ >= outstanding_.size()) looked_at_ = 0;
        try_print(outstanding_[looked_at_++], at_once);
    }
}

// True if nothing is to be done for it any more.
bool receipt_printer::try_print(awaited& one, godwit::timeout limit) {
    if (one.printed) return true;
    const godwit::result<godwit::outcome> reached = one.of.wait(wanted_, limit);
    if (reached.failed(godwit::errc::timed_out)) return false;
    // What has gone beyond the stage has come to it.
    const auto wanted = static_cast<godwit::outcome>(wanted_);
    const bool beyond = reached.value() > wanted && reached.value() <= godwit::outcome::processed;
    buffer_ += std::to_string(one.of.at()) + '\t' + std::string{name(beyond ? wanted : *reached)} + '\n';
    return one.printed = true;
}

}  // namespace tool
