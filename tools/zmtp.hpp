// What a ZMTP peer says in its first bytes (rfc.zeromq.org/spec/23: greeting, command, READY and ERROR), read without
// believing any of it. Pure: no socket, no clock. `received` is all that has come so far.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tool::zmtp {

constexpr std::size_t greeting_size = 64;
constexpr std::size_t command_bytes_max = 64u << 10;

// Our side. The beginning ends with the version: a peer then says its mechanism before we have to say ours.
std::string greeting_begin();
std::string greeting_rest(std::string_view mechanism);

enum class protocol : std::uint8_t {
    unknown,  // too few bytes to tell
    zmtp_3,   // a greeting of version 3 or newer
    zmtp_2,   // 2.0
    zmtp_1,   // 1.0, or its unversioned kin
    foreign,  // no ZMTP at all
};
protocol protocol_of(std::string_view received);

struct greeting {
    unsigned major;
    unsigned minor;
    std::string mechanism;
};
// Nothing unless all of a version 3 greeting is there, with a name of a mechanism as the format has it.
std::optional<greeting> parse_greeting(std::string_view received);

enum class progress : std::uint8_t { unfinished, done, malformed };
struct command {
    std::string name;  // "READY"
    std::string body;
};
// The command that begins after the greeting. A message instead of one, or more than command_bytes_max, is malformed.
progress parse_command(std::string_view received, command& into);

// The properties of a READY, names in lower case; nothing where the lengths do not fit.
std::optional<std::map<std::string, std::string>> parse_metadata(std::string_view body);
std::optional<std::string> parse_error(std::string_view body);  // the reason in an ERROR

}  // namespace tool::zmtp
