// receipt: what send() returns. It says how far the message is known to have come.
// Two chains: here, accepted < stored (survives the process) < durable (survives a power cut); there, received <
// processed. A plain socket only ever knows `accepted`: the queue below it has taken the message.
// Two integers; it outlives its socket safely. Threads: a value; wait() may be called from any thread.
#pragma once
#include <cstdint>

#include "godwit/export.hpp"
#include "godwit/result.hpp"
#include "godwit/stream.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

enum class stage : std::uint8_t { accepted, stored, durable, received, processed };

// The furthest that is known of a message; from `processed` on nothing more will come.
enum class outcome : std::uint8_t {
    accepted,
    stored,
    durable,
    received,
    processed,
    expired,  // its time to live ended first: no effect
    refused,  // a handler rejected it
    dead,     // attempts ran out: effects are possible
    unknown,  // it may have been handled or not, and nobody will tell
};
GODWIT_EXPORT std::string_view name(outcome what) noexcept;

class GODWIT_EXPORT receipt {
public:
    receipt() noexcept = default;  // a plain socket's
    receipt(std::uint64_t socket, offset at) noexcept : socket_{socket}, at_{at} {}

    // What is known when the stage is reached, or can never be. Fails with `timed_out` (not yet: not final), `closed` (the
    // socket is gone), `unsupported` at once for a stage that cannot come on this socket.
    result<outcome> wait(stage wanted, timeout limit = timeout::never) const;
    bool reached(stage wanted) const noexcept;
    offset at() const noexcept { return at_; }  // in the socket's stream; 0 of a plain socket

private:
    std::uint64_t socket_ = 0;  // a number never given twice in this process; 0: plain
    offset at_ = 0;
};

}  // namespace godwit
