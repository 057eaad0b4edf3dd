// The parts of a segment as values, and as bytes: header, an entry's head, footer. docs/journal_format.md.
// Threads: values. Whatever does not pass is `malformed`; a version that we do not know is `unsupported`.
#pragma once
#include <array>
#include <compare>
#include <span>
#include <vector>

#include "base/entry.hpp"
#include "journal/format.hpp"

namespace godwit::detail {

// 128 drawn bits: of a journal, or an epoch's nonce.
struct journal_id {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const journal_id&, const journal_id&) = default;
};

using lsn = std::uint64_t;  // an entry's number in its journal, from 1

struct segment_header {
    journal_id journal;
    std::uint64_t number = 1;
    std::uint64_t epoch = 1;
    journal_id nonce;
    lsn first = 1;                  // of its first entry
    std::uint64_t seal_before = 0;  // of the segment before it
    std::uint64_t lowest = 1;       // segment that is needed
    std::int64_t made = 0;          // ms since 1970
    bool behind_quarantine = false;
    std::uint64_t seed = 0;  // of all checksums behind it; set by encode and decode
};

using header_image = std::array<std::byte, journal_format::header_bytes>;
GODWIT_EXPORT header_image encode(segment_header& header);
GODWIT_EXPORT result<segment_header> decode_header(bytes image);  // of at least 128 bytes

struct entry_head {
    std::uint32_t size = 0;  // of the entry, in bytes, head and zeros included
    lsn number = 0;
    lsn durable = 0;  // the durable mark when it was written
    std::uint64_t chain = 0;
    std::int64_t when = 0;  // ms since 1970
    std::uint32_t batches = 0;
    std::uint32_t notes = 0;
    std::uint64_t content = 0;  // checksum of what is behind the head
    std::uint64_t checksum = 0;
};

using head_image = std::array<std::byte, journal_format::head_bytes>;
GODWIT_EXPORT head_image encode(entry_head& head, std::uint64_t seed);                      // sets the checksum
GODWIT_EXPORT bool decode_head(bytes image, std::uint64_t seed, entry_head& out) noexcept;  // of at least 64 bytes

// An entry under way to a file: its parts, one behind the other, are its bytes. It borrows the batches' memory.
struct encoded_entry {
    encoded_entry() = default;
    encoded_entry(const encoded_entry&) = delete;  // parts has views of its own members
    entry_head head;
    head_image image;
    std::vector<std::byte> notes;  // and the zeros behind them
    std::vector<bytes> parts;      // head, batches, notes
};
// `head` has number, durable, chain and when; the rest is filled in. False: it would be too large.
GODWIT_EXPORT bool encode(std::span<const batch_ref> batches, std::span<const note> notes, entry_head head,
                          std::uint64_t seed, encoded_entry& out);
inline std::uint64_t encoded_bytes(std::span<const batch_ref> batches, std::span<const note> notes) noexcept {
    std::uint64_t size = journal_format::head_bytes;
    for (const batch_ref& one : batches) size += one.view.data().size();
    for (const note& one : notes) size += journal_format::note_head_bytes + one.content.size();
    return journal_format::padded(size);
}

// An entry that was read: views of its bytes, each batch's envelope checked.
struct decoded_entry {
    entry_head head;
    std::vector<batch_view> batches;
    struct note_view {
        note::kind what{};
        stream_id stream;
        std::string_view content;
    };
    std::vector<note_view> notes;
};
GODWIT_EXPORT std::uint64_t content_checksum(bytes whole, std::uint64_t seed) noexcept;
GODWIT_EXPORT bool content_passes(bytes whole, std::uint64_t seed, const entry_head& head) noexcept;
GODWIT_EXPORT status decode_content(bytes whole, decoded_entry& out);  // out.head is set, and the content has passed

struct footer_row {
    stream_id stream;
    offset first = 0, end = 0;                  // of records that came here first
    offset carried_first = 0, carried_end = 0;  // of those that were carried here
};

struct segment_footer {
    enum class ending : std::uint32_t { another_follows, clean, by_recovery };
    lsn last = 0;
    std::uint64_t last_checksum = 0;  // of its head
    std::uint64_t records = 0;
    std::int64_t earliest = 0, latest = 0;  // ms since 1970
    ending how{};
    std::uint64_t checkpoint = 0;  // position of the last whole one; 0: none
    std::vector<footer_row> rows;
    std::uint64_t seal = 0;
};

GODWIT_EXPORT std::vector<std::byte> encode(segment_footer& footer, std::uint64_t seed);  // sets the seal
// Of the last bytes of a file: how long its footer is; 0: it has none.
GODWIT_EXPORT std::uint32_t footer_size(bytes last_tail) noexcept;
GODWIT_EXPORT result<segment_footer> decode_footer(bytes image, std::uint64_t seed);

}  // namespace godwit::detail
