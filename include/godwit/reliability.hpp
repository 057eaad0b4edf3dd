// What a reliable socket tells of its records: outcomes, dead letters, counters. Values.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/receipt.hpp"
#include "godwit/stream.hpp"

namespace godwit {

// Why a record is settled other than by an ack.
enum class dead_reason : std::uint8_t { attempts, expired, refused };
GODWIT_EXPORT std::string_view name(dead_reason why) noexcept;

// A record that ran out of attempts or time, or was rejected; kept until it is requeued or discarded.
struct dead_letter {
    stream_id stream;
    offset at = 0;
    dead_reason why{};
    std::uint32_t attempts = 0;
    std::string detail;  // of the last attempt, in the receiver's words
    std::chrono::system_clock::time_point when;
    message content;
};

// A record whose fate is decided.
struct settled_record {
    offset at = 0;
    outcome what{};
};

// Counters since the socket was made.
struct delivery_stats {
    std::uint64_t stored_bytes = 0;       // in the log now
    std::uint64_t unsettled = 0;          // records in the log now that are not settled
    std::uint64_t in_flight = 0;          // with receivers now
    std::uint64_t acked = 0;              //
    std::uint64_t nacked = 0;             // by a handler, by its time limit or by a crash: each costs an attempt
    std::uint64_t redelivered = 0;        // sent again, for whatever reason
    std::uint64_t dead = 0;               // now
    std::uint64_t expired = 0;            //
    std::uint64_t refused = 0;            // rejected by a handler
    std::uint64_t stale_settlements = 0;  // carried an old attempt token, and settled nothing
    std::uint64_t duplicates = 0;         // received while in hand: joined
    std::uint64_t malformed = 0;          // frames of peers that broke the protocol
    std::uint64_t fenced = 0;             // frames of an older session or incarnation
    std::uint64_t gaps = 0;               // told to the application; by a pub: to its subscribers
    std::uint64_t strays = 0;             // a sub's: came, and no filter of its own wants them any more: dropped
    std::uint64_t links = 0;              // now
    std::uint64_t evicted = 0;            // left their scope with an unknown outcome: possible repeats
};

}  // namespace godwit
