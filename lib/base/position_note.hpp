// position_note: the position of a named subscriber of a stream, as its log keeps it. Format: docs/journal_format.md, "Notes".
// Threads: values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/record.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

struct position_note {
    static constexpr std::size_t name_bytes_max = 128;
    std::string name = {};
    offset next = 0;                     // the first that it has not had
    wall_time when{};                    // it said so
    wall_time until = wall_time::max();  // its records are held; max: for ever
    bool is_given_up = false;
};
GODWIT_EXPORT std::string encode(const position_note& from);
GODWIT_EXPORT result<position_note> decode_position(std::string_view content);  // `malformed`

}  // namespace godwit::detail
