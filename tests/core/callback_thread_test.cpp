#include "core/callback_thread.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <vector>

#include "test_main.hpp"

using godwit::detail::callback_thread;

namespace {

constexpr auto never = std::chrono::steady_clock::time_point::max();

}  // namespace

TEST_CASE("tasks run in the order in which they were posted, on one thread that is not the caller's") {
    auto thread = callback_thread::start().value();
    std::vector<int> seen;
    for (int i = 0; i < 1000; ++i) REQUIRE(thread->post([&, i] { seen.push_back(thread->here() ? i : -1); }));
    thread->finish();
    REQUIRE(thread->wait_finished(never));
    REQUIRE(seen.size() == 1000);
    for (int i = 0; i < 1000; ++i) REQUIRE(seen[static_cast<std::size_t>(i)] == i);
    REQUIRE_FALSE(thread->here());
}

TEST_CASE("what a task throws ends nothing") {
    auto thread = callback_thread::start().value();
    REQUIRE(thread->post([] { throw std::runtime_error{"a task's own affair"}; }));
    std::promise<void> ran;
    REQUIRE(thread->post([&] { ran.set_value(); }));
    ran.get_future().get();
    thread->finish();
    REQUIRE(thread->wait_finished(never));
}

TEST_CASE("what waits is bounded, and nothing is taken once it is finished") {
    auto thread = callback_thread::start().value();
    std::promise<void> started, go;
    REQUIRE(thread->post([&] {
        started.set_value();
        go.get_future().wait();
    }));
    started.get_future().wait();
    std::atomic<std::size_t> ran{0};
    for (std::size_t i = 0; i < callback_thread::tasks_max; ++i) REQUIRE(thread->post([&] { ++ran; }));
    REQUIRE_FALSE(thread->post([&] { ++ran; }));
    thread->finish();
    REQUIRE_FALSE(thread->post([&] { ++ran; }));
    REQUIRE(thread->wait_finished(std::chrono::steady_clock::now()).failed(godwit::errc::timed_out));
    go.set_value();
    REQUIRE(thread->wait_finished(never));
    REQUIRE(ran == callback_thread::tasks_max);
}

TEST_CASE("a task may finish the thread and wait for it without waiting for itself") {
    auto thread = callback_thread::start().value();
    REQUIRE(thread->post([&] {
        thread->finish();
        if (!thread->wait_finished(never)) std::terminate();
    }));
    REQUIRE(thread->wait_finished(never));
}
