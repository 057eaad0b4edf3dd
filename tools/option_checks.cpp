#include "option_checks.hpp"

#include <utility>

#include "failure.hpp"

namespace tool {

namespace {

// What is missing, or nothing.
std::string missing_key(const options& options, const std::string& verb) {
    const bool connects = !options.connect.empty() || verb == "doctor";
    if (options.keys.empty()) {
        if (!options.server_key.empty()) return "--server-key needs --keys FILE: make one by godwit keygen FILE";
        if (!options.allow.empty()) return "--allow needs --keys FILE: make one by godwit keygen FILE";
        return {};
    }
    if (!options.bind.empty() && options.allow.empty()) {
        return "--bind with --keys needs --allow FILE: the public keys that may come, one a line";
    }
    if (connects && options.server_key.empty()) {
        return std::string{verb == "doctor" ? "doctor" : "--connect"} +
               " with --keys needs --server-key KEY: the public key of whom you expect there, or a file with it";
    }
    return {};
}

// Nothing of it would do anything on a plain socket.
std::string missing_ack(const options& options) {
    if (options.ack) return {};
    const std::pair<bool, const char*> given[] = {
        {!options.journal.empty(), "--journal"},
        {!options.dedup.empty(), "--dedup"},
        {options.ack_timeout.has_value(), "--ack-timeout"},
        {options.attempts.has_value(), "--attempts"},
        {options.receipts.has_value(), "--receipts"},
        {options.priority.has_value(), "--priority"},
        {options.delay.has_value(), "--delay"},
        {options.ttl.has_value(), "--ttl"},
        {options.from.has_value(), "--from"},
        {!options.name.empty(), "--name"},
    };
    for (const auto& [is_given, name] : given) {
        if (is_given) return std::string{name} + " needs --ack: plain sockets deliver at most once";
    }
    return {};
}

std::string missing_end(const options& options) {
    if (options.from_urls.empty() && options.bind_from.empty()) return "process needs --from URL or --bind-from URL";
    if (options.to_urls.empty() && options.bind_to.empty()) return "process needs --to URL or --bind-to URL";
    tool::options both = options;
    both.ack = true;
    for (const auto* more : {&options.from_urls, &options.to_urls})
        both.connect.insert(both.connect.end(), more->begin(), more->end());
    for (const auto* more : {&options.bind_from, &options.bind_to})
        both.bind.insert(both.bind.end(), more->begin(), more->end());
    return missing_key(both, "process");
}

std::string missing(const options& options, const std::string& verb) {
    if (verb.starts_with("journal ")) return {};
    if (verb == "process") return missing_end(options);
    const bool is_socket = verb != "keygen" && verb != "doctor";
    if (is_socket && options.connect.empty() && options.bind.empty())
        return verb + " needs --connect URL or --bind URL";
    if (verb == "rep" && options.exec.empty() && !options.echo) return "rep needs --exec CMD or --echo";
    if (std::string ack = missing_ack(options); !ack.empty()) return ack;
    return missing_key(options, verb);
}

}  // namespace

void check_options(const options& options, const std::string& verb) {
    const std::string what = missing(options, verb);
    if (!what.empty()) throw failure{exit_usage, what + "; godwit " + verb + " --help says more"};
}

}  // namespace tool
