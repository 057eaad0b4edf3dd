// One publisher, one subscriber of the topics that begin with "eur.". wait_for_subscribers() replaces the sleep with
// which such programs usually begin.
// Usage: hello_pub_sub [URL], by default inproc://ticks.
// Prints: the two prices in euro; the one in dollars is not sent to this subscriber at all.
#include <iostream>
#include <string>

#include "godwit/godwit.hpp"

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://ticks";
    godwit::context context;

    godwit::pub ticks{context};
    const std::string endpoint = ticks.bind(url).value();

    godwit::sub prices{context};
    prices.connect(endpoint).value();
    prices.subscribe("eur.").value();

    ticks.wait_for_subscribers("eur.chf", 1).value();
    ticks.send("eur.chf", "0.94").value();
    ticks.send("usd.chf", "0.88").value();
    ticks.send("eur.gbp", "0.86").value();

    for (int count = 0; count < 2; ++count) {
        const godwit::delivery price = prices.recv().value();
        std::cout << price.topic() << ' ' << price.text() << '\n';
    }
}
