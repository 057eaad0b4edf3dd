// The command line of every benchmark program, the same for ours and for the peers, so that the driver starts them alike.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace bench {

[[noreturn]] inline void fail(std::string_view what) {
    std::cerr << "bench: " << what << '\n';
    std::exit(1);
}

enum class role { both, send, recv };
enum class how_to_wait { in_call, in_epoll, in_poller };

struct arguments {
    std::string url;
    std::size_t size = 100;       // bytes of a body, at least 1: the empty message ends a flood
    std::size_t count = 100'000;  // messages, round trips or pairs
    std::size_t batch = 1;        // messages a call; peers have no such call and ignore it
    std::size_t threads = 1;      // that share one handle, at each end; peers may not share and ignore it
    std::size_t subscribers = 1;
    bool curve = false;                       // encrypted; both ends have one key pair
    bool ack = false;                         // ours with ack_retry; peers ignore it
    std::size_t window = 800;                 // messages that a publisher is ahead of its slowest subscriber, at most
    std::size_t topics = 1;                   // that a publisher sends to in turn; peers ignore it
    std::string way = {};                     // async_throughput's
    how_to_wait wait = how_to_wait::in_call;  // of who receives a flood; peers ignore it
    bench::role role = bench::role::both;     // one end alone, for tools that watch a single process

    bool inproc() const { return url.starts_with("inproc:"); }
};

inline role role_of(std::string_view word) {
    if (word == "send") return role::send;
    if (word == "recv") return role::recv;
    if (word == "both") return role::both;
    fail("--role is send, recv or both");
}

inline how_to_wait wait_of(std::string_view word) {
    if (word == "block") return how_to_wait::in_call;
    if (word == "epoll") return how_to_wait::in_epoll;
    if (word == "poller") return how_to_wait::in_poller;
    fail("--wait is block, epoll or poller");
}

inline arguments parse(int argc, char** argv) {
    arguments out;
    for (int at = 1; at < argc; at += 2) {
        const std::string_view option = argv[at];
        if (at + 1 == argc) fail(std::string{option} + " needs a value");
        const char* value = argv[at + 1];
        const auto number = [&] { return std::strtoull(value, nullptr, 10); };
        if (option == "--url")
            out.url = value;
        else if (option == "--size")
            out.size = number();
        else if (option == "--count")
            out.count = number();
        else if (option == "--batch")
            out.batch = number();
        else if (option == "--threads")
            out.threads = number();
        else if (option == "--subscribers")
            out.subscribers = number();
        else if (option == "--curve")
            out.curve = number() != 0;
        else if (option == "--ack")
            out.ack = number() != 0;
        else if (option == "--window")
            out.window = number();
        else if (option == "--topics")
            out.topics = number();
        else if (option == "--way")
            out.way = value;
        else if (option == "--wait")
            out.wait = wait_of(value);
        else if (option == "--role")
            out.role = role_of(value);
        else
            fail("unknown option " + std::string{option});
    }
    if (out.size == 0 || out.count == 0 || out.batch == 0 || out.threads == 0 || out.subscribers == 0 ||
        out.topics == 0)
        fail("numbers are at least 1");
    return out;
}

}  // namespace bench
