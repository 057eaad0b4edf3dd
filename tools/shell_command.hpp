// Runs `sh -c COMMAND` with given bytes on its standard input and takes what it prints.
#pragma once
#include <string>
#include <string_view>

#include "interruption.hpp"

namespace tool {

struct shell_outcome {
    std::string output;   // without one newline at its end
    std::string problem;  // empty: it ended with status 0
};

// Blocks until the command has closed its output and ended. An interruption ends the command and whatever it started
// in its process group. Throws failure if it cannot be started.
shell_outcome run_shell(const std::string& command, std::string_view input, const interruption& interrupted);

}  // namespace tool
