// Raw libzmq: a flood from a PUSH to a PULL, one message a call, default options.
#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "raw.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    if (args.curve) raw_keys::of_this_run();
    run_ends<raw_context>(
        args,
        [&](raw_context& context, signal_pipe&) {
            raw_socket in{context, ZMQ_PULL};
            in.bind(args);
            counter mine;
            while (in.recv_into(mine)) {}
            tally all;
            mine.add_to(all);
            all.print(args.count, args.count * args.size);
        },
        [&](raw_context& context, signal_pipe& done) {
            raw_socket out{context, ZMQ_PUSH};
            out.connect(args);
            const std::vector<char> body(args.size, 'x');
            for (std::size_t sent = 0; sent < args.count; ++sent) out.send(body.data(), body.size());
            out.send(nullptr, 0);
            done.wait_for_end();
        });
}
