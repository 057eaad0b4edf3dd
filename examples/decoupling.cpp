// Decoupling: the shop publishes orders and knows nobody who reads them. Billing reads them from the start; auditing
// joins later, without a change to the shop, which is not even told.
// Usage: decoupling [URL], by default inproc://shop.
// Prints: what each of the two has seen.
#include <iostream>
#include <string>

#include "godwit/godwit.hpp"

// The producer. Its only address is its own; it is the same whoever listens.
void place_orders(godwit::pub& shop, int first, int last) {
    for (int number = first; number <= last; ++number) shop.send("order", std::to_string(number)).value();
}

godwit::sub join(godwit::context& context, const std::string& endpoint) {
    godwit::sub consumer{context};
    consumer.connect(endpoint).value();
    consumer.subscribe("order").value();
    return consumer;
}

void print_orders(const char* name, godwit::sub& consumer, int count) {
    std::cout << name << ':';
    while (count-- > 0) std::cout << ' ' << consumer.recv().value().text();
    std::cout << '\n';
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://shop";
    godwit::context context;
    godwit::pub shop{context};
    const std::string endpoint = shop.bind(url).value();

    godwit::sub billing = join(context, endpoint);
    shop.wait_for_subscribers("order", 1).value();  // only so that this program prints the same every time
    place_orders(shop, 1, 3);

    godwit::sub auditing = join(context, endpoint);
    shop.wait_for_subscribers("order", 2).value();
    place_orders(shop, 4, 6);

    print_orders("billing", billing, 6);
    print_orders("auditing", auditing, 3);
}
