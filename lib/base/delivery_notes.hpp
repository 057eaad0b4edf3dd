// delivery_notes: what a sender has its log keep of records that are not like most: tried before, or dead. Their format:
// docs/journal_format.md, "Notes". Threads: values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/record.hpp"
#include "godwit/reliability.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

// Of a record that was tried, and is to be tried again.
struct attempt_state {
    std::uint32_t attempts = 0;   // that came to an end
    std::uint8_t crashes = 0;     // how often its receiver was lost with it in hand
    std::uint8_t suspicions = 0;  // or maybe in hand
    std::uint8_t priority = priority_default;
    wall_time not_before{};
    wall_time expires = wall_time::max();  // never
    std::uint64_t key_hash = 0;            // of one that is ordered by key: who comes behind it waits. 0: it is not

    friend bool operator==(const attempt_state&, const attempt_state&) = default;
};

// As `key_hash` is made: the same in every process, and never 0.
GODWIT_EXPORT std::uint64_t key_hash_of(std::string_view key) noexcept;

// Of several in a row that are alike.
struct attempt_note {
    static constexpr std::uint64_t records_max = 65'536;
    offset_range what;
    attempt_state state = {};
};
GODWIT_EXPORT std::string encode(const attempt_note& from);
GODWIT_EXPORT result<attempt_note> decode_attempt(std::string_view content);  // `malformed`

struct dead_letter_state {
    std::uint32_t attempts = 0;
    dead_reason why{};
    std::uint8_t priority = priority_default;
    wall_time when{};
    std::string detail = {};
    bool is_taken_out = false;  // requeued: it is as if it had never been tried
};
struct dead_letter_note {
    offset at = 0;
    dead_letter_state state = {};
};
GODWIT_EXPORT std::string encode(const dead_letter_note& from);
GODWIT_EXPORT result<dead_letter_note> decode_dead_letter(std::string_view content);  // `malformed`

}  // namespace godwit::detail
