// What the tests say about results, and how they wait.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "godwit/godwit.hpp"
#include "test_main.hpp"

namespace conformance {

using namespace std::chrono_literals;

// Longer than anything here takes on a busy machine: reaching it is a failure.
inline constexpr std::chrono::seconds soon{20};

// "ok", or the name of the error's code: REQUIRE(outcome(in.recv(0s)) == "timed_out").
template <class T>
std::string outcome(const godwit::result<T>& result) {
    return result ? "ok" : std::string{godwit::name(result.error().code())};
}

// The value; an error fails the test with its sentence. For the test's own thread only.
template <class T>
T must(godwit::result<T> result) {
    if (!result) FAIL(result.error().what());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class Socket>
std::string receive(Socket& in) {
    auto got = in.recv(soon);
    if (!got) FAIL(got.error().what());
    return std::string{got->text()};
}

// Polls for what no call waits for.
inline bool eventually(const std::function<bool()>& holds, std::chrono::nanoseconds limit = soon) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

// The next event of this kind, passing over the others; fails the test when none comes.
template <class Socket>
godwit::event event_of(Socket& socket, godwit::event_kind kind, std::string_view words = {}) {
    const auto end = std::chrono::steady_clock::now() + soon;
    std::string others;
    while (true) {
        auto next = socket.next_event(end - std::chrono::steady_clock::now());
        if (!next) FAIL("no " << name(kind) << ", but " << others << next.error().what());
        if (next->kind == kind && next->detail.find(words) != std::string::npos) return std::move(*next);
        others += std::string{name(next->kind)} + " (" + next->detail + "), ";
    }
}

inline std::string pattern_of(std::size_t size, std::size_t seed = 0) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 131 + seed * 17 + (i >> 8)) & 0xff);
    return text;
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace conformance
