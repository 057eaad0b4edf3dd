#include "core/peer_table.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace godwit::detail {

namespace {

// Waits until `there` holds: `timed_out` or `cancelled` if the deadline or the stop comes first.
template <class Predicate>
status wait_until(std::condition_variable_any& changed, std::unique_lock<std::mutex>& held, timeout limit,
                  const std::stop_token& stop, Predicate there) {
    const bool met =
        limit.is_never() ? changed.wait(held, stop, there) : changed.wait_until(held, stop, limit.deadline(), there);
    if (met) return {};
    return stop.stop_requested() ? errc::cancelled : errc::timed_out;
}

}  // namespace

std::uint64_t peer_table::joined(std::string_view endpoint, std::string_view address) {
    const auto now = std::chrono::system_clock::now();
    std::uint64_t id = 0;
    {
        const std::lock_guard held{lock_};
        id = ++last_id_;
        rows_.push_back({id, std::string{endpoint}, std::string{address}, now});
        add_event({event_kind::peer_joined, id, std::string{endpoint}, std::string{address}, now});
    }
    changed_.notify_all();
    return id;
}

void peer_table::left(std::uint64_t id, std::string_view reason) {
    {
        const std::lock_guard held{lock_};
        const auto row = std::lower_bound(rows_.begin(), rows_.end(), id,
                                          [](const peer& one, std::uint64_t wanted) { return one.id < wanted; });
        if (row == rows_.end() || row->id != id) return;
        add_event({event_kind::peer_left, id, std::move(row->endpoint), std::string{reason},
                   std::chrono::system_clock::now()});
        rows_.erase(row);
    }
    changed_.notify_all();
}

void peer_table::report(event_kind kind, std::string_view endpoint, std::string_view detail) {
    {
        const std::lock_guard held{lock_};
        add_event({kind, 0, std::string{endpoint}, std::string{detail}, std::chrono::system_clock::now()});
    }
    changed_.notify_all();
}

void peer_table::set_events_max(std::size_t events_max) {
    const std::lock_guard held{lock_};
    events_max_ = events_max;
    while (events_.size() > events_max_) {
        events_.pop_front();
        ++events_lost_;
    }
}

void peer_table::close() {
    {
        const std::lock_guard held{lock_};
        closed_ = true;
    }
    changed_.notify_all();
}

status peer_table::wait_for(std::size_t count, timeout limit, const std::stop_token& stop) {
    std::unique_lock held{lock_};
    const status waited = wait_until(changed_, held, limit, stop, [&] { return closed_ || rows_.size() >= count; });
    if (!waited) return waited;
    return closed_ ? status{errc::closed} : status{};
}

result<event> peer_table::next_event(timeout limit, const std::stop_token& stop) {
    std::unique_lock held{lock_};
    const status waited = wait_until(changed_, held, limit, stop, [&] { return closed_ || !events_.empty(); });
    if (!waited) return waited.error();
    if (events_.empty()) return errc::closed;
    event oldest = std::move(events_.front());
    events_.pop_front();
    return oldest;
}

std::vector<peer> peer_table::rows() const {
    const std::lock_guard held{lock_};
    return rows_;
}

std::size_t peer_table::count() const {
    const std::lock_guard held{lock_};
    return rows_.size();
}

std::uint64_t peer_table::events_lost() const {
    const std::lock_guard held{lock_};
    return events_lost_;
}

void peer_table::add_event(event&& happened) {
    if (events_.size() >= events_max_) {
        ++events_lost_;
        if (events_.empty()) return;
        events_.pop_front();
    }
    events_.push_back(std::move(happened));
}

}  // namespace godwit::detail
