// Raw libzmq: what --count idle pairs of PUSH and PULL, and the context below them, keep resident in one process.
#include <iostream>
#include <vector>

#include "raw.hpp"
#include "resident.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const auto before = resident_before();
    raw_context context;
    zmq_ctx_set(context.handle, ZMQ_MAX_SOCKETS, 10'000);
    std::vector<raw_socket> sockets;
    {
        raw_socket first{context, ZMQ_PULL};
        first.bind({.url = args.url + "-first"});
        sockets.push_back(std::move(first));
    }
    const auto with_context = resident_kib();
    sockets.reserve(2 * args.count + 1);
    for (std::size_t pair = 0; pair < args.count; ++pair) {
        const arguments own{.url = args.url + "-" + std::to_string(pair)};
        auto& in = sockets.emplace_back(context, ZMQ_PULL);
        in.bind(own);
        auto& out = sockets.emplace_back(context, ZMQ_PUSH);
        out.connect(own);
        out.send("x", 1);  // shows that the pair is joined
        in.recv();
    }
    std::cout << "context_kib " << with_context - before << "\nall_kib " << resident_kib() - before << '\n';
}
