#include "command_line.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <utility>

#include "duration.hpp"
#include "failure.hpp"
#include "godwit/version.hpp"
#include "verbs.hpp"

namespace tool {

namespace {

constexpr const char* about =
    "Messages from the shell, with no broker between: one message a line on standard input and output.\n"
    "Any ZeroMQ program understands them over tcp and ipc.";

constexpr const char* footer =
    "URLs are tcp://HOST:PORT, ipc://PATH and ipc://@NAME; every verb can --bind or --connect, in any order.\n"
    "Durations are written 200ms, 5s, 1h.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 timed out.\n\n"
    "  godwit pull --bind tcp://127.0.0.1:5555\n"
    "  echo hello | godwit push --connect tcp://127.0.0.1:5555\n\n"
    "godwit VERB --help says more about a verb.";

void set_duration(const std::string& text, const char* option, std::chrono::nanoseconds& into) {
    const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
    if (!duration) {
        throw CLI::ValidationError(option, "'" + text + "' is no duration: write 200ms, 5s or 1h");
    }
    into = *duration;
}

void add_endpoints(CLI::App& verb, options& into) {
    verb.group("Verbs");
    verb.add_option("--connect", into.connect, "Connect to this URL; repeatable")
        ->type_name("URL")
        ->allow_extra_args(false);
    verb.add_option("--bind", into.bind, "Listen at this URL (port *: any free one, printed); repeatable")
        ->type_name("URL")
        ->allow_extra_args(false);
    verb.add_flag("--insecure", into.insecure, "Allow tcp beyond this machine, unencrypted and open to anybody");
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

void add_key(CLI::App& verb, options& into) {
    verb.add_option("--key-prefix", into.key_prefix, "Each message's key is its line's first N bytes")->type_name("N");
}

void add_json(CLI::App& verb, options& into) {
    verb.add_flag("--json", into.json,
                  "Print a JSON object a line: topic, key, headers, body; what is no UTF-8 as NAME_base64");
}

CLI::App* add_push(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("push", "Send each line of standard input to one of the pulls");
    verb->footer(
        "Lines that no pull has taken within the linger time are lost; the exit status is 3 then.\n\n"
        "  seq 1000000 | godwit push --connect tcp://127.0.0.1:5555\n"
        "  tail -f app.log | godwit push --bind ipc:///tmp/app.log.sock");
    add_endpoints(*verb, into);
    add_peers(*verb, into, "Wait for N pulls before the first line");
    add_timeout(*verb, into, "Give up when no pull takes a line for so long (default: wait for ever)");
    add_linger(*verb, into);
    add_key(*verb, into);
    return verb;
}

CLI::App* add_pull(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("pull", "Print each message that the pushes send, one a line, flushed");
    verb->footer(
        "Several pulls on one push share its messages. What a pull has received ahead and not printed when\n"
        "it ends is lost.\n\n"
        "  godwit pull --bind tcp://127.0.0.1:5555 --count 10\n"
        "  godwit pull --connect ipc:///tmp/app.log.sock --json | jq .body");
    add_endpoints(*verb, into);
    add_count(*verb, into, "End after N messages");
    add_timeout(*verb, into, "End with status 3 after so long without a message (default: wait for ever)");
    add_json(*verb, into);
    return verb;
}

CLI::App* add_pub(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("pub", "Send each line of standard input to every subscriber of a topic");
    verb->footer(
        "A subscriber gets what is sent after it came: --peers waits for it. One that falls a million\n"
        "messages behind misses some.\n\n"
        "  seq 10 | godwit pub --bind tcp://127.0.0.1:5556 --topic eur.usd --peers 1");
    add_endpoints(*verb, into);
    verb->add_option("--topic", into.topics, "The topic of every message (default: empty)")
        ->type_name("T")
        ->expected(1);
    add_peers(*verb, into, "Wait for N subscribers of the topic before the first line");
    add_timeout(*verb, into, "Wait for them at most so long (default: for ever)");
    add_linger(*verb, into);
    add_key(*verb, into);
    return verb;
}

CLI::App* add_sub(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("sub", "Print each message published under some topics, one a line, flushed");
    verb->footer(
        "A topic is a prefix: eur. takes eur.usd and eur.chf. Without any, everything is printed.\n\n"
        "  godwit sub --connect tcp://127.0.0.1:5556 --topic eur. --topic usd. --json");
    add_endpoints(*verb, into);
    verb->add_option("--topic", into.topics, "Subscribe to topics that begin with T; repeatable")
        ->type_name("T")
        ->allow_extra_args(false);
    add_count(*verb, into, "End after N messages");
    add_timeout(*verb, into, "End with status 3 after so long without a message (default: wait for ever)");
    add_json(*verb, into);
    return verb;
}

CLI::App* add_req(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("req", "Send each line as a request and print its reply, in the lines' order");
    verb->footer(
        "Up to 256 requests are under way at once, shared among the reps. The first that gets no reply in\n"
        "time ends the command with status 3.\n\n"
        "  printf '%s\\n' 17 21 | godwit req --connect tcp://127.0.0.1:5557 --timeout 2s");
    add_endpoints(*verb, into);
    add_peers(*verb, into, "Wait for N reps before the first line");
    add_timeout(*verb, into, "Wait at most so long for each reply in its turn (default: for ever)");
    add_linger(*verb, into);
    add_json(*verb, into);
    return verb;
}

CLI::App* add_rep(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("rep", "Answer requests by a command, or with themselves");
    verb->footer(
        "The command gets the request on standard input; what it prints, less one newline at the end, is\n"
        "the reply. If it fails, the reply is empty and a line on standard error says so. One at a time:\n"
        "start several reps to have more.\n\n"
        "  godwit rep --bind tcp://127.0.0.1:5557 --exec 'factor'\n"
        "  godwit rep --bind ipc://@echo --echo");
    add_endpoints(*verb, into);
    CLI::Option* exec = verb->add_option("--exec", into.exec, "Answer with what `sh -c CMD` prints")->type_name("CMD");
    verb->add_flag("--echo", into.echo, "Answer each request with itself")->excludes(exec);
    add_count(*verb, into, "End after N requests");
    add_timeout(*verb, into, "End with status 3 after so long without a request (default: wait for ever)");
    add_linger(*verb, into);
    return verb;
}

void check(const options& options, const std::string& verb) {
    const std::string more = "; godwit " + verb + " --help says more";
    if (options.connect.empty() && options.bind.empty()) {
        throw failure{exit_usage, verb + " needs --connect URL or --bind URL" + more};
    }
    if (verb == "rep" && options.exec.empty() && !options.echo) {
        throw failure{exit_usage, "rep needs --exec CMD or --echo" + more};
    }
}

}  // namespace

std::optional<command> parse_command_line(int argc, char** argv) {
    command result;
    CLI::App app{about, "godwit"};
    app.get_formatter()->label("SUBCOMMAND", "VERB");

    app.footer(footer);
    app.require_subcommand(0, 1);
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    app.set_version_flag("--version", std::string{"godwit "} + GODWIT_VERSION_STRING, "Print the version and end");
    app.set_help_flag("--help", "Print this help and end");
    options& into = result.options;
    const std::array<std::pair<CLI::App*, decltype(command::run)>, 6> verbs{{{add_push(app, into), push},
                                                                             {add_pull(app, into), pull},
                                                                             {add_pub(app, into), pub},
                                                                             {add_sub(app, into), sub},
                                                                             {add_req(app, into), req},
                                                                             {add_rep(app, into), rep}}};
    std::string hint = "godwit --help says more";
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // help or version
        app.exit(asked);
        return {};
    } catch (const CLI::ParseError& error) {
        for (const auto& [verb, run] : verbs) {
            if (verb->parsed()) hint = "godwit " + verb->get_name() + " --help says more";
        }
        throw failure{exit_usage, std::string{error.what()} + "; " + hint};
    }
    for (const auto& [verb, run] : verbs) {
        if (!verb->parsed()) continue;
        check(into, verb->get_name());
        result.run = run;
    }
    if (result.run == nullptr) throw failure{exit_usage, "say what to do: push, pull, pub, sub, req or rep; " + hint};
    return result;
}

}  // namespace tool
