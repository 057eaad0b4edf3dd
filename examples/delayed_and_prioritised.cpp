// When a message goes: the urgent ones first, a delayed one when its time has come, and one whose time is over not at all.
#include <chrono>
#include <iostream>
#include <string>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

namespace {

void run(const std::string& url) {
    godwit::context context;
    godwit::push out{context, godwit::ack_retry{}};
    godwit::pull in{context, godwit::ack_retry{}};
    const std::string bound = out.bind(url).value();

    // Nobody is there yet: what is sent waits in the log.
    const auto offer = out.send("an offer for the next 50 ms", {.ttl = 50ms}).value();
    std::cout << "an offer: " << name(offer.wait(godwit::stage::processed, 30s).value()) << '\n';
    const auto begin = std::chrono::steady_clock::now();
    out.send("a reminder", {.priority = 9, .delay = 400ms}).value();
    out.send("a newsletter", {.priority = 0}).value();
    out.send("an order").value();  // priority 4
    out.send("an alarm", {.priority = 9}).value();

    in.connect(bound).value();
    for (int count = 0; count < 4; ++count) {
        auto message = in.recv(30s).value();
        std::cout << message.text() << '\n';
        message.ack();
    }
    const bool early = std::chrono::steady_clock::now() - begin < 400ms;
    std::cout << "the reminder came " << (early ? "early" : "in its time") << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    run(argc > 1 ? argv[1] : "inproc://desk");
} catch (const std::exception& problem) {
    std::cerr << "delayed_and_prioritised: " << problem.what() << '\n';
    return 1;
}
