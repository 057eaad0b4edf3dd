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

#include "base/access_state.hpp"
#include "base/endpoint.hpp"
#include "base/frames.hpp"
#include "base/pattern.hpp"
#include "core/doorbell.hpp"
#include "core/farewell.hpp"
#include "core/peer_table.hpp"
#include "godwit/export.hpp"
#include "godwit/options.hpp"

namespace godwit::detail {

enum class io : std::uint8_t {
    done,
    would_block,  // nothing taken, nothing there; the doorbell rings or descriptor() becomes readable when that changes
    unreachable,  // rep, link: the peer is gone
};

// A link's queues, in messages: each is a whole batch. Short, so that what waits can still be put together.
inline constexpr std::size_t link_send_messages_max = 1;     // over ipc and tcp, beside what the kernel takes
inline constexpr std::size_t link_receive_messages_max = 4;  // over inproc, where it is the only queue: each way
// A frame of a link is a batch in its envelope, of several messages or of one large one.
constexpr std::size_t link_frame_bytes_max(std::size_t message_bytes_max) noexcept {
    constexpr std::size_t envelope = 64u << 10, batch = 256u << 10;
    return (message_bytes_max > batch ? message_bytes_max : batch) + envelope;
}

struct readiness {
    bool in = false;
    bool out = false;
    bool news = false;  // subscriptions came or went since the last refresh; a link's: there is something to take
};

// What a carrier borrows from its socket; all of it outlives the carrier.
struct surroundings {
    pattern own;  // link: under a protocol, for every pattern that users see
    const socket_options& options;
    std::shared_ptr<peer_table> peers;  // joined, left, and what else happens
    std::shared_ptr<doorbell> bell;     // to ring when in or out may have become possible and descriptor() cannot tell
    std::shared_ptr<farewell> goodbye = {};  // who has business left after shut() enters it there
    pattern shown = own;                     // what users see; another than `own` for a link
};

class GODWIT_EXPORT carrier {
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

    // link only. A peer that comes to us has a name from its first frame until it is gone, and never again. One that we
    // dial has its name from dial() until disconnect(), while its link comes and goes; a second dial of a url changes
    // nothing. To send to it while it has no link would_block, or is queued for the next, at most
    // link_send_messages_max: whatever was under way when a link broke is lost with it, or part of it comes late.
    virtual result<std::string> dial(const endpoint& where, const std::optional<public_key>& server);  // the name
    // What has happened since the last call; refresh().news until it is taken: links came up or went down.
    virtual bool take_changes() { return false; }
    // Appends the peers whose links are known to have ended, each when all that it sent has been received; a dialled one
    // among them may be back. Over ipc and tcp nothing tells: a peer that is gone is `unreachable` when it is sent to.
    virtual void take_gone(std::vector<std::string>&) {}
    // Appends the peers that a send would_block for, and that may have room now, or are gone, each once: refresh().out until
    // taken. A send that was done since changes nothing: another of its callers may still wait.
    virtual void take_writable(std::vector<std::string>&) {}
    // Ends the link of a peer that broke the rules. Over ipc and tcp one that we dial is dialled again, after a pause;
    // over inproc the two stay apart until one of them binds or dials there again.
    virtual void end_peer(std::string_view, std::string_view /*reason*/) {}
    // Whom the handshake found a peer to be; no key without encryption, and of a dialled one the key we expect there.
    virtual admission who(std::string_view) const { return {}; }

    // Ends all links; what is unsent may go out for `linger`, without this object's help.
    virtual void shut(std::chrono::milliseconds linger) = 0;
};

}  // namespace godwit::detail
