#include "zmtp.hpp"

#include <algorithm>

namespace tool::zmtp {

namespace {

constexpr std::size_t signature_size = 10;
constexpr std::size_t major_at = 10;
constexpr std::size_t minor_at = 11;
constexpr std::size_t mechanism_at = 12;
constexpr std::size_t mechanism_size = 20;

unsigned byte_at(std::string_view bytes, std::size_t at) noexcept { return static_cast<unsigned char>(bytes[at]); }

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) noexcept {
    std::uint64_t number = 0;
    for (std::size_t index = 0; index < size; ++index) number = number << 8 | byte_at(bytes, at + index);
    return number;
}

// Takes `size` bytes off the front; nothing if there are fewer.
std::optional<std::string_view> take(std::string_view& bytes, std::uint64_t size) {
    if (size > bytes.size()) return {};
    const std::string_view taken = bytes.substr(0, static_cast<std::size_t>(size));
    bytes.remove_prefix(taken.size());
    return taken;
}

// A length of `width` bytes, and as many bytes as it says.
std::optional<std::string_view> take_counted(std::string_view& bytes, std::size_t width) {
    const auto length = take(bytes, width);
    if (!length) return {};
    return take(bytes, number_at(*length, 0, width));
}

std::string lower(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each; });
    return result;
}

}  // namespace

std::string greeting_begin() {
    std::string begin(mechanism_at, '\0');
    begin[0] = '\xff';
    begin[signature_size - 1] = '\x7f';
    begin[major_at] = 3;
    return begin;
}

std::string greeting_rest(std::string_view mechanism) {
    std::string rest(greeting_size - mechanism_at, '\0');
    std::copy_n(mechanism.begin(), std::min(mechanism.size(), mechanism_size), rest.begin());
    return rest;
}

protocol protocol_of(std::string_view received) {
    if (received.size() < 2) return protocol::unknown;
    const unsigned first = byte_at(received, 0);
    // Before versions, a peer began with its identity: a frame of a short length, with flags of 0.
    if (first != 0xff) return first != 0 && byte_at(received, 1) == 0 ? protocol::zmtp_1 : protocol::foreign;
    if (received.size() < signature_size) return protocol::unknown;
    if ((byte_at(received, signature_size - 1) & 1) == 0) return protocol::zmtp_1;
    if (received.size() <= major_at) return protocol::unknown;
    if (byte_at(received, major_at) >= 3) return protocol::zmtp_3;
    return byte_at(received, major_at) == 0 ? protocol::zmtp_1 : protocol::zmtp_2;
}

std::optional<greeting> parse_greeting(std::string_view received) {
    if (received.size() < greeting_size || protocol_of(received) != protocol::zmtp_3) return {};
    const std::string_view field = received.substr(mechanism_at, mechanism_size);
    const std::size_t length = std::min(field.find('\0'), field.size());
    const std::string_view name = field.substr(0, length);
    if (name.empty() || field.substr(length).find_first_not_of('\0') != std::string_view::npos) return {};
    if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+") != std::string_view::npos) return {};
    return greeting{byte_at(received, major_at), byte_at(received, minor_at), std::string{name}};
}

progress parse_command(std::string_view received, command& into) {
    constexpr unsigned large = 2;
    constexpr unsigned is_command = 4;
    std::string_view rest = received.substr(std::min(greeting_size, received.size()));
    if (rest.empty()) return progress::unfinished;
    const unsigned flags = byte_at(rest, 0);
    if ((flags & ~large) != is_command) return progress::malformed;
    rest.remove_prefix(1);
    const std::size_t width = (flags & large) != 0 ? 8 : 1;
    if (rest.size() < width) return progress::unfinished;
    if (number_at(rest, 0, width) > command_bytes_max) return progress::malformed;
    auto body = take_counted(rest, width);
    if (!body) return progress::unfinished;
    const auto name = take_counted(*body, 1);
    if (!name || name->empty()) return progress::malformed;
    into = {std::string{*name}, std::string{*body}};
    return progress::done;
}

std::optional<std::map<std::string, std::string>> parse_metadata(std::string_view body) {
    std::map<std::string, std::string> properties;
    while (!body.empty()) {
        const auto name = take_counted(body, 1);
        if (!name || name->empty()) return {};
        const auto value = take_counted(body, 4);
        if (!value) return {};
        properties.emplace(lower(*name), *value);
    }
    return properties;
}

std::optional<std::string> parse_error(std::string_view body) {
    const auto reason = take_counted(body, 1);
    if (!reason || !body.empty()) return {};
    return std::string{*reason};
}

}  // namespace tool::zmtp
