#include "option_groups.hpp"

#include <string>

#include "duration.hpp"

namespace tool {

namespace {

void set_duration(const std::string& text, const char* option, std::chrono::nanoseconds& into) {
    const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
    if (!duration) {
        throw CLI::ValidationError(option, "'" + text + "' is no duration: write 200ms, 5s or 1h");
    }
    into = *duration;
}

}  // namespace

void add_endpoints(CLI::App& verb, options& into) {
    verb.add_option("--connect", into.connect, "Connect to this URL; repeatable")
        ->type_name("URL")
        ->allow_extra_args(false);
    verb.add_option("--bind", into.bind, "Listen at this URL (port *: any free one, printed); repeatable")
        ->type_name("URL")
        ->allow_extra_args(false);
    add_keys(verb, into);
    verb.add_option("--allow", into.allow, "With --bind: the file of the public keys that may come, one a line")
        ->type_name("FILE");
    verb.add_flag("--insecure", into.insecure, "Allow tcp beyond this machine, unencrypted and open to anybody");
}

void add_keys(CLI::App& verb, options& into) {
    verb.add_option("--keys", into.keys, "Encrypt by CURVE, with our secret key in FILE: see keygen")
        ->type_name("FILE");
    verb.add_option("--server-key", into.server_key, "The public key of whom we connect to, or a file with it")
        ->type_name("KEY");
}

void add_timeout(CLI::App& verb, options& into, const char* meaning) {
    verb.add_option_function<std::string>(
            "--timeout", [&into](const std::string& text) { set_duration(text, "--timeout", into.timeout.emplace()); },
            meaning)
        ->type_name("DUR");
}

void add_linger(CLI::App& verb, options& into) {
    verb.add_option_function<std::string>(
            "--linger", [&into](const std::string& text) { set_duration(text, "--linger", into.linger); },
            "At the end, wait so long for the rest to go out (default 5s)")
        ->type_name("DUR");
}

void add_count(CLI::App& verb, options& into, const char* meaning) {
    verb.add_option("--count", into.count, meaning)->type_name("N");
}

void add_peers(CLI::App& verb, options& into, const char* meaning) {
    verb.add_option("--peers", into.peers, meaning)->type_name("N");
}

void add_key_prefix(CLI::App& verb, options& into) {
    verb.add_option("--key-prefix", into.key_prefix, "Each message's key is its line's first N bytes")->type_name("N");
}

void add_json(CLI::App& verb, options& into, const char* meaning) { verb.add_flag("--json", into.json, meaning); }

void add_message_json(CLI::App& verb, options& into) {
    add_json(verb, into, "Print a JSON object a line: topic, key, headers, body; what is no UTF-8 as NAME_base64");
}

}  // namespace tool
