// Fan-out: one message, sent once, reaches each of three subscribers, which work on it side by side.
// Usage: fan_out [URL], by default inproc://news.
// Prints: what each subscriber made of the same two messages.
#include <array>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://news";
    godwit::context context;
    godwit::pub news{context};
    const std::string endpoint = news.bind(url).value();

    const std::array<const char*, 3> names{"archive", "index", "screen"};
    std::array<std::string, 3> seen;
    std::vector<std::jthread> subscribers;
    for (std::size_t index = 0; index < names.size(); ++index) {
        subscribers.emplace_back([&, index] {
            godwit::sub in{context};
            in.subscribe("").value();
            in.connect(endpoint).value();
            for (int count = 0; count < 2; ++count) {
                seen[index].append(" ").append(in.recv(10s).value().text());
            }
        });
    }

    news.wait_for_subscribers("weather", names.size(), 10s).value();
    news.send("weather", "sunny").value();
    news.send("sports", "1:0").value();
    subscribers.clear();  // joins them

    for (std::size_t index = 0; index < names.size(); ++index) std::cout << names[index] << ':' << seen[index] << '\n';
}
