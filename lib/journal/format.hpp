// The bytes of a segment: docs/journal_format.md. Little endian; every part begins at a multiple of 8.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/batch_format.hpp"  // load, store

namespace godwit::detail::journal_format {

using batch_format::load;
using batch_format::store;

inline constexpr std::uint16_t version = 1;
inline constexpr std::uint32_t magic_directory = 0x444a5747;  // "GWJD"
inline constexpr std::uint32_t magic_segment = 0x534a5747;    // "GWJS"
inline constexpr std::uint32_t magic_entry = 0x454a5747;      // "GWJE"
inline constexpr std::uint32_t magic_footer = 0x464a5747;     // "GWJF"
inline constexpr std::uint32_t magic_tail = 0x544a5747;       // "GWJT"

inline constexpr std::size_t alignment = 8;
inline constexpr std::size_t header_bytes = 128;
inline constexpr std::size_t head_bytes = 64;          // of an entry
inline constexpr std::size_t note_head_bytes = 24;     //
inline constexpr std::size_t footer_fixed_bytes = 64;  //
inline constexpr std::size_t footer_row_bytes = 48;    // of each stream
inline constexpr std::size_t tail_bytes = 16;          // of a footer
inline constexpr std::size_t identity_bytes = 48;      // without former ids and checksum
inline constexpr std::size_t former_id_bytes = 24;     //
inline constexpr std::size_t former_ids_max = 1024;    //
inline constexpr std::uint64_t entry_bytes_max = (std::uint64_t{1} << 30) + (1u << 20);  // any record fits
inline constexpr std::size_t streams_max = 65'536;

inline constexpr std::uint64_t padded(std::uint64_t size) noexcept { return (size + alignment - 1) & ~(alignment - 1); }

}  // namespace godwit::detail::journal_format
