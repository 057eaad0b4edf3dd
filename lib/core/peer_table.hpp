// peer_table: the joined peers of one socket, what happened to it, and its counters that carriers raise.
// Threads: thread-safe, a lock of its own that is never held while another is taken.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/peer.hpp"
#include "godwit/result.hpp"
#include "godwit/timeout.hpp"

namespace godwit::detail {

class GODWIT_EXPORT peer_table {
public:
    explicit peer_table(std::size_t events_max) : events_max_{events_max} {}

    // By carriers and the runner.
    std::uint64_t joined(std::string_view endpoint, std::string_view address);  // the new row's id
    void left(std::uint64_t id, std::string_view reason);                       // an unknown id is ignored
    void report(event_kind kind, std::string_view endpoint, std::string_view detail);
    void set_events_max(std::size_t events_max);
    void close();  // wakes every waiter with `closed`

    // By callers.
    status wait_for(std::size_t count, timeout limit, const std::stop_token& stop);
    result<event> next_event(timeout limit, const std::stop_token& stop);
    std::vector<peer> rows() const;
    std::size_t count() const;
    std::uint64_t events_lost() const;

    std::atomic<std::uint64_t> dropped_full{0};  // raised by the inproc pub
    std::atomic<std::uint64_t> refused{0};       // raised by the libzmq carrier: messages with too many frames

private:
    void add_event(event&& happened);  // lock held

    mutable std::mutex lock_;
    std::condition_variable_any changed_;
    // Guarded by lock_:
    std::size_t events_max_;
    std::uint64_t last_id_ = 0;
    std::uint64_t events_lost_ = 0;
    bool closed_ = false;
    std::vector<peer> rows_;
    std::deque<event> events_;
};

}  // namespace godwit::detail
