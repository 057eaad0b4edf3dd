// What fails is tried again, and what fails again and again becomes a dead letter: kept at its sender, with the reason,
// until somebody requeues or discards it. A handler that knows better rejects at once.
#include <atomic>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

namespace {

std::atomic<bool> printer_works = false;

// Acked when it returns, nacked when it throws.
void handle(godwit::delivery& order) {
    if (order.text() == "an umbrella" && order.attempt() < 3) throw std::runtime_error{"out of stock, for now"};
    if (order.text() == "a dragon") return order.reject("we do not sell dragons");
    if (order.text() == "a poster" && !printer_works) throw std::runtime_error{"the printer is broken"};
}

void run(const std::string& url) {
    godwit::context context;
    godwit::push orders{context, godwit::ack_retry{.attempts_max = 4, .backoff_min = 1ms}};
    godwit::pull shop{context, godwit::ack_retry{}};
    orders.connect(shop.bind(url).value()).value();
    std::jthread clerk{[&](const std::stop_token& stop) { shop.consume(handle, {.stop = stop}).value(); }};

    std::vector<std::pair<std::string, godwit::receipt>> sent;
    for (const char* what : {"a cup", "an umbrella", "a dragon", "a poster"}) {
        sent.emplace_back(what, orders.send(what).value());
    }
    for (const auto& [what, receipt] : sent) {
        std::cout << what << ": " << name(receipt.wait(godwit::stage::processed, 30s).value()) << '\n';
    }

    for (const godwit::dead_letter& letter : orders.dead_letters()) {
        std::cout << "dead letter " << letter.at << ": " << letter.content.text() << ": " << name(letter.why)
                  << " after " << letter.attempts << (letter.detail.empty() ? "" : ": " + letter.detail) << '\n';
    }
    printer_works = true;
    const godwit::receipt poster = sent.back().second;
    orders.requeue(poster.at()).value();
    std::cout << "a poster, requeued: " << name(poster.wait(godwit::stage::processed, 30s).value()) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    run(argc > 1 ? argv[1] : "inproc://orders");
} catch (const std::exception& problem) {
    std::cerr << "retry_and_dead_letter: " << problem.what() << '\n';
    return 1;
}
