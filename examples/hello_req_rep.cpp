// Request and reply: a server in a thread of its own, a client that asks twice. close() ends the server's recv().
// Usage: hello_req_rep [URL], by default inproc://greeter.
// Prints: both replies.
#include <iostream>
#include <string>
#include <thread>

#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://greeter";
    godwit::context context;

    godwit::rep greeter{context};
    const std::string endpoint = greeter.bind(url).value();
    std::jthread server{[&] {
        while (auto request = greeter.recv()) request->reply("hello, " + std::string{request->text()}).value();
    }};

    godwit::req client{context};
    client.connect(endpoint).value();
    for (const char* name : {"Ada", "Grace"}) {
        const godwit::message reply = client.request(name, 10s).value();
        std::cout << reply.text() << '\n';
    }
    greeter.close().value();
}
