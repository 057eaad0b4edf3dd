// delivery_protocol: the part of a module that decides what is delivered when, and to whom (DESIGN's "delivery"). A pure
// state machine: no thread, no socket, no clock, no file of its own. The engine of a socket, or a simulation, calls it.
// Lifecycle: made by a module's install(); open() once; any calls; destroyed. Threads: each call is made inside the socket's
// turn, so never two at once; none blocks, none runs user code.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/held_batch.hpp"
#include "base/link_port.hpp"
#include "base/pattern.hpp"
#include "base/ports.hpp"
#include "base/record_log.hpp"
#include "godwit/delivery.hpp"
#include "godwit/layer.hpp"
#include "godwit/reliability.hpp"
#include "godwit/subscription.hpp"

namespace godwit::detail {

struct protocol_world {
    pattern own;
    time_source& time;
    random_source& random;
    link_port& port;
    record_log& log;                // a sender's; a receiver's notes
    std::vector<layer*> layers;     // in the order of their places
    std::shared_ptr<settler> home;  // for the deliveries that recv() makes; see held_batch.hpp
    std::size_t message_bytes_max;
    subscription from = {};           // a sub's
    std::function<void()> wake = {};  // any thread: step() soon
};

// What an attempt of the application came to.
enum class tried : std::uint8_t {
    done,
    would_block,  // nothing was taken or given; ready() says when that changes
    failed,       // see `why`
};

class delivery_protocol {
public:
    virtual ~delivery_protocol() = default;
    virtual status open(protocol_world&& world) = 0;  // once, at the socket's first bind or connect

    // The carrier's side.
    virtual void dials(peer_number to) = 0;  // a connect(): greet it, and again until it answers
    virtual void dials_no_more(peer_number to) = 0;
    virtual void took(peer_number from, message&& frames) = 0;  // first frame: the envelope
    virtual void lost(peer_number which) = 0;                   // its transport is gone; a dialled one may come again
    virtual void links_changed() = 0;                           // some transport came or went: look whose, by ping
    virtual void may_write() = 0;                               // who was busy may have room

    // Time: does what is due; returns when to be called again.
    virtual steady_time step() = 0;

    // The application's side. What a pattern does not have is `unsupported`.
    virtual tried send(const record_parts& what, offset& given, status& why) = 0;
    virtual tried recv(delivery& out, status& why) = 0;  // failed: a gap, once
    virtual void settle(const settlement& what) noexcept = 0;
    virtual tried request(const record_parts& what, const request_terms& terms, offset& given, status& why) = 0;
    // would_block: not answered yet. failed: its outcome, once; afterwards it is not known.
    virtual tried take_reply(offset asked, message& out, status& why) = 0;
    virtual void give_up(offset asked) noexcept = 0;
    virtual status reply(const settlement& to, const record_parts& what) = 0;
    virtual status subscribe(std::string_view filter) = 0;
    virtual status unsubscribe(std::string_view filter) = 0;
    virtual std::size_t subscribers(std::string_view topic) const = 0;

    // What is possible now, for those who wait. `news`: a receipt, a peer or a subscription may have changed.
    struct possible {
        bool in = false;
        bool out = false;
        bool news = false;
    };
    virtual possible ready() = 0;                                                  // news is told once
    virtual std::optional<outcome> outcome_of(offset at, stage wanted) const = 0;  // nullopt: not yet
    virtual std::uint64_t settled_below() const = 0;                               // all records below are settled
    // Until `out` has so many, the oldest first, from that offset on. would_block: the next one is being read, and there
    // will be news; those before it are in `out`.
    virtual tried dead_letters(offset from, std::size_t at_most, std::vector<dead_letter>& out) const = 0;
    virtual tried requeue(offset dead, status& why) = 0;  // `not_found`; would_block as above
    virtual status discard(offset dead) = 0;
    virtual std::vector<settled_record> take_settled(std::size_t at_most) = 0;  // for receipts by callback, in order
    virtual delivery_stats stats() const = 0;

    // Closing: nothing more is taken in or handed out; what is in flight may still be settled.
    virtual void drain() = 0;
    virtual bool drained() const = 0;
    virtual std::uint64_t unsettled() const = 0;
    // To all. Of the application's calls none comes behind it; the carrier's do, until everybody was told.
    virtual void say_goodbye() = 0;
    virtual bool said_goodbye() const { return true; }
};

}  // namespace godwit::detail
