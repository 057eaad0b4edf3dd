// How a command of the user's is started: `sh -c COMMAND` between two pipes.
#pragma once
#include <sys/types.h>

#include <string>

#include "descriptor.hpp"

namespace tool {

struct pipe_ends {
    descriptor read;
    descriptor write;
};
pipe_ends make_pipe();  // closed by exec; throws failure

// In a process group of its own, so that it can be ended with what it started; with the signals as they usually are.
// Throws failure.
pid_t start_shell(const std::string& command, int input, int output);
std::string describe_end(int status);  // of waitpid(); empty: it ended with status 0

}  // namespace tool
