#include "core/farewell.hpp"

#include <thread>
#include <vector>

#include "test_main.hpp"

using namespace godwit;
using namespace std::chrono_literals;
using detail::farewell;
using steady = std::chrono::steady_clock;

TEST_CASE("a farewell with nothing to do is complete at once, even after its deadline") {
    farewell goodbye;
    CHECK(goodbye.wait_until(steady::time_point{}));
    CHECK(goodbye.wait_until(steady::time_point::max()));
}

TEST_CASE("a farewell waits for all that was expected, from whatever thread it comes") {
    farewell goodbye;
    constexpr int carriers = 4;
    for (int i = 0; i < carriers; ++i) goodbye.expect();
    CHECK(goodbye.wait_until(steady::now()).failed(errc::timed_out));
    std::vector<std::jthread> finishing;
    for (int i = 0; i < carriers; ++i) finishing.emplace_back([&] { goodbye.finished(true); });
    CHECK(goodbye.wait_until(steady::time_point::max()));
    CHECK(goodbye.wait_until(steady::now()));
}

TEST_CASE("one carrier that gave something up makes the farewell timed_out, at once and for ever") {
    farewell goodbye;
    goodbye.expect();
    goodbye.expect();
    goodbye.finished(false);
    goodbye.finished(true);
    CHECK(goodbye.wait_until(steady::time_point::max()).failed(errc::timed_out));
    goodbye.expect();
    goodbye.finished(true);
    CHECK(goodbye.wait_until(steady::time_point::max()).failed(errc::timed_out));
}

TEST_CASE("a deadline ends the wait while something is open, not before it comes") {
    farewell goodbye;
    goodbye.expect();
    const auto deadline = steady::now() + 10ms;
    CHECK(goodbye.wait_until(deadline).failed(errc::timed_out));
    CHECK(steady::now() >= deadline);
    goodbye.finished(true);
    CHECK(goodbye.wait_until(deadline));
}
