// The smallest pipeline: one push, one pull. Only the URL says whether they are threads, processes or machines.
// Usage: hello_push_pull [URL], by default inproc://hello; tcp://127.0.0.1:* takes any free port.
// Prints: three greetings, in the order in which they were sent.
#include <iostream>
#include <string>

#include "godwit/godwit.hpp"

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://hello";
    godwit::context context;

    godwit::pull in{context};
    const std::string endpoint = in.bind(url).value();  // with the real port

    godwit::push out{context};
    out.connect(endpoint).value();
    for (const char* greeting : {"hello", "from the", "godwit"}) out.send(greeting).value();

    for (int count = 0; count < 3; ++count) {
        const godwit::delivery delivery = in.recv().value();
        std::cout << "received: " << delivery.text() << '\n';
    }
}
