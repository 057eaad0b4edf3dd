// Raw libzmq: one REQ asks one REP, one request at a time.
#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "raw.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const std::vector<char> body(args.size, 'x');
    if (args.curve) raw_keys::of_this_run();
    run_ends<raw_context>(
        args,
        [&](raw_context& context, signal_pipe&) {
            raw_socket asker{context, ZMQ_REQ};
            asker.connect(args);
            round_trips times{args.count};
            const auto ask = [&] {
                asker.send(body.data(), body.size());
                if (asker.recv() != args.size) fail("wrong reply");
            };
            for (std::size_t at = 0; at < round_trips::warm_up(args.count); ++at) ask();
            for (std::size_t at = 0; at < args.count; ++at) {
                const auto start = clock::now();
                ask();
                times.add(clock::now() - start);
            }
            asker.send(nullptr, 0);
            asker.recv();
            times.print();
        },
        [&](raw_context& context, signal_pipe& done) {
            raw_socket answerer{context, ZMQ_REP};
            answerer.bind(args);
            for (std::size_t size = 1; size != 0;) {
                size = answerer.recv();
                answerer.send(body.data(), size);
            }
            done.wait_for_end();
        });
}
