// What a flood, a fan-out and a ping-pong count, and how they print it: one "name value" a line.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "arguments.hpp"

namespace bench {

using clock = std::chrono::steady_clock;

inline double seconds(clock::duration time) { return std::chrono::duration<double>(time).count(); }

// The receiving side of a flood, of one or several threads: each adds what it saw, once.
class tally {
public:
    void add(std::size_t messages, std::size_t bytes, clock::time_point first, clock::time_point last) {
        const std::lock_guard lock{mutex_};
        messages_ += messages, bytes_ += bytes;
        if (messages > 0) first_ = std::min(first_, first);
        last_ = std::max(last_, last);
    }

    // Fails unless all came. The first message starts the clock, so it is not counted.
    void print(std::size_t messages, std::size_t bytes) const {
        if (messages_ != messages || bytes_ != bytes)
            fail("got " + std::to_string(messages_) + " of " + std::to_string(messages) + " messages");
        std::cout << "messages_per_second " << static_cast<double>(messages_ - 1) / seconds(last_ - first_) << '\n';
    }

private:
    std::mutex mutex_;
    std::size_t messages_ = 0;
    std::size_t bytes_ = 0;
    clock::time_point first_ = clock::time_point::max();
    clock::time_point last_ = clock::time_point::min();
};

// One thread's part of a tally: inlined into its loop, it is a look at the body, two additions and a compare a message.
class counter {
public:
    // False for the empty message, which ends a flood. Every body is filled with 'x'.
    bool count(const void* body, std::size_t size) {
        if (size == 0) return false;
        if (messages_++ == 0) first_ = clock::now();
        if (*static_cast<const char*>(body) != 'x') fail("another body than was sent");
        bytes_ += size;
        return true;
    }
    bool count(std::span<const std::byte> body) { return count(body.data(), body.size()); }
    std::size_t messages() const { return messages_; }
    void add_to(tally& all) const { all.add(messages_, bytes_, first_, clock::now()); }

private:
    std::size_t messages_ = 0;
    std::size_t bytes_ = 0;
    clock::time_point first_{};
};

// Round trips that are timed, after some that are not.
class round_trips {
public:
    explicit round_trips(std::size_t count) { times_.reserve(count); }
    static std::size_t warm_up(std::size_t count) { return count / 10 + 100; }
    void add(clock::duration time) { times_.push_back(seconds(time) * 1e6); }
    void print() {
        std::sort(times_.begin(), times_.end());
        std::cout << "p50 " << at(0.5) << "\np99 " << at(0.99) << "\np99.9 " << at(0.999) << '\n';
    }

private:
    double at(double share) const {
        return times_.at(static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1)));
    }
    std::vector<double> times_;  // microseconds
};

}  // namespace bench
