// A socket knows who is connected: wait_for_peers() instead of a sleep, the table of peers, and events for those who
// come and go, alike on every transport.
// Usage: events_and_peers [URL], by default inproc://watched.
// Prints: two peers that join, the size of the table, and one that leaves.
#include <iostream>
#include <string>

#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://watched";
    godwit::context context;
    godwit::pull in{context};
    const std::string endpoint = in.bind(url).value();

    godwit::push first{context};
    godwit::push second{context};
    first.connect(endpoint).value();
    second.connect(endpoint).value();

    in.wait_for_peers(2, 10s).value();
    std::cout << godwit::name(in.next_event(10s).value().kind) << '\n';
    std::cout << godwit::name(in.next_event(10s).value().kind) << '\n';
    std::cout << in.peers().size() << " peers\n";
    for (const godwit::peer& peer : in.peers()) std::clog << "peer " << peer.id << " at " << peer.address << '\n';

    second.close().value();
    std::cout << godwit::name(in.next_event(10s).value().kind) << '\n';
    std::cout << in.peers().size() << " peer\n";
}
