// One req has a hundred requests under way at once. The server answers the last one first; each reply finds its own
// request all the same, and the client waits for them in whatever order it likes.
// Usage: many_requests [URL], by default inproc://squares.
// Prints: how many replies matched their requests: all of them.
#include <iostream>
#include <ranges>
#include <string>
#include <thread>
#include <vector>

#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

constexpr int request_count = 100;

// Takes all requests before it answers any: a request is a handle that can wait, and can go to another thread.
void answer_in_reverse(godwit::rep& squares) {
    std::vector<godwit::request> waiting;
    for (int count = 0; count < request_count; ++count) waiting.push_back(squares.recv().value());
    for (godwit::request& request : waiting | std::views::reverse) {
        const int number = std::stoi(std::string{request.text()});
        request.reply(std::to_string(number * number)).value();
    }
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://squares";
    godwit::context context;
    godwit::rep squares{context};
    godwit::req client{context};
    client.connect(squares.bind(url).value()).value();
    std::jthread server{answer_in_reverse, std::ref(squares)};

    std::vector<godwit::pending> outstanding;
    for (int number = 0; number < request_count; ++number) {
        outstanding.push_back(client.send(std::to_string(number)).value());
    }
    int matched = 0;
    for (int number = 0; number < request_count; ++number) {
        const godwit::message reply = outstanding[static_cast<std::size_t>(number)].wait(10s).value();
        matched += reply.text() == std::to_string(number * number);
    }
    std::cout << matched << " of " << request_count << " replies matched their requests\n";
}
