// Godwit: what --count idle pairs of push and pull, and the context below them, keep resident in one process.
#include <godwit/godwit.hpp>

#include <iostream>
#include <vector>

#include "arguments.hpp"
#include "resident.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const auto before = resident_before();
    godwit::context context{{.sockets_max = 10'000}};
    godwit::pull first{context};
    first.bind(args.url + "-first").value();
    const auto with_context = resident_kib();
    std::vector<godwit::pull> ins;
    std::vector<godwit::push> outs;
    ins.reserve(args.count), outs.reserve(args.count);
    for (std::size_t pair = 0; pair < args.count; ++pair) {
        const auto url = args.url + "-" + std::to_string(pair);
        ins.emplace_back(context).bind(url).value();
        outs.emplace_back(context).connect(url).value();
        outs.back().send("x").value();  // shows that the pair is joined
        ins.back().recv().value();
    }
    std::cout << "context_kib " << with_context - before << "\nall_kib " << resident_kib() - before << '\n';
}
