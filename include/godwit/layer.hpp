// layer: a module's part on the way of a message. A stranger's module derives from it: docs/writing_a_module.md.
// Each call is made inside the socket's turn: never two at once, bounded work, no blocking, no call back into the socket.
// What a layer is handed lives for the length of the call.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/peer.hpp"
#include "godwit/result.hpp"
#include "godwit/stream.hpp"

namespace godwit {

// Layers work in this order, whatever order they are given in: outgoing from the last to the first, incoming from the first on.
enum class layer_place : std::uint8_t { codec, rate, identity, effect };

// One record that came in, before it is handed out.
struct offered_record {
    enum class verdict : std::uint8_t {
        pass,    // hand it out
        hold,    // ask again at the next batch or step
        done,    // handled before: settle it as acked, and hand out nothing
        refuse,  // settle it as rejected
    };
    stream_id stream;
    offset at = 0;
    std::uint32_t attempt = 1;
    std::string_view topic, key;
    bytes body;
    verdict what = verdict::pass;
    std::string_view why = {};  // refuse: in words; must outlive the call
};

// Records that were acked at the receiver.
struct handled_range {
    stream_id stream;
    offset_range what;
};

// Who sends, as its greeting says.
struct sender_greeting {
    stream_id stream;
    std::uint64_t epoch = 0;  // how often its log was opened; 0: the log ends with its process
    stream_id nonce = {};     // drawn at that opening
    offset epoch_first = 0;   // the first offset that the epoch gives
    // At the sender all records below are settled, but these.
    offset floor = 0;
    std::span<const offset_range> live_below = {};
};

// What a receiver remembers having handled, and which opening of that memory speaks.
struct memory_identity {
    stream_id scope;
    std::uint64_t epoch = 0;
    stream_id nonce = {};
};

// The socket that a layer works for.
struct layer_site {
    std::string_view pattern;                                  // "push" to "rep"
    std::function<void()> wake;                                // any thread: it asks for kept() and health() again
    std::function<void(event_kind, std::string_view)> report;  // inside the turn: an event of the socket
};

class GODWIT_EXPORT layer {
public:
    virtual ~layer();
    virtual std::string_view name() const noexcept = 0;  // in errors and reports
    virtual layer_place place() const noexcept = 0;
    // Once, before all else. Not ok: bind and connect return it.
    virtual status opened(layer_site&&) { return {}; }

    // codec only, of push and req, where the first one counts (pub refuses it): its number, 1 to 255, in each batch's header
    // and in the greeting: a receiver without it is a mismatch.
    virtual std::uint8_t codec() const noexcept { return 0; }
    // Encodes the records of a batch. Empty: leave this batch as it is.
    virtual std::vector<std::byte> encode(bytes records) {
        (void)records;
        return {};
    }
    // The inverse, of what a peer sent: exactly `size_bytes`, or `malformed`.
    virtual result<std::vector<std::byte>> decode(bytes encoded, std::size_t size_bytes) {
        (void)encoded, (void)size_bytes;
        return error{errc::unsupported, "codec"};
    }

    // A sealed batch goes into the log: how many records and bytes.
    virtual void outgoing(stream_id, offset_range, std::size_t records, std::size_t size_bytes) {
        (void)records, (void)size_bytes;
    }
    // A batch came in.
    virtual void incoming(std::span<offered_record>) {}
    // At the receiver: a record is settled, and the ack has not left yet.
    virtual void settled(stream_id, offset, bool acked) { (void)acked; }

    // What follows is for a pull's layers that remember what was handled.

    // Told to senders in the greeting: what of it has an unknown outcome is repeated only there. Empty: there is none.
    virtual memory_identity memory() const { return {}; }
    // A sender has come, or come again. Not ok: it is refused with these words.
    virtual status met(const sender_greeting&) { return {}; }
    virtual void floor_moved(stream_id, offset to) { (void)to; }  // at its sender all records below are settled
    // So many records of a range came in. True: all pass, and incoming() is not asked for each, if no layer says false.
    virtual bool passes_whole(stream_id, offset_range, std::uint32_t records) {
        (void)records;
        return false;
    }
    // Their acks are ready to leave, and do once kept() has come to the number that is returned. 0: at once. Numbers rise.
    // Of what passed each record comes here, or into let_go(). What an earlier session had told may come here again; at
    // first nothing does: 0 is for who keeps nothing beyond the process.
    virtual std::uint64_t settling(std::span<const handled_range>) { return 0; }
    virtual std::uint64_t kept() const noexcept { return 0; }
    // It passed, and is not in hand any more without an ack: it failed, or comes again, here or elsewhere.
    virtual void let_go(stream_id, offset_range) noexcept {}
    // Not ok: nothing more is handed out, and recv() fails with it.
    virtual status health() const { return {}; }
};

}  // namespace godwit
