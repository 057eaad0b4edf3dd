// Both ends of a benchmark: over inproc two threads around one context, else two processes with a context each.
// The sending end stays until the receiving one is through: libzmq drops the tail of an ipc link that is closed early.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "arguments.hpp"

namespace bench {

// Nobody waits longer than this for a run that hangs.
constexpr unsigned run_seconds_max = 300;

// A pipe of single bytes: how one end tells the other something without touching what is measured.
class signal_pipe {
public:
    signal_pipe() {
        if (pipe(fds_) != 0) fail("no pipe");
    }
    explicit signal_pipe(int read_fd) : fds_{read_fd, -1} {}
    signal_pipe(const signal_pipe&) = delete;
    ~signal_pipe() { close_write(), close_one(fds_[0]); }

    void write_byte(unsigned char byte) {
        while (write(fds_[1], &byte, 1) < 0 && errno == EINTR) {}
    }
    // Blocks for at least one byte; 0 once every writer has closed.
    std::size_t read_bytes(unsigned char* out, std::size_t size) {
        for (;;) {
            const auto got = read(fds_[0], out, size);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) fail("pipe broken");
        }
    }
    void close_write() { close_one(fds_[1]); }
    void wait_for_end() {
        unsigned char byte;
        while (read_bytes(&byte, 1) != 0) {}
    }

private:
    static void close_one(int& fd) {
        if (fd > STDERR_FILENO) close(fd);
        fd = -1;
    }
    int fds_[2];
};

// Calls receive(context, pipe) and send(context, pipe). `pipe` leads from the receiving end to the sending one and is
// closed when receive() returns; send() calls wait_for_end() before it closes its socket. With one role alone, the end
// of standard input stands for it. The receiving end, and a role alone, run on the main thread.
template <class Context, class Receive, class Send>
void run_ends(const arguments& args, Receive receive, Send send) {
    alarm(run_seconds_max);
    if (args.role == role::recv) {
        signal_pipe pipe;
        Context context;
        return receive(context, pipe);
    }
    if (args.role == role::send) {
        signal_pipe pipe{STDIN_FILENO};
        Context context;
        return send(context, pipe);
    }
    signal_pipe pipe;
    if (args.inproc()) {
        Context context;
        std::thread sender{[&] { send(context, pipe); }};
        receive(context, pipe);
        pipe.close_write();
        sender.join();
        return;
    }
    const pid_t child = fork();
    if (child < 0) fail("no process");
    if (child == 0) {
        alarm(run_seconds_max);
        pipe.close_write();
        Context context;
        return send(context, pipe);
    }
    {
        Context context;
        receive(context, pipe);
    }
    pipe.close_write();
    int state = 0;
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
    if (state != 0) fail("the sending end failed");
}

}  // namespace bench
