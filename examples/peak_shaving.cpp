// Peak shaving: 3,000 requests come in one burst, in front of a handler that takes 1,000 a second. The queue between
// takes them all at once and gives them out at the handler's pace; nobody is turned away and nothing is lost. What a
// queue costs is time, so the latencies are shown (on standard error: they differ from run to run).
// Usage: peak_shaving [URL], by default inproc://requests.
// Prints: how many were taken and how many were handled.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "godwit/godwit.hpp"

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr int burst = 3'000;

// Handles one request in each millisecond; returns how long each had waited by then.
std::vector<double> handle(godwit::pull& in) {
    std::vector<double> latencies_ms;
    auto turn = steady::now();
    while (latencies_ms.size() < burst) {
        const auto request = in.recv(10s);
        if (!request) break;
        std::this_thread::sleep_until(turn += 1ms);  // the work
        const steady::time_point sent{steady::duration{std::stoll(std::string{request->text()})}};
        latencies_ms.push_back(std::chrono::duration<double, std::milli>(steady::now() - sent).count());
    }
    return latencies_ms;
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://requests";
    godwit::context context;
    const godwit::socket_options roomy{.queue_messages_max = burst};
    godwit::pull in{context, roomy};
    godwit::push out{context, roomy};
    out.connect(in.bind(url).value()).value();

    std::vector<double> latencies_ms;
    std::jthread handler{[&] { latencies_ms = handle(in); }};

    const auto begin = steady::now();
    int taken = 0;
    for (int request = 0; request < burst; ++request) {
        const auto now = std::to_string(steady::now().time_since_epoch().count());
        taken += out.send(now).has_value();
    }
    const std::chrono::duration<double, std::milli> burst_took = steady::now() - begin;
    handler.join();

    std::cout << "taken " << taken << '\n' << "handled " << latencies_ms.size() << '\n';
    if (latencies_ms.empty()) return 1;
    std::ranges::sort(latencies_ms);
    std::clog << "the burst was taken in " << burst_took.count() << " ms; latency p50 "
              << latencies_ms[latencies_ms.size() / 2] << " ms, p99 " << latencies_ms[latencies_ms.size() * 99 / 100]
              << " ms\n";
}
