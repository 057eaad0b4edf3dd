// The head of an envelope: its bytes, and its checksum. Format: docs/wire_format.md, "The link". Little endian.
//
//    0       4         5      6       8                12         16
//    | magic | version | kind | flags | envelope bytes | reserved |
//   16                        24                       32
//    | tag                    | checksum               | content by kind
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "godwit/message.hpp"

namespace godwit::detail::envelope {

inline constexpr std::uint32_t magic = 0x314c5747;  // "GWL1"
inline constexpr std::size_t magic_at = 0, version_at = 4, kind_at = 5, flags_at = 6, bytes_at = 8, reserved_at = 12,
                             tag_at = 16, checksum_at = 24, head_bytes = 32;
inline constexpr std::size_t bytes_max = 1u << 20;

// What stands in `kind`: the place of the content in link_content, from 1.
inline constexpr std::uint8_t kind_min = 1, kind_max = 12;

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

// Of head bytes 0 to 23, seeded with that of everything behind the head. `whole` has a head at least.
std::uint64_t checksum(bytes whole) noexcept;
std::uint64_t digest(bytes data, std::uint64_t seed) noexcept;  // the same everywhere

}  // namespace godwit::detail::envelope
