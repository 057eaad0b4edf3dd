// ack_retry: at least once, without a broker. Given to the constructors of both sides' sockets, it puts a log and a link
// with acknowledgements beneath them: nothing is lost while the sender lives.
//     godwit::push out{ctx, godwit::ack_retry{.attempts_max = 8}};
// A plain peer, or one of another version, is named by an event (mismatch), never met with silence.
// Protocol: docs/wire_format.md. What it promises: docs/guarantees.md. It does not outlive the process: see journal.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "godwit/assembly.hpp"
#include "godwit/export.hpp"

namespace godwit {

// Checked at the first bind or connect, which fails with `invalid_argument` and the field's name. The comment of each says
// which side it belongs to; the other side's is ignored.
struct ack_retry {
    // Sender: what a record may cost.
    std::uint32_t attempts_max = 16;                 // 1 to 1,000,000; then a dead letter
    std::chrono::milliseconds backoff_min{100};      // before the second attempt; doubles, with full jitter
    std::chrono::milliseconds backoff_max{60'000};   //
    std::size_t log_bytes_max = 64u << 20;           // 64 KiB to 1 TiB, and up to two batches of 256 KiB on top; then
                                                     // send() waits, and fails with `full`
    std::size_t dead_letters_max = 10'000;           // then dead letters stay in the queue, and hold it up
    bool ordered_by_key = false;                     // push: one record of a key at a time, also through retries;
                                                     // priority and delay are refused then
    std::chrono::milliseconds evict_after{600'000};  // an attempt with unknown outcome leaves its scope after it
    // Receiver: what it takes on.
    std::size_t credit_bytes = 4u << 20;            // in flight to it, 64 KiB to 1 GiB
    std::uint32_t credit_messages = 0;              // 1 to 65,536; 0: adapts to what is settled in 50 ms
    std::chrono::milliseconds handler_max{30'000};  // from hand-out to settlement; then a nack. extend() moves it
    double messages_per_second = 0;                 // handed out, a token bucket; 0: no limit
    double burst_messages = 1;                      // its size
    std::uint32_t pause_after_failures = 10;        // nacks running: then a pause as of the back-off. 0: never
    // Both sides: the link.
    std::chrono::milliseconds heartbeat{1000};  // 10 ms to 1 h: says that it lives, when it has nothing to say
    std::chrono::milliseconds lease{5000};      // 2 heartbeats at least: silent for so long, a link is lost
    std::string identity = {};                  // up to 128 bytes: of this endpoint, across its incarnations;
                                                // "": a random one

    GODWIT_EXPORT void install(assembly& into) const;
};

}  // namespace godwit
