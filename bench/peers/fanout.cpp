// Raw libzmq: an XPUB that may not drop sends [topic][body] to N SUBs, a thread each.
#include <thread>
#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "raw.hpp"
#include "window.hpp"

using namespace bench;

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const auto count = whole_reports(args.count);
    run_ends<raw_context>(
        args,
        [&](raw_context& context, signal_pipe& reports) {
            tally all;
            std::vector<std::jthread> threads;
            for (std::size_t id = 0; id < args.subscribers; ++id)
                threads.emplace_back([&, id] {
                    raw_socket in{context, ZMQ_SUB};
                    in.set(ZMQ_RCVHWM, queue_messages);
                    check(zmq_setsockopt(in.handle, ZMQ_SUBSCRIBE, "t", 1));
                    in.connect(args);
                    counter mine;
                    while (mine.messages() < count) {
                        in.recv();
                        in.recv_into(mine);
                        if (mine.messages() % report_messages == 0) reports.write_byte(static_cast<unsigned char>(id));
                    }
                    mine.add_to(all);
                });
            threads.clear();
            all.print(count * args.subscribers, count * args.subscribers * args.size);
        },
        [&](raw_context& context, signal_pipe& reports) {
            raw_socket out{context, ZMQ_XPUB};
            out.set(ZMQ_SNDHWM, queue_messages);
            out.set(ZMQ_XPUB_NODROP, 1);
            out.set(ZMQ_XPUB_VERBOSE, 1);
            out.bind(args);
            for (std::size_t joined = 0; joined < args.subscribers; ++joined) out.recv();
            const std::vector<char> body(args.size, 'x');
            window ahead{reports, args};
            for (std::size_t sent = 0; sent < count; ++sent) {
                ahead.wait_for(sent);
                out.send("t", 1, ZMQ_SNDMORE);
                out.send(body.data(), body.size());
            }
            ahead.wait_for_all(count);
        });
}
