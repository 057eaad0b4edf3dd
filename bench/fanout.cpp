// Godwit: a pub sends to N subs, a thread each, kept within a window so that nothing is dropped.
#include <godwit/godwit.hpp>

#include <thread>
#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "modules.hpp"
#include "window.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const auto count = whole_reports(args.count);
    run_ends<godwit::context>(
        args,
        [&](godwit::context& context, signal_pipe& reports) {
            tally all;
            std::vector<std::jthread> threads;
            for (std::size_t id = 0; id < args.subscribers; ++id)
                threads.emplace_back([&, id] {
                    auto in = make<godwit::sub>(context, args, {.queue_messages_max = queue_messages});
                    in.subscribe("t").value();
                    in.connect(args.url).value();
                    counter mine;
                    while (mine.messages() < count) {
                        auto got = in.recv();
                        if (!got) fail("recv failed");
                        mine.count(got->body());
                        got->ack();
                        if (mine.messages() % report_messages == 0) reports.write_byte(static_cast<unsigned char>(id));
                    }
                    mine.add_to(all);
                });
            threads.clear();
            all.print(count * args.subscribers, count * args.subscribers * args.size);
        },
        [&](godwit::context& context, signal_pipe& reports) {
            auto out = make<godwit::pub>(context, args, {.queue_messages_max = queue_messages});
            out.bind(args.url).value();
            out.wait_for_subscribers("t", args.subscribers).value();
            const std::vector<std::byte> body(args.size, std::byte{'x'});
            std::vector<std::string> topics{"t"};
            while (topics.size() < args.topics) topics.push_back("t" + std::to_string(topics.size()));
            window ahead{reports, args};
            for (std::size_t sent = 0; sent < count; ++sent) {
                ahead.wait_for(sent);
                if (!out.send(topics[sent % topics.size()], godwit::bytes{body})) fail("send failed");
            }
            ahead.wait_for_all(count);
        });
}
