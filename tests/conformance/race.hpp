// race: two actions at about the same time, on two threads, the second up to 63 microseconds late: each round another.
#pragma once
#include <atomic>
#include <chrono>
#include <thread>

namespace conformance {

template <class One, class Other>
void race(int round, One one, Other other) {
    std::atomic<bool> go = false;
    std::jthread second{[&] {
        while (!go) std::this_thread::yield();
        const auto start = std::chrono::steady_clock::now() + std::chrono::microseconds{round % 64};
        while (std::chrono::steady_clock::now() < start) {}
        other();
    }};
    go = true;
    one();
}

}  // namespace conformance
