#include "core/peer_table.hpp"

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
        rows_.emplace_hint(rows_.end(), id, peer{id, std::string{endpoint}, std::string{address}, now});
        add_event({event_kind::peer_joined, id, std::string{endpoint}, std::string{address}, now});
    }
    changed_.notify_all();
    return id;
}

void peer_table::left(std::uint64_t id, std::string_view reason) {
    {
        const std::lock_guard held{lock_};
        const auto row = rows_.find(id);
        if (row == rows_.end()) return;
        add_event({event_kind::peer_left, id, std::move(row->second.endpoint), std::string{reason},
                   std::chrono::system_clock::now()});
        rows_.erase(row);
    }
    changed_.notify_all();
}

void peer_table::report(event_kind kind, std::string_view endpoint, std::string_view detail) {
    {
        const std::lock_guard held{lock_};
        if (kind == event_kind::handshake_refused && !refused_handshakes_.happens()) {
            ++happened_[static_cast<std::size_t>(kind)];
            return;
        }
        add_event({kind, 0, std::string{endpoint}, std::string{detail}, std::chrono::system_clock::now()});
    }
    changed_.notify_all();
}

void peer_table::count(event_kind kind) {
    const std::lock_guard held{lock_};
    ++happened_[static_cast<std::size_t>(kind)];
}

void peer_table::set_events_max(std::size_t events_max) {
    const std::lock_guard held{lock_};
    events_max_ = events_max;
    while (events_.size() > events_max_) {
        events_.pop_front();
        ++events_lost_;
    }
}

void peer_table::introduce(std::string name, std::shared_ptr<log_queue> log) {
    const std::lock_guard held{lock_};
    name_ = std::move(name);
    log_ = std::move(log);
}

std::string peer_table::name() const {
    const std::lock_guard held{lock_};
    return name_;
}

void peer_table::note(log_level level, std::string_view what) {
    const std::lock_guard held{lock_};
    if (log_ != nullptr) log_->put(level, name_, what);
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
    std::vector<peer> all;
    all.reserve(rows_.size());
    for (const auto& [id, row] : rows_) all.push_back(row);
    return all;
}

std::size_t peer_table::count() const {
    const std::lock_guard held{lock_};
    return rows_.size();
}

void peer_table::count_into(socket_stats& stats) const {
    stats.stray_messages += refused.load(std::memory_order_relaxed);
    stats.dropped_full += dropped_full.load(std::memory_order_relaxed);
    const std::lock_guard held{lock_};
    const auto times = [&](event_kind kind) { return happened_[static_cast<std::size_t>(kind)]; };
    stats.refused_handshakes += times(event_kind::handshake_refused);
    stats.refused_messages += times(event_kind::message_refused);
    stats.refused_subscriptions += times(event_kind::subscription_refused);
    stats.over_limit += times(event_kind::over_limit);
    stats.revoked += times(event_kind::peer_revoked);
    stats.accept_failures += times(event_kind::accept_failed);
    stats.events_lost += events_lost_;
    stats.joined = times(event_kind::peer_joined);
    stats.peers = rows_.size();
}

void peer_table::add_event(event&& happened) {
    ++happened_[static_cast<std::size_t>(happened.kind)];
    if (log_ != nullptr) log_->put(name_, happened);
    if (events_.size() >= events_max_) {
        ++events_lost_;
        if (events_.empty()) return;
        events_.pop_front();
    }
    events_.push_back(std::move(happened));
}

}  // namespace godwit::detail
