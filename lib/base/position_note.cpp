#include "base/position_note.hpp"

#include "base/note_fields.hpp"

namespace godwit::detail {

using namespace note_fields;

namespace {

constexpr std::size_t fixed_bytes = 26;
constexpr offset given_up = offset_max + 1;

}  // namespace

std::string encode(const position_note& from) {
    std::string content(fixed_bytes, '\0');
    put(content, 0, from.is_given_up ? given_up : from.next);
    put(content, 8, milliseconds(from.when));
    put(content, 16, milliseconds(from.until));
    put(content, 24, static_cast<std::uint16_t>(from.name.size()));
    return content + from.name;
}

result<position_note> decode_position(std::string_view content) {
    const error bad{errc::malformed, "a note of a position"};
    if (content.size() < fixed_bytes) return bad;
    const auto next = get<offset>(content, 0);
    const auto when = get<std::int64_t>(content, 8), until = get<std::int64_t>(content, 16);
    const std::string_view name = content.substr(fixed_bytes);
    if (next > given_up || !is_time(when) || !is_time(until) || name.empty() ||
        name.size() > position_note::name_bytes_max || name.size() != get<std::uint16_t>(content, 24))
        return bad;
    return position_note{std::string{name}, next == given_up ? 0 : next, time_of(when), time_of(until),
                         next == given_up};
}

}  // namespace godwit::detail
