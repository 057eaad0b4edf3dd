#include "godwit/result.hpp"

#include <iterator>

namespace godwit {

namespace {

struct meaning {
    std::string_view name;
    const char* text;  // what() of an error with nothing but a code: the name, then the sentence
};

// In the order of errc, which begins at 1.
constexpr meaning meanings[] = {
    {"invalid_argument", "invalid_argument: this value can never be right here"},
    {"invalid_endpoint", "invalid_endpoint: this URL cannot be used here"},
    {"insecure", "insecure: tcp beyond the loopback needs the option `insecure`"},
    {"address_in_use", "address_in_use: somebody listens there already"},
    {"not_found", "not_found: there is none such"},
    {"too_large", "too_large: this is above a limit"},
    {"too_late", "too_late: options cannot change after the first bind or connect"},
    {"timed_out", "timed_out: the deadline came first, nothing was taken"},
    {"cancelled", "cancelled: the stop token came first, nothing was taken"},
    {"closed", "closed: the socket or its context was closed"},
    {"forked", "forked: made before fork(), it cannot be used in the child"},
    {"unsupported", "unsupported: this socket, with these modules, cannot do that"},
    {"unreachable", "unreachable: the peer that this was meant for is gone"},
    {"malformed", "malformed: these bytes do not decode"},
    {"no_resources", "no_resources: the process or the system is out of descriptors, memory or threads"},
    {"io", "io: the operating system reports an error"},
};
constexpr meaning unknown{"unknown", "unknown: an error code from a newer version"};

constexpr const meaning& meaning_of(errc code) noexcept {
    const auto index = static_cast<std::size_t>(code) - 1;
    return index < std::size(meanings) ? meanings[index] : unknown;
}
static_assert(meaning_of(errc::io).name == "io");

constexpr std::size_t value_bytes_max = 200;
constexpr std::size_t advice_bytes_max = 400;

constexpr bool continues(std::string_view text, std::size_t at) noexcept {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// The length of the printable character that begins at `at`, or 0 where a byte has to be escaped: control characters
// (those of Unicode that break or turn lines, too) and what is not UTF-8.
std::size_t printable_length(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[at + offset]); };
    const unsigned first = byte(0);
    if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
    if (first < 0xc2 || first > 0xf4 || !continues(text, at + 1)) return 0;
    const unsigned second = byte(1);
    if (first < 0xe0) return first == 0xc2 && second < 0xa0 ? 0 : 2;
    if (!continues(text, at + 2)) return 0;
    if (first < 0xf0) {
        const unsigned point = (first & 0x0f) << 12 | (second & 0x3f) << 6 | (byte(2) & 0x3f);
        const bool turns_lines = (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
                                 (point >= 0x2066 && point <= 0x2069);
        return point < 0x800 || (point >= 0xd800 && point <= 0xdfff) || turns_lines ? 0 : 3;
    }
    if (!continues(text, at + 3)) return 0;
    return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

void append_escaped(std::string& out, std::string_view text, std::size_t bytes_max) {
    constexpr char digits[] = "0123456789abcdef";
    const std::size_t start = out.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = printable_length(text, at);
        if (out.size() - start + (length != 0 ? length : 4) > bytes_max) {
            out += "...";
            return;
        }
        if (length != 0) {
            out.append(text, at, length);
            at += length;
        } else {
            const auto byte = static_cast<unsigned char>(text[at++]);
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
}

}  // namespace

std::string_view name(errc code) noexcept { return meaning_of(code).name; }

struct error::detail {
    std::string text;
    std::size_t value_begin;
    std::size_t value_size;
};

error::error(errc code, std::string_view value, std::string_view advice) noexcept : code_{code} {
    try {
        const meaning& known = meaning_of(code);
        auto made = std::make_shared<detail>();
        std::string& text = made->text;
        text.append(known.name).append(": ");
        made->value_begin = text.size();
        append_escaped(text, value, value_bytes_max);
        made->value_size = text.size() - made->value_begin;
        if (made->value_size != 0) text += ": ";
        if (advice.empty()) {
            text += known.text + known.name.size() + 2;
        } else {
            append_escaped(text, advice, advice_bytes_max);
        }
        detail_ = std::move(made);
    } catch (...) {
        // Out of memory: the code has to be enough.
    }
}

error::error(const error&) noexcept = default;
error::error(error&&) noexcept = default;
error& error::operator=(const error&) noexcept = default;
error& error::operator=(error&&) noexcept = default;
error::~error() = default;

std::string_view error::value() const noexcept {
    if (detail_ == nullptr) return {};
    return std::string_view{detail_->text}.substr(detail_->value_begin, detail_->value_size);
}

const char* error::what() const noexcept { return detail_ != nullptr ? detail_->text.c_str() : meaning_of(code_).text; }

namespace detail {

void throw_error(const error& failure) { throw error(failure); }
void throw_no_error() { throw std::logic_error("godwit: error() of a result that holds a value"); }

}  // namespace detail

}  // namespace godwit
