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
    // Up to 128 bytes. A publisher with a journal holds the place of a subscriber with a name, also through the restarts of
    // both: until it is 7 days away, or half of the journal would be kept for it. Of two with one name the later counts.
    std::string name = {};
    offset at = 0;
    std::chrono::system_clock::time_point since = {};

    GODWIT_EXPORT void install(assembly& into) const;
};

}  // namespace godwit
