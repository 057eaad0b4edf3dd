// Typed messages: a struct with MSGPACK_DEFINE is sent and received as itself, in msgpack's own format, which programs
// in other languages read too. What does not decode is an error to look at, not an exception.
// Usage: typed_messages [URL], by default inproc://orders.
// Prints: an order as it arrives, and what is said about a message that is none.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "godwit/godwit.hpp"
#include "godwit/msgpack.hpp"

struct order {
    std::uint64_t id = 0;
    std::string customer;
    std::vector<std::string> items;
    MSGPACK_DEFINE(id, customer, items)
};

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://orders";
    godwit::context context;
    godwit::pull in{context};
    godwit::push out{context};
    out.connect(in.bind(url).value()).value();

    out.send(order{.id = 7, .customer = "Ada", .items = {"tern", "knot"}}).value();
    out.send("two terns, please").value();

    const order first = in.recv().value().as<order>().value();
    std::cout << "order " << first.id << " of " << first.customer << ':';
    for (const std::string& item : first.items) std::cout << ' ' << item;
    std::cout << '\n';

    const godwit::result<order> second = in.recv().value().as<order>();
    std::cout << "the second is " << (second ? "an order" : godwit::name(second.error().code())) << '\n';
}
