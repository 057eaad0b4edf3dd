#include "examination.hpp"

#include <algorithm>
#include <chrono>

#include "duration.hpp"
#include "greeting_look.hpp"
#include "patterns.hpp"
#include "text.hpp"
#include "zmtp.hpp"

namespace tool {

namespace {

using clock = probe_line::clock;
using outcome = probe_line::outcome;

constexpr std::size_t read_bytes_max = zmtp::greeting_size + 16 + zmtp::command_bytes_max;

// Whether the mechanism is one that can go on with what keys we have.
bool judge_mechanism(const options& options, diagnosis& told) {
    const bool has_keys = !options.keys.empty();
    if (told.mechanism == "CURVE") {
        if (has_keys) return true;
        told.wrong("security", "the peer wants CURVE: give --keys FILE and --server-key KEY");
    } else if (told.mechanism != "NULL") {
        told.wrong("security", "the peer wants " + told.mechanism + ", which godwit does not speak: CURVE or NULL");
    } else if (has_keys) {
        told.wrong("security", "the peer is not encrypted, and a socket with keys refuses it: give it keys, too");
    } else {
        told.good("security", "NULL: neither encrypted nor authenticated");
        return true;
    }
    return false;
}

void say_unready(outcome met, const zmtp::command& said, diagnosis& told) {
    if (met == outcome::timed_out) {
        told.timed_out = true;
        told.wrong("handshake", "the peer does not say in time what it is: it is busy, or asks who may come");
    } else if (met != outcome::done) {
        told.wrong("handshake", "the peer ends the connection in the handshake: most likely it does not let us in");
    } else if (const auto reason = zmtp::parse_error(said.body); said.name == "ERROR" && reason) {
        told.wrong("handshake", "the peer does not let us in: '" + escaped(*reason) + "'");
    } else {
        told.wrong("handshake", "the peer's first command is no READY as ZMTP has it");
    }
}

// Whether a pattern fits the peer: the wished one, if any.
void judge_pattern(const std::string& wished, diagnosis& told) {
    const auto fitting = patterns_for(told.socket_type);
    const std::string peer = "the peer is a " + escaped(told.socket_type) + ": ";
    if (fitting.empty()) return told.wrong("pattern", peer + "no pattern of godwit fits it");
    std::string list;
    for (const std::string_view each : fitting) list.append(list.empty() ? "" : " or ").append(each);
    const bool fits = wished.empty() || std::find(fitting.begin(), fitting.end(), wished) != fitting.end();
    fits ? told.good("pattern", peer + list + " fits it")
         : told.wrong("pattern", peer + list + " fits it, " + wished + " does not");
}

void read_ready(const options& options, probe_line& line, clock::time_point begun, clock::time_point deadline,
                diagnosis& told) {
    outcome met = line.write(zmtp::greeting_rest("NULL"), deadline);
    zmtp::command said;
    auto heard = zmtp::progress::unfinished;
    if (met == outcome::done) {
        met = line.read_until(
            [&](std::string_view all) {
                heard = zmtp::parse_command(all, said);
                return heard != zmtp::progress::unfinished;
            },
            read_bytes_max, deadline);
    }
    const auto ended = clock::now();
    if (heard != zmtp::progress::done || said.name != "READY") return say_unready(met, said, told);
    const auto properties = zmtp::parse_metadata(said.body);
    if (!properties || !properties->contains("socket-type")) return say_unready(outcome::done, said, told);
    told.socket_type = properties->at("socket-type");
    told.round_trip = ended - begun;
    told.good("handshake", "answered within " + milliseconds(*told.round_trip));
    judge_pattern(options.as, told);
}

}  // namespace

next_step examine_peer(const options& options, probe_line& line, const place& where, const interruption& interrupted,
                       clock::time_point deadline, diagnosis& told) {
    const auto begun = clock::now();
    if (!look_at_greeting(line, where, interrupted, deadline, told)) return next_step::none;
    if (!judge_mechanism(options, told)) return next_step::none;
    if (told.mechanism == "CURVE") return next_step::curve;
    read_ready(options, line, begun, deadline, told);
    return next_step::none;
}

}  // namespace tool
