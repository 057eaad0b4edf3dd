// The command line: verbs, their options, and their help.
#pragma once
#include <optional>

#include "failure.hpp"
#include "interruption.hpp"
#include "options.hpp"

namespace tool {

struct command {
    exit_status (*run)(const options&, interruption&) = nullptr;
    tool::options options;
};

// Nothing if help or the version was asked for and printed. Throws failure (exit_usage) with a sentence.
std::optional<command> parse_command_line(int argc, char** argv);

}  // namespace tool
