#include "endpoints.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <thread>

#include "duration.hpp"
#include "failure.hpp"

namespace tool {

namespace {

constexpr auto look_every = std::chrono::milliseconds{10};

// The library's advice speaks C++.
[[noreturn]] void refuse_insecure(const std::string& url, const char* peers_option) {
    throw failure{exit_usage, url + " is open to others, unencrypted: give --keys FILE and " + peers_option +
                                  ", or say --insecure to allow it"};
}

std::string messages(std::uint64_t number) {
    return std::to_string(number) + (number == 1 ? " message is" : " messages are");
}

std::string dead_letters(const godwit::delivery_stats& counts) {
    std::string text = messages(counts.dead) + " not processed:";
    const std::uint64_t others = counts.expired + counts.refused;
    if (counts.dead > others) text += " " + std::to_string(counts.dead - others) + " out of attempts";
    if (counts.expired > 0) text += " " + std::to_string(counts.expired) + " expired";
    if (counts.refused > 0) text += " " + std::to_string(counts.refused) + " refused";
    return text;
}

// The last thing that went wrong with a peer: most likely it is why.
std::string last_trouble(godwit::socket& socket) {
    std::string text;
    while (const auto event = socket.next_event(std::chrono::nanoseconds{0})) {
        const bool told = event->kind == godwit::event_kind::mismatch ||
                          event->kind == godwit::event_kind::mismatch_suspected ||
                          event->kind == godwit::event_kind::handshake_refused;
        if (told) text = "; " + event->endpoint + ": " + std::string{name(event->kind)} + ": " + event->detail;
    }
    return text;
}

}  // namespace

void open(godwit::socket& socket, const options& options) {
    for (const std::string& url : options.bind) {
        const auto made = socket.bind(url);
        if (made.failed(godwit::errc::insecure)) refuse_insecure(url, "--allow FILE");
        const std::string& bound = made.value();
        if (bound != url) std::cerr << "godwit: bound " << bound << std::endl;
    }
    for (const std::string& url : options.connect) {
        const godwit::status made = socket.connect(url);
        if (made.failed(godwit::errc::insecure)) refuse_insecure(url, "--server-key KEY");
        made.value();
    }
}

std::chrono::steady_clock::time_point end_of_linger(const options& options) {
    return godwit::timeout{options.linger}.deadline();
}

void wait_until_settled(const godwit::socket& out, const options& options, const interruption& interrupted) {
    const auto deadline = end_of_linger(options);
    while (out.delivery_counters().unsettled > 0 && std::chrono::steady_clock::now() < deadline &&
           !interrupted.token().stop_requested()) {
        std::this_thread::sleep_for(look_every);
    }
}

void finish(godwit::socket& socket, const options& options, std::chrono::steady_clock::time_point deadline) {
    const auto left = std::max(deadline - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration{});
    const godwit::status closed = socket.close(left);
    const godwit::delivery_stats counts = socket.delivery_counters();
    if (closed.failed(godwit::errc::timed_out)) {
        const std::string advice = " within " + format_duration(options.linger) +
                                   ": see that a peer is there, or raise --linger" + last_trouble(socket);
        if (counts.unsettled == 0) throw failure{exit_timed_out, "not everything could be delivered" + advice};
        throw failure{exit_timed_out, messages(counts.unsettled) + " not settled" + advice};
    }
    closed.value();
    if (counts.dead > 0) throw failure{exit_failed, dead_letters(counts)};
}

}  // namespace tool
