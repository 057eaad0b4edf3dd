// The verbs as the command line knows them: their options and their help.
#pragma once
#include <CLI/CLI.hpp>
#include <vector>

#include "command_line.hpp"
#include "verbs.hpp"

namespace tool {

struct verb_declaration {
    CLI::App* app;
    decltype(command::run) run;
};

// Fills `into` when it is parsed, which outlives `app`.
std::vector<verb_declaration> declare_verbs(CLI::App& app, options& into);

}  // namespace tool
