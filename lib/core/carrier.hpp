// carrier: the port that moves the frames of one socket to and from its peers. One implementation over libzmq (ipc and
// tcp), one of our own (inproc). A socket has at most one of each.
// Lifecycle: constructed with a pattern and borrowed surroundings, any number of calls, shut() once, destroyed.
// Threads: every function is called with the socket's turn held, so never two at a time; none blocks, but for bind and
// connect on files. A tcp endpoint comes resolved.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/frames.hpp"
#include "base/pattern.hpp"
#include "core/doorbell.hpp"
#include "core/farewell.hpp"
#include "core/peer_table.hpp"
#include "godwit/options.hpp"

namespace godwit::detail {

enum class io : std::uint8_t {
    done,
    would_block,  // nothing taken, nothing there; the doorbell rings or descriptor() becomes readable when that changes
    unreachable,  // rep: the peer is gone
};

struct readiness {
    bool in = false;
    bool out = false;
    bool news = false;  // subscriptions came or went since the last refresh
};

// What a carrier borrows from its socket; all of it outlives the carrier.
struct surroundings {
    pattern own;
    const socket_options& options;
    std::shared_ptr<peer_table> peers;  // joined, left, and what else happens
    std::shared_ptr<doorbell> bell;     // to ring when in or out may have become possible and descriptor() cannot tell
    std::shared_ptr<farewell> goodbye = {};  // who has business left after shut() enters it there
};

class carrier {
public:
    virtual ~carrier() = default;

    // Takes the whole message or nothing. A pub's never blocks: full subscribers miss it (counted in peers->dropped).
    virtual io try_send(const outgoing& out) = 0;
    // The same for a message of one frame that is copied: the shortest way, for the commonest case. Not for a rep.
    virtual io try_send_copy(bytes only_frame) = 0;
    virtual io try_recv(incoming& in) = 0;
    // What is possible now; also does the carrier's housekeeping (subscriptions, pending commands). Level-triggered.
    virtual readiness refresh() = 0;
    // Becomes readable when refresh() may say something new; -1 when the carrier always rings the bell instead.
    virtual int descriptor() const noexcept = 0;

    virtual result<std::string> bind(const endpoint& where) = 0;  // the endpoint as bound
    // `server`: whom we expect there, if links are encrypted.
    virtual status connect(const endpoint& where, const std::optional<public_key>& server) = 0;
    virtual status unbind(const std::string& url) = 0;      // `not_found`
    virtual status disconnect(const std::string& url) = 0;  // `not_found`

    // Appends those that are bound, as bound, and those that are connected, as given (canonical).
    virtual void list_endpoints(std::vector<std::string>& into) const = 0;

    // sub only.
    virtual void subscribe(std::string_view prefix) = 0;
    virtual void unsubscribe(std::string_view prefix) = 0;
    // pub only: how many subscribers a message with this topic would go to, as far as refresh() has heard.
    virtual std::size_t subscribers(std::string_view topic) const = 0;

    // Ends all links; what is unsent may go out for `linger`, without this object's help.
    virtual void shut(std::chrono::milliseconds linger) = 0;
};

}  // namespace godwit::detail
