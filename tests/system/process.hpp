// process: a program of ours in a process of its own, spoken to by its standard input and output.
// It dies with the test: by its own alarm, by the death of its parent, and, by its pid, in the destructor.
#pragma once
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <utility>

#include "conformance/expect.hpp"

namespace system_tests {

using namespace conformance;

class process {
public:
    static constexpr unsigned deadline_seconds = 200;

    // `program` lies beside the test's own.
    explicit process(const std::string& program) {
        const auto path = std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
        int in[2];
        int out[2];
        REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
        REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
        const auto* file = path.c_str();
        const auto parent = ::getpid();
        id_ = ::fork();
        if (id_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() != parent) ::_exit(1);
            ::alarm(deadline_seconds);
            ::dup2(in[0], 0);
            ::dup2(out[1], 1);
            ::execl(file, file, static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        to_ = in[1];
        from_ = out[0];
        REQUIRE(hear() == "ready");
    }
    process(process&&) = delete;
    ~process() {
        end(SIGKILL);
        ::close(to_);
        ::close(from_);
    }

    void say(const std::string& line) {
        const auto text = line + "\n";
        REQUIRE(::write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }

    // The next line; what it waits for is bounded by `limit` and by the process's own alarm.
    std::string hear(std::chrono::seconds limit = 6 * soon) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (true) {
            const auto newline = heard_.find('\n');
            if (newline != std::string::npos) {
                const auto line = heard_.substr(0, newline);
                heard_.erase(0, newline + 1);
                return line;
            }
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            pollfd ready{from_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) == 0) return "(silence)";
            char buffer[4096];
            const auto got = ::read(from_, buffer, sizeof buffer);
            if (got == 0) return "(gone)";
            if (got > 0) heard_.append(buffer, static_cast<std::size_t>(got));
        }
    }

    std::string ask(const std::string& line) {
        say(line);
        return hear();
    }

    void signal(int number) { ::kill(id_, number); }

    // Sends the signal and waits for the end.
    void end(int number) {
        if (id_ <= 0) return;
        ::kill(id_, number);
        ::kill(id_, SIGCONT);
        ::waitpid(id_, nullptr, 0);
        id_ = -1;
    }

    // Waits until it ends by itself: its exit status, or -1 when a signal ended it, such as its own alarm.
    int exit_status() {
        int status = 0;
        if (::waitpid(std::exchange(id_, -1), &status, 0) < 0 || !WIFEXITED(status)) return -1;
        return WEXITSTATUS(status);
    }

    // Waits until the kernel says that all its threads are stopped.
    bool is_stopped() const {
        return eventually([this] {
            int status = 0;
            return ::waitpid(id_, &status, WUNTRACED | WNOHANG) == id_ && WIFSTOPPED(status);
        });
    }

    // Ended by itself, or by a signal.
    bool has_ended() {
        if (id_ > 0 && ::waitpid(id_, nullptr, WNOHANG) == id_) id_ = -1;
        return id_ <= 0;
    }

    pid_t id() const noexcept { return id_; }

private:
    pid_t id_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::string heard_;
};

}  // namespace system_tests
