// link_pulse: what a reliable socket and the runner tell each other without the turn. Shared by the socket's engine and its
// link_watch. Threads: thread-safe; a hint that comes late is seen a few milliseconds later.
// The watch rests until `next`. Whoever changes anything that is due before that takes `resting` away and nudges the runner;
// that it rests is said by tend(), with the turn held, or for a led socket by the watch, which looks at `led` once more.
#pragma once
#include <atomic>
#include <chrono>

namespace godwit::detail {

struct link_pulse {
    using clock = std::chrono::steady_clock;

    std::atomic<bool> look{false};     // the next call is to look what has come: somebody waits for it
    std::atomic<bool> led{false};      // a caller sleeps on the descriptors, at most until `next`
    std::atomic<bool> resting{false};  // the watch sleeps until `next`: whoever leaves something to do wakes it
    std::atomic<bool> closing{false};  // nobody comes in any more
    std::atomic<bool> over{false};
    std::atomic<clock::time_point> next{clock::time_point::max()};  // the protocol's next step
};

}  // namespace godwit::detail
