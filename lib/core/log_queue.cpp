#include "core/log_queue.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "base/escape.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t part_bytes_max = 400;  // of a record's text
constexpr int records_a_task = 64;           // others have business on that thread, too

log_level level_of(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::peer_joined:
        case event_kind::peer_left:
            return log_level::info;
        case event_kind::endpoint_stolen:
            return log_level::error;
        default:
            return log_level::warning;
    }
}

log_record of_drops(std::uint64_t count) {
    return {log_level::warning, std::chrono::system_clock::now(), "",
            "records dropped here, because the log sink is slower than what happens: " + std::to_string(count)};
}

}  // namespace

void log_queue::run_on(std::shared_ptr<callback_thread> thread) {
    std::unique_lock hold{lock_};
    thread_ = std::move(thread);
    schedule(hold);
}

void log_queue::put(log_level level, std::string_view socket, std::string_view what) {
    if (!wants(level)) return;
    log_record record{level, std::chrono::system_clock::now(), std::string{socket}, {}};
    append_escaped(record.text, what, part_bytes_max);
    add(std::move(record));
}

void log_queue::put(std::string_view socket, const event& happened) {
    const log_level level = level_of(happened.kind);
    if (!wants(level)) return;
    log_record record{level, happened.when, std::string{socket}, std::string{name(happened.kind)}};
    for (const std::string_view part : {std::string_view{happened.endpoint}, std::string_view{happened.detail}}) {
        if (part.empty()) continue;
        record.text += ": ";
        append_escaped(record.text, part, part_bytes_max);
    }
    add(std::move(record));
}

void log_queue::add(log_record&& record) {
    std::unique_lock hold{lock_};
    if (cut_) return;
    if (waiting_.size() >= records_max) {
        ++dropped_;
        return;
    }
    waiting_.push_back({std::move(record), std::exchange(dropped_, 0)});
    schedule(hold);
}

void log_queue::schedule(std::unique_lock<std::mutex>& hold) {
    if (scheduled_ || thread_ == nullptr || waiting_.empty()) return;
    scheduled_ = true;
    const auto thread = thread_;
    hold.unlock();
    const bool posted = thread->post([self = shared_from_this()] { self->deliver(); });
    hold.lock();
    if (!posted) scheduled_ = false;  // the next record tries again
}

void log_queue::deliver() {
    log_record next;
    for (int count = 0; true; ++count) {
        std::unique_lock hold{lock_};
        if (count >= records_a_task) {
            scheduled_ = false;
            schedule(hold);
            if (scheduled_) return;
            scheduled_ = true;  // no room for another task, or the thread is ending: go on in this one
        }
        if (!take(next)) {
            scheduled_ = false;
            return;
        }
        hold.unlock();
        tell(next);
    }
}

bool log_queue::take(log_record& into) {
    if (cut_) return false;
    if (waiting_.empty() || waiting_.front().dropped_before != 0) {
        const std::uint64_t dropped = std::exchange(waiting_.empty() ? dropped_ : waiting_.front().dropped_before, 0);
        if (dropped == 0) return false;
        into = of_drops(dropped);
        return true;
    }
    into = std::move(waiting_.front().record);
    waiting_.pop_front();
    return true;
}

void log_queue::tell(const log_record& record) const noexcept {
    try {
        sink_(record);
    } catch (...) {
        // Nobody is there to whom it could be told.
    }
}

void log_queue::cut() {
    const std::lock_guard hold{lock_};
    cut_ = true;
    waiting_.clear();
}

}  // namespace godwit::detail
