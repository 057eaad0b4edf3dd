// The bytes of a batch: docs/wire_format.md, "The batch". Little endian; nothing is aligned to anything.
//
//    0       4         6       7       8            12          16
//    | magic | version | codec | flags | bytes      | count     |
//   16                               24                         32
//    | stream, high half             | stream, low half         |
//   32                               40                         48
//    | base offset                   | sealed, ms since 1970    |
//   48              52               56                         64
//    | last - base  | record bytes   | checksum                 |
//   64: the records; behind them, if any record has a topic, the topics.
//
//   A record:    0            4                8       10         11      12
//                | bytes      | offset - base  | topic | priority | flags |
//                [sent i64] [delay u64] [ttl u64] [deliver_at i64] [u16 key] [u16 headers] body
//   The topics:  u32 count | count x u32 end of each in the text | text
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "godwit/export.hpp"
#include "godwit/message.hpp"

namespace godwit::detail::batch_format {

inline constexpr std::uint32_t magic = 0x31425747;  // "GWB1"
inline constexpr std::uint16_t version = 1;
inline constexpr std::uint8_t codec_none = 0;

inline constexpr std::size_t magic_at = 0, version_at = 4, codec_at = 6, flags_at = 7, bytes_at = 8, count_at = 12,
                             stream_high_at = 16, stream_low_at = 24, base_at = 32, sealed_at = 40, last_at = 48,
                             record_bytes_at = 52, checksum_at = 56, header_bytes = 64;
static_assert(checksum_at + sizeof(std::uint64_t) == header_bytes);

inline constexpr std::uint8_t flag_exceptions = 1;  // some record has a priority of its own, or times
inline constexpr std::uint8_t flag_epoch = 2;       // kept free for the batch that names a hole

inline constexpr std::size_t record_size_at = 0, record_delta_at = 4, record_topic_at = 8, record_priority_at = 10,
                             record_flags_at = 11, record_header_bytes = 12;

inline constexpr std::uint8_t has_key = 1, has_headers = 2, has_delay = 4, has_ttl = 8, has_deliver_at = 16;
inline constexpr std::uint8_t has_times = has_delay | has_ttl | has_deliver_at;
inline constexpr std::uint8_t known_record_flags = has_key | has_headers | has_times;

// Behind the header of an encoded batch, before what the codec made. The second word stands where a plain batch has its
// first record's delta.
inline constexpr std::size_t encoded_size_at = 64, first_delta_at = 68, encoded_envelope_bytes = 8;
static_assert(first_delta_at == header_bytes + record_delta_at);

inline constexpr std::size_t topics_max = 65535;
inline constexpr std::size_t headers_max = 64;
inline constexpr std::size_t name_bytes_max = 65535;         // topic, key, a header's name
inline constexpr std::size_t record_bytes_limit = 1u << 30;  // so that a batch's size stays below 2^32
inline constexpr std::size_t batch_bytes_limit = 3u << 30;
inline constexpr std::int64_t milliseconds_max = std::int64_t{1} << 53;  // sums of two times cannot overflow

static_assert(std::endian::native == std::endian::little, "the loads below would have to swap bytes");

template <class T>
T load(const std::byte* from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
template <class T>
void store(std::byte* to, T value) noexcept {
    std::memcpy(to, &value, sizeof value);
}

// Of header bytes 0 to 55, seeded with that of everything behind the header.
GODWIT_EXPORT std::uint64_t checksum(bytes batch) noexcept;
// Writes it into its place.
GODWIT_EXPORT void sign(std::byte* batch, std::size_t size) noexcept;

// Of a record that has passed check(): how long its times are, and what stands behind its headers.
inline std::size_t times_bytes(unsigned flags) noexcept {
    const unsigned words = ((flags & (has_delay | has_ttl)) != 0) + ((flags & has_delay) != 0) +
                           ((flags & has_ttl) != 0) + ((flags & has_deliver_at) != 0);
    return sizeof(std::int64_t) * words;
}
inline constexpr std::size_t header_sizes_bytes = sizeof(std::uint16_t) + sizeof(std::uint32_t);
inline const std::byte* behind_headers(const std::byte* from) noexcept {
    auto left = load<std::uint16_t>(from);
    for (from += sizeof left; left > 0; --left) {
        from += header_sizes_bytes + load<std::uint16_t>(from) + load<std::uint32_t>(from + sizeof(std::uint16_t));
    }
    return from;
}

// A topic by its index, 1 and above; `topics` is what stands behind the records.
inline std::string_view topic_at(const std::byte* topics, std::uint32_t index) noexcept {
    const auto count = load<std::uint32_t>(topics);
    const std::byte* const ends = topics + sizeof(std::uint32_t);
    const auto first = index == 1 ? 0 : load<std::uint32_t>(ends + (index - 2) * sizeof(std::uint32_t));
    const auto end = load<std::uint32_t>(ends + (index - 1) * sizeof(std::uint32_t));
    const auto* const text = reinterpret_cast<const char*>(ends + count * sizeof(std::uint32_t));
    return {text + first, end - first};
}

}  // namespace godwit::detail::batch_format
