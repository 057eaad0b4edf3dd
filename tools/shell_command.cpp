#include "shell_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "descriptor.hpp"
#include "shell_process.hpp"

namespace tool {

namespace {

constexpr std::size_t output_bytes_max = 16u << 20;  // a message's limit

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

}  // namespace

shell_outcome run_shell(const std::string& command, std::string_view input, const interruption& interrupted) {
    pipe_ends to = make_pipe();
    pipe_ends from = make_pipe();
    const pid_t process = start_shell(command, to.read.get(), from.write.get());
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

    outcome.problem = describe_end(status);
    if (outcome.output.size() > output_bytes_max) outcome.problem = "printed more than 16 MiB";
    if (!outcome.output.empty() && outcome.output.back() == '\n') outcome.output.pop_back();
    return outcome;
}

}  // namespace tool
