// peer_table: the joined peers of one socket, what happened to it, and its counters that carriers raise.
// Threads: thread-safe, a lock of its own that is never held while another is taken but the log's.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_queue.hpp"
#include "core/seldom.hpp"
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
    // Of refused handshakes, which any stranger can cause, the first few of a minute and some further.
    void report(event_kind kind, std::string_view endpoint, std::string_view detail);
    void count(event_kind kind);  // one more that makes no event
    void set_events_max(std::size_t events_max);
    void close();  // wakes every waiter with `closed`

    // What the socket is called, and who is told of what happens to it: null is nobody.
    void introduce(std::string name, std::shared_ptr<log_queue> log);
    std::string name() const;
    void note(log_level level, std::string_view what);  // for the log alone: it is no event

    // By callers.
    status wait_for(std::size_t count, timeout limit, const std::stop_token& stop);
    result<event> next_event(timeout limit, const std::stop_token& stop);
    std::vector<peer> rows() const;
    std::size_t count() const;
    void count_into(socket_stats& stats) const;  // adds what is counted here; sets the numbers of peers

    std::atomic<std::uint64_t> dropped_full{0};  // raised by the inproc pub
    std::atomic<std::uint64_t> refused{0};       // raised by the libzmq carrier: messages with too many frames

private:
    static constexpr std::size_t event_kinds = static_cast<std::size_t>(event_kind::possible_repeat) + 1;
    static constexpr std::uint64_t refused_handshakes_told = 64;  // a minute, before they are told seldom

    void add_event(event&& happened);  // lock held

    mutable std::mutex lock_;
    std::condition_variable_any changed_;
    // Guarded by lock_:
    std::size_t events_max_;
    std::uint64_t last_id_ = 0;
    std::uint64_t events_lost_ = 0;
    std::array<std::uint64_t, event_kinds> happened_{};  // how often, also of what was never read
    bool closed_ = false;
    std::map<std::uint64_t, peer> rows_;  // by id
    std::deque<event> events_;
    seldom refused_handshakes_{refused_handshakes_told};
    std::string name_;
    std::shared_ptr<log_queue> log_;
};

}  // namespace godwit::detail
