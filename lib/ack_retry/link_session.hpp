// link_set: every link of one socket: greeting, sessions, heartbeats and leases, fragments, takeover. It knows no record's
// meaning: what it is asked to carry it carries, and what comes it hands to its user. Pure: see delivery_protocol.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ack_retry/link_frames.hpp"
#include "base/batch.hpp"
#include "base/link_port.hpp"
#include "base/ports.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

// A session between two incarnations, from the greeting until it is lost. Numbers rise and are never given twice.
using link_number = std::uint64_t;

enum class link_end : std::uint8_t {
    goodbye,     // the peer said so: what it held it has settled or returned
    lost,        // its transport went, or it was silent for its lease; the same incarnation may come again
    superseded,  // the same identity has come with another nonce, or by another way
    closed,      // by us
};

// Of our hello: its tag, and what it says of our memory.
struct greeting_claims {
    std::uint64_t tag = 0;
    std::vector<attempted_range> holds;
    std::vector<std::pair<stream_id, offset>> next;
};

// A rep's hello lists the streams that it remembers as `next`, each with the name of the session that its memory began
// with: the requester's tag there.
constexpr offset memory_of(std::uint64_t tag) noexcept { return tag >> 1; }

// What the links tell; the sender's and the receiver's halves of each pattern implement it.
class link_user {
public:
    virtual ~link_user() = default;
    // Fills what the greeting says beyond the link's own: stream, floor, holds, next, filters, window. The other side meets
    // us as we were then: what has changed when joined() comes is to be told again, by frames.
    virtual void greet(hello& ours) = 0;
    // What the peer said. Not ok: it is refused with these words, and the other side told.
    virtual status meet(const hello& theirs) = 0;
    // After meet. `resumed`: the same incarnation was here before, under that number (0: it was not).
    virtual void joined(link_number link, const hello& theirs, link_number resumed) = 0;
    // Before joined(): what our greeting that the other side has taken said that we have; all of it, as it was then.
    virtual void claimed(link_number, greeting_claims&&) {}
    // Its records may be resent: see link_end. A lost link's incarnation that does not come again within its lease is
    // told a second time, as `closed`.
    virtual void left(link_number link, link_end why) = 0;
    // In the order they were sent. The batch has been checked; `frame` owns its bytes.
    virtual void took(link_number link, const data_frame& envelope, batch_ref&& batch) = 0;
    virtual void took(link_number link, const reply_frame& envelope, batch_ref&& batch) = 0;
    virtual void took(link_number link, ack_frame&& acks) = 0;
    virtual void took(link_number link, filter_frame&& change) = 0;
    virtual void took(link_number link, const gap_frame& gap) = 0;
    virtual void took(link_number link, const cancel_frame& given_up) = 0;
    virtual void drains(link_number link) = 0;  // the peer takes nothing new
    virtual void has_room() = 0;                // some link that was busy may not be now
    virtual void floor_moved(link_number link, offset floor) = 0;
};

struct link_options {
    endpoint_id identity = {};  // empty: a random one
    std::chrono::milliseconds heartbeat{1000}, lease{5000};
    std::chrono::milliseconds greet_again_min{100}, greet_again_max{1000};
    std::size_t links_max = 10'000;
    std::size_t fragment_bytes = 256u << 10;  // what is larger goes in parts of this size
    std::size_t message_bytes_max = 16u << 20;
    std::uint8_t codec = 0;                 // a sender's: what its batches are encoded by; the receiver must have it
    std::vector<std::uint8_t> codecs = {};  // that we decode
};

class GODWIT_EXPORT link_set {
public:
    link_set(pattern own, const link_options& options, time_source& time, random_source& random, link_port& port,
             link_user& user);
    ~link_set();

    // From the carrier: see delivery_protocol.
    void dials(peer_number to);
    void dials_no_more(peer_number to);
    void took(peer_number from, message&& frames);
    void lost(peer_number which);
    void links_changed();
    void may_write();
    steady_time step();  // when to be called again

    // To the carrier. busy: nothing was taken, may_write() will say when. gone: there is no such link; left() has been told,
    // or will be at the next call from the carrier, never inside of this one.
    enum class carried : std::uint8_t { done, busy, gone };
    carried send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch);
    carried reply(link_number to, bool failed, const batch_ref& batch);
    carried send(link_number to,
                 const link_content& control);  // acks, filters, gaps, cancels: kept while busy, bounded
    bool busy(link_number which) const noexcept;
    void floor_is(offset floor) noexcept;  // what pings say, where no batch goes that would say it; never falls

    std::size_t count() const noexcept;
    std::string_view key_of(link_number which) const;                  // the peer's public key, "" without encryption
    std::shared_ptr<const rights> rights_of(link_number which) const;  // what the peer may do; null: everything
    void report(event_kind what, link_number about, std::string_view detail);
    void drain();                            // tells everybody that we take, or send, nothing new
    void say_goodbye(std::string_view why);  // behind the acks; may_write() goes on with it
    bool said_goodbye() const noexcept;      // everybody was told
    std::uint64_t malformed() const noexcept;
    std::uint64_t fenced() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace godwit::detail
