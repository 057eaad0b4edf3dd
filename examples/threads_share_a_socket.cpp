// A handle may be used from any thread: four threads send through one push, four receive from one pull, without a lock
// of their own. Each message goes to one of them. close() wakes those who wait for more.
// Usage: threads_share_a_socket [URL], by default inproc://shared.
// Prints: how many were sent and received, and that the sums agree.
#include <atomic>
#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "godwit/godwit.hpp"

constexpr int thread_count = 4;
constexpr int messages_each = 10'000;

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://shared";
    godwit::context context;
    godwit::pull in{context};
    godwit::push out{context};
    out.connect(in.bind(url).value()).value();

    std::atomic<int> received = 0;
    std::atomic<std::int64_t> sent_sum = 0;
    std::atomic<std::int64_t> received_sum = 0;

    std::vector<std::jthread> threads;
    for (int thread = 0; thread < thread_count; ++thread) {
        threads.emplace_back([&] {
            while (const auto delivery = in.recv()) {
                received_sum += std::stoll(std::string{delivery->text()});
                if (++received == thread_count * messages_each) in.close().value();
            }
        });
        threads.emplace_back([&, thread] {
            for (int count = 0; count < messages_each; ++count) {
                const int number = thread * messages_each + count;
                out.send(std::to_string(number)).value();
                sent_sum += number;
            }
        });
    }
    threads.clear();  // joins them
    std::cout << "sent " << thread_count * messages_each << ", received " << received << '\n'
              << (sent_sum == received_sum ? "the sums agree" : "the sums differ") << '\n';
}
