// line_command: a command of the user's that lives long: a line in, a line out. Threads: one at a time.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>

#include "descriptor.hpp"
#include "interruption.hpp"

namespace tool {

class line_command {
public:
    // Started by the first line, and again by the next one after it has ended.
    line_command(std::string command, const interruption& interrupted)
        : command_{std::move(command)}, interrupted_{interrupted} {}
    ~line_command() { end(); }
    line_command(const line_command&) = delete;
    line_command& operator=(const line_command&) = delete;

    // What it prints for that line, without the newline. Throws failure: it ended instead, reads no more, or printed more than
    // 16 MiB, or we were interrupted; or it had printed something without being asked, so that nobody knows which line answers
    // which. It is ended then: by SIGTERM, and by SIGKILL where that takes more than 2 s.
    std::string answer(std::string_view line);

private:
    void start();
    std::string end();  // what became of it
    void expect_silence();

    const std::string command_;
    const interruption& interrupted_;
    pid_t process_ = 0;
    descriptor to_, from_;
    std::string printed_;  // and not asked for yet
};

}  // namespace tool
