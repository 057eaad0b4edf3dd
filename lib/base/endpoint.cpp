#include "base/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace godwit::detail {

namespace {

constexpr bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }
constexpr bool is_hex(char byte) noexcept {
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}
constexpr bool is_letter(char byte) noexcept { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
constexpr bool is_printable(char byte) noexcept { return byte >= 0x20 && byte < 0x7f; }
// Events and logs name endpoints; a path may well be UTF-8, or anything else above ASCII.
constexpr bool is_control(char byte) noexcept { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; }

// The parsers below return what is wrong, or nothing.
using complaint = std::string_view;

complaint parse_inproc(std::string_view name, endpoint& parsed) {
    if (name.empty()) return "the name behind inproc:// is empty";
    if (name.size() > inproc_name_bytes_max) return "an inproc name has at most 255 bytes";
    if (!std::ranges::all_of(name, is_printable)) return "an inproc name consists of printable ASCII characters";
    parsed.address = name;
    return {};
}

complaint parse_ipc(std::string_view path, endpoint& parsed) {
    if (path.empty() || path == "@") return "the path behind ipc:// is empty";
    if (path.size() > ipc_path_bytes_max) return "an ipc path has at most 107 bytes; use a shorter directory";
    if (std::ranges::any_of(path, is_control)) return "an ipc path cannot contain control characters, nor a NUL byte";
    // To libzmq it would mean: make a path up.
    if (path.front() == '*') return "an ipc path cannot begin with *; for a file of that name write ./*";
    parsed.address = path;
    return {};
}

// A part of an address as inet_aton would read it: decimal, octal or hexadecimal.
bool is_number(std::string_view label) noexcept {
    if (label.starts_with("0x") || label.starts_with("0X")) return std::ranges::all_of(label.substr(2), is_hex);
    return !label.empty() && std::ranges::all_of(label, is_digit);
}

// Resolvers read `127.1`, `2130706433` and `0x7f.1` as addresses: what is made of numbers only has to be a.b.c.d.
complaint check_host(std::string_view host) {
    if (host.empty()) return "the host is missing; write tcp://HOST:PORT";
    if (host.size() > host_bytes_max) return "a host name has at most 253 bytes";
    bool only_numbers = true;
    std::string_view rest = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    for (bool more = true; more;) {
        const std::size_t dot = rest.find('.');
        const std::string_view label = rest.substr(0, dot);
        const bool allowed = std::ranges::all_of(
            label, [](char byte) { return is_letter(byte) || is_digit(byte) || byte == '-' || byte == '_'; });
        if (!allowed) return "a host consists of letters, digits, `-`, `.` and `_`; IPv6 goes into brackets";
        if (label.empty()) return "a part of the host name is empty";
        only_numbers = only_numbers && is_number(label);
        more = dot != rest.npos;
        if (more) rest.remove_prefix(dot + 1);
    }
    in_addr address{};
    if (only_numbers && ::inet_pton(AF_INET, std::string{host}.c_str(), &address) != 1) {
        return "a numeric host is four decimal numbers, as in 127.0.0.1";
    }
    return {};
}

complaint parse_v6(std::string_view host, endpoint& parsed) {
    if (host.find('%') != host.npos) return "addresses with a zone are not supported";
    in6_addr address{};
    // string_view may hide a NUL byte in the middle, which inet_pton would take for the end.
    const auto belongs = [](char byte) { return is_hex(byte) || byte == ':' || byte == '.'; };
    const bool plausible = std::ranges::all_of(host, belongs);
    if (!plausible || ::inet_pton(AF_INET6, std::string{host}.c_str(), &address) != 1) {
        return "what is in the brackets is no IPv6 address";
    }
    char text[INET6_ADDRSTRLEN] = "";
    parsed.address = ::inet_ntop(AF_INET6, &address, text, sizeof text);
    return {};
}

complaint parse_port(std::string_view port, direction use, endpoint& parsed) {
    if (port == "*" || port == "0") {
        if (use == direction::connect) return "there is no port to connect to; `*` and 0 are for bind";
        parsed.any_port = true;
        return {};
    }
    if (port.empty()) return "the port is missing; write tcp://HOST:PORT";
    unsigned number = 0;
    const bool digits = port.size() <= 5 && port.front() != '0' && std::ranges::all_of(port, is_digit);
    if (digits) {
        for (const char digit : port) number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    if (!digits || number > 65535) return "a port is a decimal number from 1 to 65535, without sign or leading zero";
    parsed.port = static_cast<std::uint16_t>(number);
    return {};
}

complaint parse_tcp(std::string_view rest, direction use, endpoint& parsed) {
    std::size_t host_end = 0;
    if (rest.starts_with('[')) {
        host_end = rest.find(']');
        if (host_end == rest.npos) return "the bracket is not closed";
        if (const complaint wrong = parse_v6(rest.substr(1, host_end - 1), parsed); !wrong.empty()) return wrong;
        if (++host_end == rest.size() || rest[host_end] != ':') return "the port is missing; write tcp://[HOST]:PORT";
    } else {
        host_end = rest.rfind(':');
        if (host_end == rest.npos) return "the port is missing; write tcp://HOST:PORT";
        const std::string_view host = rest.substr(0, host_end);
        if (host == "*") {
            if (use == direction::connect) return "there is no host to connect to; `*` is for bind";
        } else if (const complaint wrong = check_host(host); !wrong.empty()) {
            return wrong;
        }
        parsed.address = host;
    }
    return parse_port(rest.substr(host_end + 1), use, parsed);
}

complaint parse(std::string_view url, direction use, endpoint& parsed) {
    const std::size_t colon = url.find("://");
    if (colon == url.npos) return "a URL begins with inproc://, ipc:// or tcp://";
    const std::string_view scheme = url.substr(0, colon);
    const std::string_view rest = url.substr(colon + 3);
    if (scheme == "inproc") return parsed.kind = transport::inproc, parse_inproc(rest, parsed);
    if (scheme == "ipc") return parsed.kind = transport::ipc, parse_ipc(rest, parsed);
    if (scheme == "tcp") return parsed.kind = transport::tcp, parse_tcp(rest, use, parsed);
    return "unknown scheme; there are inproc://, ipc:// and tcp://, in lower case";
}

}  // namespace

std::string endpoint::url() const {
    if (kind == transport::inproc) return "inproc://" + address;
    if (kind == transport::ipc) return "ipc://" + address;
    const bool is_v6 = address.find(':') != address.npos;
    return (is_v6 ? "tcp://[" + address + "]:" : "tcp://" + address + ":") + (any_port ? "*" : std::to_string(port));
}

result<endpoint> parse_endpoint(std::string_view url, direction use) {
    endpoint parsed;
    if (const complaint wrong = parse(url, use, parsed); !wrong.empty()) {
        return error{errc::invalid_endpoint, url, wrong};
    }
    return parsed;
}

}  // namespace godwit::detail
