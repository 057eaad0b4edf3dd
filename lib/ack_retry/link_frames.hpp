// The frames of a link: what stands in the envelope of each kind, and its bytes. Format: docs/wire_format.md, "The link".
// Every frame has an envelope; data and fragment frames have a second frame with (a part of) a batch.
// Decoding reads what a stranger sent: each length is checked before it is used, nothing is allocated beyond the limits.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/pattern.hpp"
#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"
#include "godwit/stream.hpp"

namespace godwit::detail {

inline constexpr std::uint8_t link_version = 1;
inline constexpr std::size_t link_ranges_max = 4096;       // of each list of ranges
inline constexpr std::size_t link_settled_bytes_min = 45;  // of one of an ack's ranges, without its reason
inline constexpr std::size_t link_why_bytes_max = 256;     // of bye and refuse

// The id of an endpoint: 128 bits, random unless a directory or a name gives it. Of its nonce: drawn at each start.
using endpoint_id = stream_id;

// A range of records of one stream, with the attempt they are at.
struct attempted_range {
    stream_id stream;
    offset_range what;
    std::uint32_t attempt = 1;
};

struct hello {
    std::uint8_t lowest_version = link_version, highest_version = link_version;
    pattern own{};                     // of who says it
    std::uint64_t tag = 0;             // ours: what the other side puts into each frame to us from now on
    std::uint64_t answers = 0;         // the tag of the hello that this one answers; 0: it opens
    endpoint_id identity, nonce;       // who, and which incarnation
    std::uint64_t epoch = 0;           // of its log; 0: memory
    endpoint_id scope;                 // of what it remembers having handled; empty: none
    std::uint32_t can = 0, needs = 0;  // capability bits: what it understands, and what the other side must
    std::vector<std::uint8_t> codecs;  // it can decode, at most 16
    std::uint32_t heartbeat_ms = 0, lease_ms = 0;
    std::uint32_t window_messages = 0;  // a receiver's credit
    std::uint64_t window_bytes = 0;
    std::uint64_t message_bytes_max = 0;
    stream_id stream;  // a sender's: what it will send, and from where its live records begin
    offset floor = 0;
    std::vector<offset_range> below_floor;           // still live, at most 4,096
    std::vector<attempted_range> holds;              // a receiver's: taken and not settled, at most 4,096
    std::vector<std::pair<stream_id, offset>> next;  // a sub's: the first offset that it has not had, by stream
    std::uint8_t from = 0;                           // a sub's start
    std::vector<std::string> filters;                // a sub's, at most 1,024 here; more by `filter` frames
    std::string name;                                // a label, or a named subscriber's name; up to 128 bytes
};

// What stands in the envelope of a batch that comes whole; with `fragment`, of the parts of a larger one.
struct data_frame {
    std::uint64_t number = 0;  // of data frames in this session, from 1, without a hole
    std::uint32_t attempt = 1;
    offset floor = 0;  // all records below are settled but those the sender has named
    std::uint64_t batch_checksum = 0;
};
struct fragment_frame {
    data_frame of;
    std::uint32_t at = 0, total = 0;     // bytes of the batch
    bool reply = false, failed = false;  // the whole is a reply_frame's batch, which failed or not
};

struct ack_frame {
    std::uint64_t received = 0;  // data frames taken, all up to this number
    std::uint64_t handed = 0;    // records handed to handlers, in the order they came, since the session began
    std::uint32_t window_messages = 0;
    std::uint64_t window_bytes = 0;
    struct settled {
        enum class how : std::uint8_t { acked, nacked, refused, returned, crashed };  // returned: never handed out
        stream_id stream;
        offset_range what;
        std::uint32_t attempt = 1;
        how outcome{};
        std::uint32_t delay_ms = 0;  // nacked: at least
        std::string why;             // refused, nacked: up to 1,024 bytes
    };
    std::vector<settled> ranges;  // at most 4,096
};

struct ping_frame {
    std::uint64_t number = 0;
    bool answer = false;  // it is the answer to that number
    offset floor = 0;
};
struct bye_frame {
    std::string why;      // up to 256 bytes
    bool drains = false;  // sends nothing new, still settles; else it is the last frame
};
struct reset_frame {  // the tag in your frame is none of mine: greet me again
    std::uint64_t tag = 0;
};
struct refuse_frame {  // I cannot work with you
    errc code{};
    std::string why;  // up to 256 bytes
};
struct filter_frame {  // sub: one more filter, or one less
    bool add = true;
    std::string filter;
};
struct gap_frame {  // pub: these are gone
    stream_id stream;
    offset_range what;
};
struct reply_frame {           // rep: the answer to a request; its batch has the request's stream and offset
    std::uint64_t number = 0;  // of data frames, as in data_frame
    bool failed = false;
    std::uint64_t batch_checksum = 0;
};
struct cancel_frame {  // req: nobody waits for these any more
    stream_id stream;
    offset_range what;
};

using link_content = std::variant<hello, data_frame, fragment_frame, ack_frame, ping_frame, bye_frame, reset_frame,
                                  refuse_frame, filter_frame, gap_frame, reply_frame, cancel_frame>;
struct link_frame {
    std::uint64_t tag = 0;  // the receiver's of this frame; 0 in hello, reset and refuse
    link_content content;
};

// Throws std::bad_alloc. The buffer's content is replaced. The limits above are the caller's to keep: what is beyond them
// is written, and refused by the other side.
GODWIT_EXPORT void encode(const link_frame& what, std::vector<std::byte>& into);
// Fails with `malformed` (which field), `unsupported` (another version: the value says which), `too_large`.
GODWIT_EXPORT result<link_frame> decode(bytes envelope);
GODWIT_EXPORT bool looks_like_link(bytes envelope) noexcept;  // the magic is right

}  // namespace godwit::detail
