// What a seed of the push/pull campaign means: everything that is chosen before the first event.
#pragma once
#include <cstdint>
#include <string>

#include "godwit/ack_retry.hpp"
#include "sim/faults.hpp"

namespace godwit::detail {

struct push_pull_options {
    std::uint64_t seed = 0;
    std::uint32_t senders = 1, receivers = 1;
    std::uint32_t messages = 500;
    std::uint32_t faults = 10;
    bool wall_jumps = false, sender_restarts = false;
    bool dedup = false;             // each receiver remembers what it has handled, on a disk of its own
    std::uint32_t concurrency = 8;  // handlers that run at a time in a receiver
    std::uint32_t burst_max = 20;   // messages in one turn
    std::uint32_t body_max = 100;   // bytes
    std::uint32_t keys = 0;         // ordered by key, if it is not 0
    std::uint32_t delayed = 0, expiring = 0, prioritised = 0, poison = 0, misbehaving = 0;  // in a hundred
    std::chrono::milliseconds fault_time{10'000};
    ack_retry sender, receiver;
    std::size_t tail = 200;  // lines of the event log that a breach prints

    static push_pull_options expand(std::uint64_t seed);
    std::string text() const;
};

}  // namespace godwit::detail
