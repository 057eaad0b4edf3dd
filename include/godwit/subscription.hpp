// subscription: where a reliable sub starts, given to its constructor beside its modules:
//     godwit::sub audit{ctx, godwit::ack_retry{}, godwit::subscription{.from = godwit::start::first, .name = "audit"}};
// It counts for a publisher that this sub has had nothing from: afterwards it goes on where it was.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "godwit/export.hpp"
#include "godwit/stream.hpp"

namespace godwit {

class assembly;

enum class start : std::uint8_t {
    next,   // what is sent from now on
    first,  // what the publisher still has
    last,   // its last record, and what comes behind it
    at,     // the record `at`, or the next above it
    since,  // what was sent at that time or later, and a batch before it at most
};

struct subscription {
    start from = start::next;
    // Up to 128 bytes. For a named subscriber a publisher with a journal keeps a hold, its position to the batch, also through
    // restarts of both: until it is 7 days away, or half of the journal would be held. Of two with one name the later counts.
    std::string name = {};
    offset at = 0;  // below 2^63; else, as with a longer name, bind and connect fail with `invalid_argument`
    std::chrono::system_clock::time_point since = {};

    GODWIT_EXPORT void install(assembly& into) const;
};

}  // namespace godwit
