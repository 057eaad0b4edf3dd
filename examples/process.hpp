// This program again, in a process of its own, for examples in which one is killed.
#pragma once
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

class process {
public:
    explicit process(std::initializer_list<std::string> arguments) {
        std::vector<std::string> words{"example"};
        words.insert(words.end(), arguments);
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        if (::posix_spawn(&id_, "/proc/self/exe", nullptr, nullptr, pointers.data(), environ) != 0) {
            throw std::runtime_error{"no process could be started"};
        }
    }
    process(process&&) = delete;
    ~process() {
        if (id_ > 0) end(SIGKILL);
    }

    // Sends the signal and waits for the end: its exit status, or -1 if a signal ended it.
    int end(int signal) {
        ::kill(id_, signal);
        int status = 0;
        ::waitpid(std::exchange(id_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t id_ = 0;
};

// inproc ends where the process ends: then the example takes a name that the machine knows.
inline std::string between_processes(const std::string& url) {
    return url.starts_with("inproc://") ? "ipc://@godwit-example-" + std::to_string(::getpid()) : url;
}
