// The command line: verbs, their options, and their help.
#pragma once
#include <functional>
#include <optional>

#include "interruption.hpp"
#include "options.hpp"

namespace tool {

struct command {
    void (*run)(const options&, interruption&) = nullptr;
    tool::options options;
};

// Nothing if help or the version was asked for and printed. Throws failure (exit_usage) with a sentence.
std::optional<command> parse_command_line(int argc, char** argv);

}  // namespace tool
