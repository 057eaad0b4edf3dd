#include "shell_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "descriptor.hpp"
#include "failure.hpp"

namespace tool {

namespace {

constexpr std::size_t output_bytes_max = 16u << 20;  // a message's limit

struct pipe_ends {
    descriptor read;
    descriptor write;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw failure{exit_failed, std::string{"no pipe to the command: "} + std::strerror(errno)};
    }
    return {descriptor{ends[0]}, descriptor{ends[1]}};
}

// In a process group of its own, so that it can be ended with what it started; with the signals as they usually are.
pid_t start(const std::string& command, int input, int output) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    sigset_t none;
    sigemptyset(&none);
    sigset_t defaults = none;
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);

    std::string text = command;
    std::array<char, 3> shell{"sh"};
    std::array<char, 3> flag{"-c"};
    std::array<char*, 4> arguments{shell.data(), flag.data(), text.data(), nullptr};
    pid_t process = 0;
    const int problem = posix_spawn(&process, "/bin/sh", &files, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (problem != 0) throw failure{exit_failed, std::string{"/bin/sh cannot be started: "} + std::strerror(problem)};
    return process;
}

// Takes what the descriptor gives now; false at its end.
bool read_some(const descriptor& from, std::string& into) {
    std::array<char, 65536> part;
    const ssize_t count = ::read(from.get(), part.data(), part.size());
    if (count > 0) into.append(part.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
}

// Gives the descriptor what it takes now; false when there is no more to give, or the command reads no further.
bool write_some(const descriptor& to, std::string_view& from) {
    const ssize_t count = ::write(to.get(), from.data(), from.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    from.remove_prefix(static_cast<std::size_t>(count));
    return !from.empty();
}

std::string describe(int status) {
    if (WIFSIGNALED(status)) return "was ended by signal " + std::to_string(WTERMSIG(status));
    if (WEXITSTATUS(status) != 0) return "failed with status " + std::to_string(WEXITSTATUS(status));
    return {};
}

}  // namespace

shell_outcome run_shell(const std::string& command, std::string_view input, const interruption& interrupted) {
    pipe_ends to = make_pipe();
    pipe_ends from = make_pipe();
    const pid_t process = start(command, to.read.get(), from.write.get());
    to.read.reset();
    from.write.reset();
    ::fcntl(to.write.get(), F_SETFL, O_NONBLOCK);
    if (input.empty()) to.write.reset();

    shell_outcome outcome;
    // poll() passes over a descriptor of -1.
    while (true) {
        std::array<pollfd, 3> waits{{{from.read.get(), POLLIN, 0},
                                     {to.write.get(), POLLOUT, 0},
                                     {interrupted.readable_when_raised(), POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), -1) < 0) continue;
        if (waits[2].revents != 0 || outcome.output.size() > output_bytes_max) {
            ::kill(-process, SIGTERM);
            break;
        }
        if (waits[1].revents != 0 && !write_some(to.write, input)) to.write.reset();
        if (waits[0].revents != 0 && !read_some(from.read, outcome.output)) break;
    }
    from.read.reset();
    to.write.reset();
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) continue;

    outcome.problem = describe(status);
    if (outcome.output.size() > output_bytes_max) outcome.problem = "printed more than 16 MiB";
    if (!outcome.output.empty() && outcome.output.back() == '\n') outcome.output.pop_back();
    return outcome;
}

}  // namespace tool
