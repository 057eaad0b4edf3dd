#include "command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "failure.hpp"
#include "godwit/version.hpp"
#include "option_checks.hpp"
#include "verb_declarations.hpp"

namespace tool {

namespace {

constexpr const char* about =
    "Messages from the shell, with no broker between: one message a line on standard input and output.\n"
    "Any ZeroMQ program understands them over tcp and ipc; with --ack on both sides nothing is lost on the way.";

constexpr const char* footer =
    "URLs are tcp://HOST:PORT, ipc://PATH and ipc://@NAME; every socket can --bind or --connect, in any order.\n"
    "Durations are written 200ms, 5s, 1h.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 timed out.\n\n"
    "  godwit pull --bind tcp://127.0.0.1:5555\n"
    "  echo hello | godwit push --connect tcp://127.0.0.1:5555\n\n"
    "godwit help VERB, or godwit VERB --help, says more about a verb.";

// As CLI11 takes them: the last first. `help VERB` is `VERB --help`.
std::vector<std::string> arguments_of(int argc, char** argv) {
    std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
    if (!arguments.empty() && arguments.front() == "help") {
        arguments.erase(arguments.begin());
        arguments.emplace_back("--help");
    }
    std::ranges::reverse(arguments);
    return arguments;
}

// "push", "journal ls".
std::string name_of(const CLI::App& verb) {
    const CLI::App* const above = verb.get_parent();
    return (above->get_parent() != nullptr ? above->get_name() + " " : "") + verb.get_name();
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
    const std::vector<verb_declaration> verbs = declare_verbs(app, into);
    std::string hint = "godwit --help says more";
    try {
        app.parse(arguments_of(argc, argv));
    } catch (const CLI::Success& asked) {  // help or version
        app.exit(asked);
        return {};
    } catch (const CLI::ParseError& error) {
        for (const auto& [verb, run] : verbs) {
            if (verb->parsed()) hint = "godwit " + name_of(*verb) + " --help says more";
        }
        throw failure{exit_usage, std::string{error.what()} + "; " + hint};
    }
    for (const auto& [verb, run] : verbs) {
        if (!verb->parsed()) continue;
        check_options(into, name_of(*verb));
        result.run = run;
    }
    if (result.run == nullptr) {
        throw failure{exit_usage, "say what to do: push, pull, pub, sub, req, rep, keygen, doctor or journal; " + hint};
    }
    return result;
}

}  // namespace tool
