// Godwit: one req asks one rep, one request at a time.
#include <godwit/godwit.hpp>

#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "keys.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const std::vector<std::byte> body(args.size, std::byte{'x'});
    const auto options = options_of(args);
    run_ends<godwit::context>(
        args,
        [&](godwit::context& context, signal_pipe&) {
            godwit::req asker{context, options};
            asker.connect(args.url).value();
            round_trips times{args.count};
            const auto ask = [&] {
                const auto reply = asker.request(godwit::bytes{body}, std::chrono::seconds{30});
                if (!reply || reply.value().body().size() != args.size) fail("no reply, or a wrong one");
            };
            for (std::size_t at = 0; at < round_trips::warm_up(args.count); ++at) ask();
            for (std::size_t at = 0; at < args.count; ++at) {
                const auto start = clock::now();
                ask();
                times.add(clock::now() - start);
            }
            asker.request(std::string_view{}, std::chrono::seconds{30}).value();
            times.print();
        },
        [&](godwit::context& context, signal_pipe& done) {
            godwit::rep answerer{context, options};
            answerer.bind(args.url).value();
            for (std::size_t size = 1; size != 0;) {
                auto asked = answerer.recv();
                if (!asked) fail("recv failed");
                size = asked.value().body().size();
                if (!asked.value().reply(godwit::bytes{body.data(), size})) fail("reply failed");
            }
            done.wait_for_end();
        });
}
