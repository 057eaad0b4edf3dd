// Godwit: a push with ack_retry sends one message at a time and waits until its receipt says `received`. The peer is req/rep.
#include <godwit/godwit.hpp>

#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "keys.hpp"
#include "modules.hpp"

using namespace bench;

int main(int argc, char** argv) {
    auto args = parse(argc, argv);
    args.ack = true;
    const std::vector<std::byte> body(args.size, std::byte{'x'});
    const auto options = options_of(args);
    run_ends<godwit::context>(
        args,
        [&](godwit::context& context, signal_pipe&) {
            auto out = make<godwit::push>(context, args, options);
            out.connect(args.url).value();
            round_trips times{args.count};
            const auto send = [&](godwit::bytes what) {
                const auto receipt = out.send(what);
                if (!receipt || !receipt->wait(godwit::stage::received, std::chrono::seconds{30})) fail("not received");
            };
            for (std::size_t at = 0; at < round_trips::warm_up(args.count); ++at) send(body);
            for (std::size_t at = 0; at < args.count; ++at) {
                const auto start = clock::now();
                send(body);
                times.add(clock::now() - start);
            }
            send({});
            times.print();
        },
        [&](godwit::context& context, signal_pipe& done) {
            auto in = make<godwit::pull>(context, args, options);
            in.bind(args.url).value();
            for (std::size_t size = 1; size != 0;) {
                auto got = in.recv();
                if (!got) fail("recv failed");
                size = got->body().size();
                got->ack();
            }
            in.close(std::chrono::seconds{5}).value();
            done.wait_for_end();
        });
}
