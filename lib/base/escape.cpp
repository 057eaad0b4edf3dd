#include "base/escape.hpp"

namespace godwit::detail {

namespace {

constexpr bool continues(std::string_view text, std::size_t at) noexcept {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

unsigned byte_at(std::string_view text, std::size_t at) noexcept { return static_cast<unsigned char>(text[at]); }

bool breaks_or_turns_lines(std::string_view character) noexcept {
    const unsigned first = byte_at(character, 0);
    if (character.size() == 1) return first < 0x20 || first == 0x7f;
    if (character.size() == 2) return first == 0xc2 && byte_at(character, 1) < 0xa0;
    if (character.size() != 3) return false;
    const unsigned point = (first & 0x0f) << 12 | (byte_at(character, 1) & 0x3f) << 6 | (byte_at(character, 2) & 0x3f);
    return (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

// Unicode 15, table 3-7.
std::size_t utf8_length(std::string_view text, std::size_t at) noexcept {
    const unsigned first = byte_at(text, at);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4 || !continues(text, at + 1)) return 0;
    const unsigned second = byte_at(text, at + 1);
    if (first < 0xe0) return 2;
    if (!continues(text, at + 2)) return 0;
    if (first < 0xf0) return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
    if (!continues(text, at + 3)) return 0;
    return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

void append_escaped(std::string& out, std::string_view text, std::size_t bytes_max) {
    constexpr char digits[] = "0123456789abcdef";
    const std::size_t start = out.size();
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = utf8_length(text, at);
        if (length != 0 && breaks_or_turns_lines(text.substr(at, length))) length = 0;
        if (out.size() - start + (length != 0 ? length : 4) > bytes_max) {
            out += "...";
            return;
        }
        if (length != 0) {
            out.append(text, at, length);
            at += length;
        } else {
            const unsigned byte = byte_at(text, at++);
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
}

std::string as_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_length(text, at);
        if (length == 0) {
            out += "\xef\xbf\xbd";
            ++at;
        } else {
            out.append(text, at, length);
            at += length;
        }
    }
    return out;
}

}  // namespace godwit::detail
