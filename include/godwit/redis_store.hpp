// redis_store: ids of the user's choice in a Redis server, for consumers in many processes that share one memory: the
// classic SET NX with expiry. Its promise is weaker than that of the other stores:
// - What is in hand is a lease. A handler that takes longer than in_hand_max may be run a second time, at the same time; the
//   first one's mark is `fenced` then. A process that dies gives its ids back when their leases end.
// - A mark survives what the server's persistence survives: by Redis' defaults a crash loses up to a minute of marks and a
//   fail-over the last ones, and what they were for is handled again. A server that has lost all is noticed (known_since());
//   one that evicts keys at its maxmemory, or has lost some, is not: use the policy noeviction, and it says `full`.
// - Its window is a time alone, by the server's clock. Count and bytes are the server's maxmemory.
// Nothing is encrypted: the way to the server has to be trusted. Component `redis`, target godwit::redis: on request only.
// Threads: every call from any thread; they take turns on one connection, which is made again when it breaks.
#pragma once
#include <memory>
#include <string>

#include "godwit/dedup_store.hpp"

namespace godwit {

struct redis_store_options {
    // In front of each id in a key. Stores that share it share their ids. With "{...}" in it, all are in one slot of a cluster.
    std::string prefix = "{godwit}:";
    std::chrono::milliseconds age_max{std::chrono::hours{24}};  // since mark(), 1 ms to 10 years
    std::chrono::milliseconds in_hand_max{60'000};              // 1 ms to 1 day: longer than any handler
    std::size_t reply_bytes_max = 64u << 10;                    // of each; one that is longer is not kept. To 512 MiB
    std::chrono::milliseconds call_max{5000};                   // 1 ms to 1 h: to connect, and for each answer
    std::string user = {}, password = {};                       // for AUTH; empty: none. No user without a password
    std::optional<id_time> known_from = {};                     // see id_window
};

class GODWIT_EXPORT redis_store final : public dedup_store {
public:
    // "tcp://HOST:PORT" or "ipc://PATH", of Redis 5 or newer. Fails with `invalid_endpoint`, `invalid_argument`,
    // `unreachable` (nobody there, or no answer in time), `refused` (who we are), `io`.
    static result<redis_store> open(const std::string& url, const redis_store_options& options = {});
    redis_store(redis_store&&) noexcept;
    redis_store& operator=(redis_store&&) noexcept;
    ~redis_store() override;  // releases what is in hand, if the server answers

    // All fail as open() does, and with `full`. `unreachable` in claim(): it may be in hand, of nobody, until its lease ends.
    // What this store has in hand is in_hand here until its mark() or release(), also after the lease.
    result<claim_answer> claim(const chosen_id& what) override;
    status mark(std::string_view id, std::optional<std::string_view> reply = {}) override;
    status release(std::string_view id) override;
    result<id_time> known_since() override;

private:
    struct state;
    explicit redis_store(std::unique_ptr<state> opened) noexcept;
    std::unique_ptr<state> state_;
};

}  // namespace godwit
