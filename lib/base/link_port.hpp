// link_port: the door by which a delivery protocol reaches its peers. Behind it: the engine over libzmq and inproc, or the
// simulated network. A peer number is given to each peer that was dialled or has spoken, and is never used twice.
// Threads: called inside a turn; nothing blocks.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "godwit/access_list.hpp"
#include "godwit/message.hpp"
#include "godwit/peer.hpp"

namespace godwit::detail {

using peer_number = std::uint64_t;

class link_port {
public:
    enum class sent : std::uint8_t {
        done,
        busy,  // nothing was taken: it has not taken the last ones yet; may_write() will be called when it might
        gone,  // there is no such peer any more; lost() will not be called for it
    };
    virtual ~link_port() = default;

    // One frame, or two: the envelope is copied, the body is shared where that is cheaper. All or nothing.
    virtual sent send(peer_number to, bytes envelope, const message* body) = 0;
    // Ends the link of a peer that has broken the protocol; if we dial it, it is dialled again later.
    virtual void end(peer_number which) = 0;
    virtual std::string_view key_of(peer_number which) const = 0;  // its public key as Z85; "" without encryption
    // What it may do here; null: everything.
    virtual std::shared_ptr<const rights> rights_of(peer_number) const { return {}; }
    virtual void report(event_kind what, peer_number which, std::string_view detail) = 0;
    virtual void ring() noexcept = 0;  // there is more to do: step() soon, in another turn
    // A caller waits for a message: what comes now is handed out in a moment.
    virtual bool awaits_message() const noexcept { return false; }
};

}  // namespace godwit::detail
