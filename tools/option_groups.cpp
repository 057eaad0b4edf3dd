#include "option_groups.hpp"

#include <map>
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

CLI::Option* add_duration(CLI::App& verb, const char* name, std::optional<std::chrono::nanoseconds>& into,
                          const char* meaning) {
    return verb
        .add_option_function<std::string>(
            name, [name, &into](const std::string& text) { set_duration(text, name, into.emplace()); }, meaning)
        ->type_name("DUR");
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
    add_duration(verb, "--timeout", into.timeout, meaning);
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

void add_ack(CLI::App& verb, options& into) {
    verb.add_flag("--ack", into.ack, "At least once: acknowledged, and sent again until it is. Both sides need it");
    add_ack_terms(verb, into);
}

void add_ack_terms(CLI::App& verb, options& into) {
    add_duration(verb, "--ack-timeout", into.ack_timeout,
                 "Receivers: what is not done after so long is tried again (default 30s)");
    verb.add_option("--attempts", into.attempts, "Senders: so many attempts for each message (default 16)")
        ->type_name("N")
        ->check(CLI::Range(1u, 1'000'000u));
}

void add_journal(CLI::App& verb, options& into, const char* meaning) {
    verb.add_option("--journal", into.journal, meaning)->type_name("DIR");
}

void add_ttl(CLI::App& verb, options& into, const char* meaning) { add_duration(verb, "--ttl", into.ttl, meaning); }

void add_message_terms(CLI::App& verb, options& into) {
    verb.add_option("--priority", into.priority, "0 to 9, the higher first (default 4)")
        ->type_name("P")
        ->check(CLI::Range(0u, 9u));
    add_duration(verb, "--delay", into.delay, "Hand out no message before so long has passed");
    add_ttl(verb, into, "A message not handed out after so long has expired");
}

void add_receipts(CLI::App& verb, options& into, const char* meaning) {
    std::map<std::string, godwit::stage> stages;
    for (const auto each : {godwit::stage::accepted, godwit::stage::stored, godwit::stage::durable,
                            godwit::stage::received, godwit::stage::processed}) {
        stages.emplace(name(static_cast<godwit::outcome>(each)), each);
    }
    verb.add_option_function<std::string>(
            "--receipts", [stages, &into](const std::string& text) { into.receipts = stages.at(text); }, meaning)
        ->type_name("STAGE")
        ->check(CLI::IsMember(stages));
}

void add_from(CLI::App& verb, options& into) {
    verb.add_option("--from", into.from,
                    "Begin with the first that the publisher still has, its last, the next (default), an offset,\n"
                    "a time like 2026-07-01T12:00:00Z, or so long ago, like 15m")
        ->type_name("first|last|next|OFFSET|TIME");
    verb.add_option("--name", into.name,
                    "A publisher with a journal keeps the position of this subscriber, up to 7 days: the next of\n"
                    "that name goes on there")
        ->type_name("NAME");
}

void add_json(CLI::App& verb, options& into, const char* meaning) { verb.add_flag("--json", into.json, meaning); }

void add_message_json(CLI::App& verb, options& into) {
    add_json(verb, into,
             "Print a JSON object a line: topic, key, headers, body (with --ack also offset, attempt, producer);\n"
             "what is no UTF-8 as NAME_base64");
}

}  // namespace tool
