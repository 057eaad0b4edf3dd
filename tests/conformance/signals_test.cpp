// Signals whose handler interrupts system calls a thousand times a second are not seen through any call.
#include <sys/time.h>

#include <csignal>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

namespace {

std::atomic<int> signals_seen{0};

// SIGALRM at 1 kHz, without SA_RESTART, for as long as it lives.
class signal_storm {
public:
    signal_storm() {
        signals_seen = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { ++signals_seen; };
        ::sigaction(SIGALRM, &action, &old_);
        const itimerval each_millisecond{{0, 1000}, {0, 1000}};
        ::setitimer(ITIMER_REAL, &each_millisecond, nullptr);
    }
    ~signal_storm() {
        const itimerval never{};
        ::setitimer(ITIMER_REAL, &never, nullptr);
        ::sigaction(SIGALRM, &old_, nullptr);
    }

private:
    struct sigaction old_ {};
};

}  // namespace

GODWIT_EACH_TRANSPORT("a storm of signals shortens no wait and breaks no call") {
    const signal_storm storm;
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(in.wait_for_peers(1, soon));

    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(outcome(in.recv(300ms)) == "timed_out");
    REQUIRE(std::chrono::steady_clock::now() - begin >= 300ms);
    REQUIRE(signals_seen > 10);

    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 500; ++i) must(out.send(std::to_string(i)));
        for (int i = 0; i < 500; ++i) REQUIRE(receive(in) == std::to_string(i));
    }
    while (in.next_event(0s)) {}
    REQUIRE(outcome(in.next_event(50ms)) == "timed_out");
    REQUIRE(outcome(in.wait_for_peers(2, 50ms)) == "timed_out");

    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto ask_url = over.url();
    must(answer.bind(ask_url));
    must(ask.connect(ask_url));
    worker server{[&] {
        while (auto got = answer.recv())
            if (auto done = got->reply(got->body()); !done) return outcome(done);
        return std::string{"ok"};
    }};
    for (int i = 0; i < 500; ++i) REQUIRE(must(ask.request(std::to_string(i), soon)).text() == std::to_string(i));
    must(answer.close());
    REQUIRE(server.saw() == "ok");

    worker waiting{[&] { return outcome(in.recv()); }};
    REQUIRE(waiting.blocks());
    must(out.close());
    must(in.close());
    REQUIRE(waiting.saw() == "closed");
    must(ctx.close(soon));
}
