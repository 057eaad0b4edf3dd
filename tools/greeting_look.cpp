#include "greeting_look.hpp"

#include <algorithm>
#include <chrono>

#include "text.hpp"
#include "zmtp.hpp"

namespace tool {

namespace {

using clock = probe_line::clock;
using outcome = probe_line::outcome;

constexpr std::size_t shown_bytes_max = 64;

// Half of what is left: for the second question.
clock::time_point half_way(clock::time_point deadline) {
    const auto now = clock::now();
    return now + std::max(clock::duration::zero(), deadline - now) / 2;
}

bool enough_to_greet(std::string_view received) {
    switch (zmtp::protocol_of(received)) {
        case zmtp::protocol::unknown:
            return false;
        case zmtp::protocol::zmtp_3:
            return received.size() >= zmtp::greeting_size;
        default:
            return true;
    }
}

std::string kind_of(std::string_view bytes) {
    if (bytes.starts_with("HTTP/")) return "an HTTP server";
    if (bytes.starts_with("SSH-")) return "an SSH server";
    if (bytes.starts_with("220")) return "a mail or FTP server";
    return "something else";
}

void say_foreign(std::string_view bytes, const place& where, diagnosis& told) {
    const std::string_view line = bytes.substr(0, std::min(bytes.find_first_of("\r\n"), shown_bytes_max));
    told.wrong("protocol", "no ZMTP, but " + kind_of(bytes) + " listens at " + escaped(where.text) + ": it says '" +
                               escaped(line) + "'");
}

// A ZMTP peer speaks first. Who does not may be one that waits for a question.
void ask_in_http(const place& where, const interruption& interrupted, clock::time_point deadline, diagnosis& told) {
    probe_line line{interrupted};
    const bool asked =
        line.dial(where, deadline) == outcome::done && line.write("HEAD / HTTP/1.0\r\n\r\n", deadline) == outcome::done;
    if (asked) {
        line.read_until([](std::string_view all) { return all.find('\n') != std::string_view::npos; }, shown_bytes_max,
                        deadline);
    }
    if (!line.received().empty()) return say_foreign(line.received(), where, told);
    told.timed_out = true;
    told.wrong("protocol", escaped(where.text) +
                               " takes connections and says nothing: no ZMTP peer, or one that is too busy to answer");
}

// Whether it says anything.
bool hears(outcome met, probe_line& line, const place& where, const interruption& interrupted,
           clock::time_point deadline, diagnosis& told) {
    if (!line.received().empty()) return true;
    if (met == outcome::timed_out) {
        line.hang_up();  // there may be room for one at a time
        ask_in_http(where, interrupted, deadline, told);
    } else {
        told.wrong("protocol",
                   escaped(where.text) + " closes the connection without a word: no ZMTP peer, or it takes no more");
    }
    return false;
}

// Whether it may be ZMTP 3.
bool judge_protocol(probe_line& line, const place& where, clock::time_point deadline, diagnosis& told) {
    switch (zmtp::protocol_of(line.received())) {
        case zmtp::protocol::zmtp_1:
            told.wrong("protocol", "the peer speaks ZMTP 1.0 (ZeroMQ 2): bring it to ZeroMQ 4");
            return false;
        case zmtp::protocol::zmtp_2:
            told.wrong("protocol", "the peer speaks ZMTP 2.0 (ZeroMQ 3): bring it to ZeroMQ 4");
            return false;
        case zmtp::protocol::foreign:
            line.read_until([](std::string_view all) { return all.find('\n') != std::string_view::npos; },
                            shown_bytes_max, std::min(deadline, clock::now() + std::chrono::milliseconds{300}));
            say_foreign(line.received(), where, told);
            return false;
        case zmtp::protocol::zmtp_3:
        case zmtp::protocol::unknown:
            break;
    }
    return true;
}

}  // namespace

bool look_at_greeting(probe_line& line, const place& where, const interruption& interrupted, clock::time_point deadline,
                      diagnosis& told) {
    outcome met = line.write(zmtp::greeting_begin(), deadline);
    if (met == outcome::done) met = line.read_until(enough_to_greet, zmtp::greeting_size, half_way(deadline));
    if (!hears(met, line, where, interrupted, deadline, told)) return false;
    if (!judge_protocol(line, where, deadline, told)) return false;
    const auto greeting = zmtp::parse_greeting(line.received());
    if (!greeting) {
        told.timed_out = met == outcome::timed_out;
        told.wrong("protocol", line.received().size() < zmtp::greeting_size
                                   ? "the peer stops in the middle of its greeting"
                                   : "the peer's greeting names no security mechanism as ZMTP has it");
        return false;
    }
    told.version = std::to_string(greeting->major) + "." + std::to_string(greeting->minor);
    told.mechanism = greeting->mechanism;
    told.good("protocol", "ZMTP " + told.version);
    return true;
}

}  // namespace tool
