// layer: a module's part on the way of a message. A stranger's module derives from it: docs/writing_a_module.md.
// Each call is made inside the socket's turn: never two at once, bounded work, no blocking, no call back into the socket.
// What a layer is handed lives for the length of the call.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
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

class GODWIT_EXPORT layer {
public:
    virtual ~layer();
    virtual std::string_view name() const noexcept = 0;  // in errors and reports
    virtual layer_place place() const noexcept = 0;

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
};

}  // namespace godwit
