// What strangers wrote, made fit for one line of text: an error, a log record, a label.
// Threads: pure functions.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "godwit/export.hpp"

namespace godwit::detail {

// The length of the well-formed UTF-8 character that begins at `at`, or 0.
GODWIT_EXPORT std::size_t utf8_length(std::string_view text, std::size_t at) noexcept;

// Appends `text`, with control characters (those of Unicode that break or turn lines, too) and what is not UTF-8 as
// \xNN. What would make it longer than `bytes_max` is left out, and "..." says so.
GODWIT_EXPORT void append_escaped(std::string& out, std::string_view text, std::size_t bytes_max);

// The text, each byte that is not of a well-formed character replaced by U+FFFD.
GODWIT_EXPORT std::string as_utf8(std::string_view text);

}  // namespace godwit::detail
