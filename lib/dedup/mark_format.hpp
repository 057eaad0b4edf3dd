// The bytes of a dedup directory: docs/dedup_format.md. What is read is checked before it is used.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/directory.hpp"
#include "base/guard.hpp"
#include "base/handled_marks.hpp"

namespace godwit::detail {

namespace mark_format {

inline constexpr std::uint32_t magic_identity = 0x44445747;  // GWDD
inline constexpr std::uint32_t magic_file = 0x4d445747;      // GWDM
inline constexpr std::uint32_t magic_entry = 0x45445747;     // GWDE
inline constexpr std::uint16_t version = 1;
inline constexpr std::size_t identity_bytes = 56;
inline constexpr std::size_t file_header_bytes = 64;
inline constexpr std::size_t entry_header_bytes = 32;
inline constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 32;

enum class content : std::uint16_t { marks, ids };  // what a directory holds

}  // namespace mark_format

struct memory_place {
    stream_id scope;
    std::int64_t made = 0;  // ms since 1970
    file_place place;       // of the directory and of `lock`
    mark_format::content holds = mark_format::content::marks;
};
GODWIT_EXPORT std::string encode(const memory_place& what);
GODWIT_EXPORT result<memory_place> decode_place(bytes image);  // `malformed`, `unsupported`

struct mark_file_header {
    std::uint64_t number = 1;
    stream_id scope;
    std::uint64_t epoch = 1;
    stream_id nonce;
    mark_format::content holds = mark_format::content::marks;
};
GODWIT_EXPORT std::string encode(const mark_file_header& what);
GODWIT_EXPORT result<mark_file_header> decode_mark_file(bytes image);  // `malformed`, `unsupported`

// One entry: its header and content. `seed`: the digest of the file's header.
GODWIT_EXPORT std::string seal_marks(std::string_view content, std::uint64_t number, std::uint64_t synced,
                                     std::uint64_t seed);
struct mark_entry {
    std::uint64_t number = 0;
    std::uint64_t synced = 0;
    bytes content;
    std::size_t size_bytes = 0;  // with its header
};
// That which begins there; nothing: none does.
GODWIT_EXPORT std::optional<mark_entry> find_marks(bytes at, std::uint64_t seed);

}  // namespace godwit::detail
