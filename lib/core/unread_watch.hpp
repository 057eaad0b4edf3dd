// unread_watch: ends tcp links whose peers make libzmq hold more than allowed: a message of endless parts, of which the
// API shows nothing, or whole messages that are not received. What the kernel counts as received is looked at again and
// again; where it grows, the messages that come are asked for their links: a few of them, until every link that grew
// has been heard. A link that is not heard although nothing whole is left holds one unfinished message.
// Threads: the runner steps it; who has the socket's turn tells of messages. Own lock, taken under link_table's, and never
// held while that is taken.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/link_table.hpp"

namespace godwit::detail {

struct unread_limits {
    std::uint64_t message_bytes;  // all frames of one, unfinished
    std::uint64_t unread_bytes;   // of one link, all together
    bool reads = true;            // false: whatever comes is too much
};

class GODWIT_EXPORT unread_watch {
public:
    using clock = std::chrono::steady_clock;

    unread_watch(std::shared_ptr<link_table> links, unread_limits limits) : links_{std::move(links)}, limits_{limits} {}

    // By who has the turn:
    bool asks() const noexcept { return asks_.load(std::memory_order_relaxed); }
    void came(int link, std::size_t bytes);  // while it asks
    void drained() noexcept {                // nothing whole is left to receive
        drains_.store(drains_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    // By the runner. `received_bytes` is all that was ever received, or a lower number. `tend` looks whether something
    // is left to receive. Returns when to step again: never without links over tcp.
    clock::time_point step(clock::time_point now, std::uint64_t received_bytes, const std::function<void()>& tend);

private:
    struct link {
        std::uint64_t serial = 0;
        std::uint64_t bytes = 0;     // taken from the kernel by libzmq, when last looked at
        std::uint64_t earlier = 0;   // when looked at before
        std::uint64_t clean = 0;     // when last heard
        std::uint64_t asked = 0;     // when it came under suspicion; 0: it is not
        std::uint64_t hoarding = 0;  // when all links together came under suspicion
        std::uint64_t came = 0;      // since then
        std::uint64_t round = 0;     // last seen
    };
    void look_at(std::uint64_t serial, int descriptor, std::uint64_t bytes);
    void judge_all(bool was_drained);
    void follow_sum(std::uint64_t received_bytes, bool was_drained);
    void suspect(link& which);

    const std::shared_ptr<link_table> links_;
    const unread_limits limits_;
    std::atomic<bool> asks_{false};
    std::atomic<std::uint64_t> drains_{0};

    // The runner's:
    clock::time_point due_{};
    clock::duration pause_{};
    std::uint64_t next_ = 0;   // link of a round under way
    std::uint64_t round_ = 0;  // of looking at all links
    std::uint64_t total_ = 0, total_before_ = 0, received_before_ = 0, drains_before_ = 0;
    std::int64_t undelivered_ = 0;  // of all links, at most, since all was drained
    bool any_tcp_ = false, moved_ = false;

    std::mutex lock_;
    // Guarded by lock_:
    std::unordered_map<int, link> seen_;
    std::size_t unheard_ = 0;
    bool hoarding_ = false;  // all links are asked for
};

}  // namespace godwit::detail
