// godwit doctor: looks at the other end of a URL, step by step, and says in words what is wrong. The peer never counts
// it as joined: what is looked at plainly stops before our READY, and behind CURVE nothing is taken from anybody.
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "curve_trial.hpp"
#include "diagnosis.hpp"
#include "duration.hpp"
#include "examination.hpp"
#include "godwit/push.hpp"
#include "place.hpp"
#include "text.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

// The library's own opinion, without dialling: what is no URL is said before it looks for the endpoint.
bool check_url(diagnosis& told) {
    godwit::context context;
    godwit::push judge{context};
    const godwit::status parted = judge.disconnect(told.url);
    if (!parted.failed(godwit::errc::not_found)) {
        told.wrong("url", parted.error().what());
    } else if (told.url.starts_with("inproc://")) {
        told.wrong("url", "inproc is within one process: there is nothing to see from outside");
    } else {
        told.good("url", told.url);
        return true;
    }
    return false;
}

// What a path says before anybody connects to it.
bool check_path(const place& where, diagnosis& told) {
    if (where.path.empty()) return true;
    struct stat file {};
    if (::stat(where.path.c_str(), &file) != 0) {
        const std::string shown = escaped(where.path);
        told.wrong("connection", errno == EACCES ? "no permission to look at " + shown + ": see its folders' rights"
                                 : errno == ENOENT || errno == ENOTDIR
                                     ? shown + " does not exist: nobody has bound it yet, or elsewhere"
                                     : shown + ": " + std::strerror(errno));
        return false;
    }
    if (S_ISSOCK(file.st_mode)) return true;
    told.wrong("connection", escaped(where.path) + " is there, but it is no socket");
    return false;
}

std::string refusal(const place& where, int error) {
    const std::string shown = escaped(where.text);
    const bool is_tcp = where.address.ss_family != AF_UNIX;
    switch (error) {
        case ECONNREFUSED:
            if (is_tcp) return "nothing listens at " + shown + ": start the other side, or check host and port";
            if (where.path.empty()) return "nobody has bound " + shown;
            return "nobody listens at " + shown + ": the socket that was bound there is gone";
        case EACCES:
        case EPERM:
            return "no permission to connect to " + shown + (is_tcp ? "" : ": it takes the right to write to it");
        case ENOENT:
            return shown + " does not exist: nobody has bound it yet, or elsewhere";
        case ENETUNREACH:
        case EHOSTUNREACH:
            return "no way leads to " + shown + ": " + std::strerror(error);
        default:
            return "cannot connect to " + shown + ": " + std::strerror(error);
    }
}

// Connects to the first of the places that answers.
bool connect(probe_line& line, place& where, const places& all, probe_line::clock::time_point deadline,
             diagnosis& told) {
    std::vector<finding> failures;
    for (const place& each : all.found) {
        if (!check_path(each, told)) return false;
        where = each;
        const auto begun = probe_line::clock::now();
        const auto outcome = line.dial(each, deadline);
        if (outcome == probe_line::outcome::done) {
            told.address = each.text;
            told.good("connection",
                      escaped(each.text) + " takes it, after " + milliseconds(probe_line::clock::now() - begun));
            return true;
        }
        if (outcome == probe_line::outcome::timed_out) {
            told.timed_out = true;
            failures.push_back({"connection", false,
                                "no answer from " + escaped(each.text) +
                                    " in time: a firewall, a host that is down, or a peer that is too busy"});
            break;
        }
        failures.push_back({"connection", false, refusal(each, line.error_number())});
    }
    told.findings.insert(told.findings.end(), failures.begin(), failures.end());
    return false;
}

void examine(const options& options, const interruption& interrupted, diagnosis& told) {
    if (!check_url(told)) return;
    const auto deadline =
        probe_line::clock::now() + options.timeout.value_or(std::chrono::nanoseconds{std::chrono::seconds{5}});
    const places all = places_of(told.url);
    if (all.found.empty()) return told.wrong("name", escaped(all.problem));
    probe_line line{interrupted};
    place where;
    if (!connect(line, where, all, deadline, told)) return;
    if (examine_peer(options, line, where, interrupted, deadline, told) == next_step::curve) {
        try_curve(options, where, interrupted, deadline, told);
    }
}

}  // namespace

exit_status doctor(const options& options, interruption& interrupted) {
    diagnosis told;
    told.url = options.url;
    examine(options, interrupted, told);
    std::cout << (options.json ? told.json() : told.text()) << std::flush;
    return told.status();
}

}  // namespace tool
