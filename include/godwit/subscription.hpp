// subscription: where a reliable sub starts, given to its constructor beside its modules:
//     godwit::sub audit{ctx, godwit::ack_retry{}, godwit::subscription{.from = godwit::start::first}};
#pragma once
#include <cstdint>
#include <string>

#include "godwit/export.hpp"

namespace godwit {

class assembly;

enum class start : std::uint8_t {
    next,   // what is sent from now on
    first,  // what the publisher still has
};

struct subscription {
    start from = start::next;
    // Up to 128 bytes: of this subscriber, for the publisher. Named positions come with the journal.
    std::string name = {};

    GODWIT_EXPORT void install(assembly& into) const;
};

}  // namespace godwit
