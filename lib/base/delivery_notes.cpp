#include "base/delivery_notes.hpp"

#include <span>

#include "base/checksum.hpp"
#include "base/note_fields.hpp"

namespace godwit::detail {

using namespace note_fields;

namespace {

constexpr std::size_t attempt_bytes = 48, dead_letter_bytes = 28;
constexpr std::uint32_t taken_out = UINT32_MAX;
error malformed(std::string_view what) { return error{errc::malformed, std::string{"a note of "}.append(what)}; }

}  // namespace

std::uint64_t key_hash_of(std::string_view key) noexcept {
    const std::uint64_t made = digest(std::as_bytes(std::span{key}));
    return made != 0 ? made : 1;
}

std::string encode(const attempt_note& from) {
    std::string content(attempt_bytes, '\0');
    put(content, 0, from.what.first);
    put(content, 8, from.what.last);
    put(content, 16, from.state.attempts);
    put(content, 20, from.state.crashes);
    put(content, 21, from.state.suspicions);
    put(content, 22, from.state.priority);
    put(content, 24, milliseconds(from.state.not_before));
    put(content, 32, milliseconds(from.state.expires));
    put(content, 40, from.state.key_hash);
    return content;
}

result<attempt_note> decode_attempt(std::string_view content) {
    if (content.size() != attempt_bytes) return malformed("an attempt");
    const auto not_before = get<std::int64_t>(content, 24), expires = get<std::int64_t>(content, 32);
    attempt_note made;
    made.what = {get<offset>(content, 0), get<offset>(content, 8)};
    made.state.attempts = get<std::uint32_t>(content, 16);
    made.state.crashes = get<std::uint8_t>(content, 20);
    made.state.suspicions = get<std::uint8_t>(content, 21);
    made.state.priority = get<std::uint8_t>(content, 22);
    made.state.key_hash = get<std::uint64_t>(content, 40);
    if (made.what.first > made.what.last || made.what.last > offset_max ||
        made.what.count() > attempt_note::records_max || made.state.priority > priority_max || !is_time(not_before) ||
        !is_time(expires))
        return malformed("an attempt");
    made.state.not_before = time_of(not_before);
    made.state.expires = time_of(expires);
    return made;
}

std::string encode(const dead_letter_note& from) {
    std::string content(dead_letter_bytes, '\0');
    const dead_letter_state& state = from.state;
    put(content, 0, from.at);
    put(content, 8, state.attempts);
    put(content, 12, static_cast<std::uint8_t>(state.why));
    put(content, 13, state.priority);
    put(content, 16, milliseconds(state.when));
    put(content, 24, state.is_taken_out ? taken_out : static_cast<std::uint32_t>(state.detail.size()));
    if (!state.is_taken_out) content += state.detail;
    return content;
}

result<dead_letter_note> decode_dead_letter(std::string_view content) {
    if (content.size() < dead_letter_bytes) return malformed("a dead letter");
    const auto when = get<std::int64_t>(content, 16);
    const auto why = get<std::uint8_t>(content, 12);
    const auto length = get<std::uint32_t>(content, 24);
    dead_letter_note made;
    made.at = get<offset>(content, 0);
    made.state.attempts = get<std::uint32_t>(content, 8);
    made.state.priority = get<std::uint8_t>(content, 13);
    made.state.is_taken_out = length == taken_out;
    const std::string_view words = content.substr(dead_letter_bytes);
    if (made.at > offset_max || why > static_cast<std::uint8_t>(dead_reason::refused) || !is_time(when) ||
        made.state.priority > priority_max || words.size() != (made.state.is_taken_out ? 0 : length))
        return malformed("a dead letter");
    made.state.why = static_cast<dead_reason>(why);
    made.state.when = time_of(when);
    made.state.detail = words;
    return made;
}

}  // namespace godwit::detail
