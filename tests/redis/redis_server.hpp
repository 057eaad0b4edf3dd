// redis_server: a Redis server of the test's own, on a path in a folder of its own, that keeps nothing and ends with its owner.
#pragma once
#include <hiredis.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

class redis_server {
public:
    // Debian's redis-tools have the server without its name: it goes by what it is called by.
    static const char* program() {
        for (const char* path : {"/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/redis-check-rdb"}) {
            if (::access(path, X_OK) == 0) return path;
        }
        return nullptr;
    }

    explicit redis_server(std::vector<std::string> more = {}) : more_{std::move(more)} { start(); }
    redis_server(const redis_server&) = delete;
    ~redis_server() { kill(); }

    std::string url() const { return "ipc://" + path_; }
    void start() {
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       "0",
                                       "--unixsocket",
                                       path_,
                                       "--save",
                                       "",
                                       "--appendonly",
                                       "no",
                                       "--dir",
                                       folder_.path().string(),
                                       "--logfile",
                                       (folder_.path() / "log").string()};
        words.insert(words.end(), more_.begin(), more_.end());
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        REQUIRE(::posix_spawn(&id_, program(), nullptr, nullptr, pointers.data(), environ) == 0);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!tell({"PING"}) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        REQUIRE(tell({"PING"}));
    }
    void kill() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        ::waitpid(std::exchange(id_, 0), nullptr, 0);
        ::unlink(path_.c_str());
    }
    // A command of the test's own; whether it was answered, with whatever.
    bool tell(const std::vector<const char*>& words) {
        redisContext* const link = redisConnectUnix(path_.c_str());
        if (link == nullptr) return false;
        void* answer = nullptr;
        if (link->err == 0) {
            std::vector<const char*> texts{words};
            answer = redisCommandArgv(link, static_cast<int>(texts.size()), texts.data(), nullptr);
        }
        const bool answered = answer != nullptr;
        if (answered) freeReplyObject(answer);
        redisFree(link);
        return answered;
    }

private:
    const std::vector<std::string> more_;
    journal_tests::scratch_folder folder_;
    const std::string path_ = (folder_.path() / "redis").string();
    pid_t id_ = 0;
};

// Of a test case: where there is no server it says so, and tests nothing.
#define GODWIT_NEEDS_REDIS()                                                            \
    if (redis_server::program() == nullptr) {                                           \
        WARN("not tested: there is no redis-server (Debian: redis-tools has it, too)"); \
        return;                                                                         \
    }
