#include "line_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "failure.hpp"
#include "shell_process.hpp"

namespace tool {

namespace {

constexpr std::size_t line_bytes_max = 16u << 20;  // a message's limit

// Whether it ended in that time. Its pipes are closed: nothing else tells.
bool ends_within(pid_t process, std::chrono::milliseconds limit, int& status) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (true) {
        const pid_t ended = ::waitpid(process, &status, WNOHANG);
        if (ended == process || (ended < 0 && errno != EINTR)) return true;
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

}  // namespace

void line_command::start() {
    pipe_ends to = make_pipe(), from = make_pipe();
    process_ = start_shell(command_, to.read.get(), from.write.get());
    for (const int ours : {to.write.get(), from.read.get()}) ::fcntl(ours, F_SETFL, O_NONBLOCK);
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
    if (!ends_within(process_, std::chrono::seconds{2}, status)) {
        ::kill(-process_, SIGKILL);
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
    }
    process_ = 0;
    return describe_end(status);
}

// What is there before anything was asked would be taken for the answer to another line.
void line_command::expect_silence() {
    char one = 0;
    if (printed_.empty() && ::read(from_.get(), &one, 1) <= 0) return;  // its end, too, is told by asking
    end();
    throw failure{exit_failed, "the command printed more than one line for a line"};
}

std::string line_command::answer(std::string_view line) {
    if (process_ == 0) start();
    expect_silence();
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
            if (count < 0 && errno != EINTR && errno != EAGAIN) {
                const std::string why = end();
                throw failure{exit_failed, "the command " + (why.empty() ? std::string{"ended"} : why)};
            }
        }
        if (waits[0].revents == 0) continue;
        std::array<char, 65536> part;
        const ssize_t count = ::read(from_.get(), part.data(), part.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count > 0) printed_.append(part.data(), static_cast<std::size_t>(count));
        if (count > 0 && printed_.size() <= line_bytes_max) continue;
        const std::string why = count > 0 ? (end(), "printed more than 16 MiB for a line") : end();
        throw failure{exit_failed, "the command " + (why.empty() ? std::string{"ended"} : why)};
    }
}

}  // namespace tool
