// Godwit: a flood from a push to a pull. --ack 1 acks each message when it is counted; --batch 16 sends and receives 16 messages a call; --threads 2 shares each
// handle between two threads; --wait epoll and --wait poller receive as an event loop does.
#include <godwit/godwit.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "ends.hpp"
#include "flood.hpp"
#include "keys.hpp"
#include "modules.hpp"
#include "waiting.hpp"

using namespace bench;

namespace {

constexpr std::size_t batch_max = 64;

void send_some(godwit::push& out, const arguments& args, std::size_t count) {
    const std::vector<std::byte> body(args.size, std::byte{'x'});
    if (args.batch == 1) {
        for (std::size_t sent = 0; sent < count; ++sent)
            if (!out.send(godwit::bytes{body})) fail("send failed");
        return;
    }
    std::array<godwit::bytes, batch_max> bodies;
    bodies.fill(body);
    for (std::size_t sent = 0; sent < count;) {
        const auto size = std::min({args.batch, batch_max, count - sent});
        sent += out.send_many(std::span<const godwit::bytes>{bodies.data(), size}).value();
    }
}

// Until the empty message; the counter says how many came before it.
counter receive_some(godwit::pull& in, const arguments& args) {
    counter mine;
    waiting wait{in, args.wait};
    if (args.wait != how_to_wait::in_call) {
        for (;; wait.sleep()) {
            while (auto got = in.recv(std::chrono::seconds{0})) {
                const bool more = mine.count(got->body());
                got->ack();
                if (!more) return mine;
            }
        }
    }
    if (args.batch == 1) {
        for (;;) {
            auto got = in.recv();
            if (!got) fail("recv failed");
            const bool more = mine.count(got->body());
            got->ack();
            if (!more) return mine;
        }
    }
    std::array<godwit::delivery, batch_max> out;
    for (;;) {
        const auto got = in.recv_many(std::span{out.data(), std::min(args.batch, batch_max)}).value();
        bool more = true;
        for (std::size_t at = 0; at < got; ++at) more = mine.count(out[at].body()) && more;
        in.ack_many({out.data(), got});
        if (!more) return mine;
    }
}

template <class Work>
void on_threads(std::size_t threads, Work work) {
    std::vector<std::jthread> others;
    for (std::size_t id = 1; id < threads; ++id) others.emplace_back([&work, id] { work(id); });
    work(0);
}

}  // namespace

int main(int argc, char** argv) {
    const auto args = parse(argc, argv);
    const auto options = options_of(args);
    run_ends<godwit::context>(
        args,
        [&](godwit::context& context, signal_pipe&) {
            auto in = make<godwit::pull>(context, args, options);
            in.bind(args.url).value();
            tally all;
            on_threads(args.threads, [&](std::size_t) { receive_some(in, args).add_to(all); });
            all.print(args.count, args.count * args.size);
        },
        [&](godwit::context& context, signal_pipe& done) {
            auto out = make<godwit::push>(context, args, options);
            out.connect(args.url).value();
            on_threads(args.threads, [&](std::size_t id) {
                const auto share = args.count / args.threads;
                send_some(out, args, id == 0 ? args.count - share * (args.threads - 1) : share);
            });
            for (std::size_t id = 0; id < args.threads; ++id) out.send(std::string_view{}).value();
            if (args.ack) out.flush(godwit::stage::processed, std::chrono::seconds{60}).value();
            done.wait_for_end();
        });
}
