// What is kept of what was handled, as bytes: the contents of docs/dedup_format.md, for whichever module keeps them.
// Threads: values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/guard.hpp"

namespace godwit::detail {

enum class mark_kind : std::uint8_t { producer = 1, live, done, forgotten, closed, known_since, id };

inline bytes as_bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

GODWIT_EXPORT void put_producer(std::string& into, stream_id stream, const producer_memory& what);  // but what is done
GODWIT_EXPORT void put_done(std::string& into, stream_id stream, offset_range what);
GODWIT_EXPORT void put_forgotten(std::string& into, stream_id stream);
GODWIT_EXPORT void put_closed(std::string& into);
GODWIT_EXPORT void put_all(std::string& into, const guard& what);
// `malformed`: which its checksum should not have let through. `closed`: it was the last word.
GODWIT_EXPORT status apply_marks(bytes content, guard& into, bool& closed);

}  // namespace godwit::detail
