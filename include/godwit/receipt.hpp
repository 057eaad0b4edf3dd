// receipt: what send() returns. It says how far the message is known to have come.
// Two chains: here, accepted < stored (survives the process) < durable (survives a power cut); there, received <
// processed. A plain socket only ever knows `accepted`: the queue below it has taken the message.
#pragma once
#include <cstdint>

#include "godwit/result.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

enum class stage : std::uint8_t { accepted, stored, durable, received, processed };

class receipt {
public:
    // ok when the stage is reached. A stage that can never come on this socket is `unsupported`, at once.
    status wait(stage wanted, timeout = timeout::never) const {
        if (wanted == stage::accepted) return {};
        return error{errc::unsupported, "plain socket", "stages beyond accepted need the ack_retry module"};
    }
    bool reached(stage wanted) const noexcept { return wanted == stage::accepted; }
};

}  // namespace godwit
