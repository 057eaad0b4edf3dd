#include "line_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "failure.hpp"
#include "shell_process.hpp"

namespace tool {

namespace {

constexpr std::size_t line_bytes_max = 16u << 20;  // a message's limit

}  // namespace

void line_command::start() {
    pipe_ends to = make_pipe(), from = make_pipe();
    process_ = start_shell(command_, to.read.get(), from.write.get());
    ::fcntl(to.write.get(), F_SETFL, O_NONBLOCK);
    to_ = std::move(to.write);
    from_ = std::move(from.read);
    printed_.clear();
}

std::string line_command::end() {
    to_.reset();
    from_.reset();
    if (process_ == 0) return {};
    ::kill(-process_, SIGTERM);
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
    process_ = 0;
    return describe_end(status);
}

std::string line_command::answer(std::string_view line) {
    if (process_ == 0) start();
    std::string input{line};
    input += '\n';
    std::string_view left = input;
    while (true) {
        if (const auto at = printed_.find('\n'); at != std::string::npos && left.empty()) {
            std::string said = printed_.substr(0, at);
            printed_.erase(0, at + 1);
            return said;
        }
        std::array<pollfd, 3> waits{{{from_.get(), POLLIN, 0},
                                     {left.empty() ? -1 : to_.get(), POLLOUT, 0},
                                     {interrupted_.readable_when_raised(), POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), -1) < 0) continue;
        if (waits[2].revents != 0) {
            end();
            throw failure{exit_done, "interrupted"};
        }
        if (waits[1].revents != 0) {
            const ssize_t count = ::write(to_.get(), left.data(), left.size());
            if (count > 0) left.remove_prefix(static_cast<std::size_t>(count));
            if (count < 0 && errno != EINTR && errno != EAGAIN) left = {};  // it reads no further: its end tells more
        }
        if (waits[0].revents == 0) continue;
        std::array<char, 65536> part;
        const ssize_t count = ::read(from_.get(), part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count > 0) printed_.append(part.data(), static_cast<std::size_t>(count));
        if (count > 0 && printed_.size() <= line_bytes_max) continue;
        const std::string why = count > 0 ? (end(), "printed more than 16 MiB for a line") : end();
        throw failure{exit_failed, "the command " + (why.empty() ? std::string{"ended"} : why)};
    }
}

}  // namespace tool
