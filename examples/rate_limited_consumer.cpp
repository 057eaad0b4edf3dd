// A consumer that may do only so much: it is handed 100 messages a second, five at once at most, however fast they are
// sent. What it has not taken waits in the sender's log, not here: 10 at a time are fetched ahead.
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
    godwit::pull in{context, godwit::ack_retry{.credit_messages = 10, .messages_per_second = 100, .burst_messages = 5}};
    out.connect(in.bind(url).value()).value();
    for (int number = 0; number < 45; ++number) out.send("call the bank").value();

    const auto begin = std::chrono::steady_clock::now();
    for (int count = 0; count < 45; ++count) in.recv(30s).value().ack();
    const auto took = std::chrono::steady_clock::now() - begin;
    std::cout << "45 messages\n" << (took >= 390ms ? "not faster than said\n" : "too fast\n");
    out.flush(godwit::stage::processed, 30s).value();
    std::cout << out.delivery_counters().redelivered << " sent twice\n";
}

}  // namespace

int main(int argc, char** argv) try {
    run(argc > 1 ? argv[1] : "inproc://calls");
} catch (const std::exception& problem) {
    std::cerr << "rate_limited_consumer: " << problem.what() << '\n';
    return 1;
}
