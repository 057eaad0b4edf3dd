// Signals whose handler interrupts system calls a thousand times a second are not seen through any call.
#include <signal.h>
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

// SIGALRM to this very thread: whatever it calls is interrupted.
class storm_on_this_thread {
public:
    explicit storm_on_this_thread(std::chrono::microseconds apart = 1ms)
        : thread_{[apart, target = ::pthread_self()](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  ::pthread_kill(target, SIGALRM);
                  std::this_thread::sleep_for(apart);
              }
          }} {}

private:
    signal_storm handler_;
    std::jthread thread_;  // gone before the handler is
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

GODWIT_EACH_TRANSPORT(
    "row 68: each blocking verb is interrupted again and again and waits on until what it waits for comes") {
    const storm_on_this_thread storm;
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx, {.queue_messages_max = 4}};
    godwit::pub news{ctx};
    godwit::sub reader{ctx};
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    const auto news_url = over.url();
    const auto ask_url = over.url();
    // Does `other` on another thread once this one has been interrupted ten times more.
    const auto later = [](const std::function<void()>& other) {
        return std::jthread{[other, from = signals_seen.load()] {
            (void)eventually([&] { return signals_seen > from + 10; });
            other();
        }};
    };
    {
        const auto joins = later([&] {
            must(in.bind(url));
            must(out.connect(url));
        });
        must(in.wait_for_peers(1, soon));
    }
    REQUIRE(event_of(in, godwit::event_kind::peer_joined).peer_id != 0);
    {
        const auto leaves = later([&] { must(out.disconnect(url)); });
        event_of(in, godwit::event_kind::peer_left);
        must(out.connect(url));
    }
    const auto whole = must(
        godwit::message::make({.topic = "t", .key = "k", .headers = {{"n", "v"}}, .body = godwit::as_bytes("body")}));
    {
        const auto sends = later([&] { must(out.send(whole)); });
        const auto got = must(in.recv(soon));
        REQUIRE(got.message().frame_count() == 5);
        REQUIRE(got.header_value("n") == "v");
    }
    {
        // Until the queues are full, and a send waits for the reader.
        const godwit::message large{pattern_of(256 << 10)};
        int sent = 0;
        while (out.send(large, {.within = 30ms})) ++sent;
        REQUIRE(sent > 0);
        const auto reads = later([&] {
            for (int i = 0; i < sent; ++i) (void)in.recv(soon);
        });
        must(out.send(whole, {.within = soon}));
    }
    REQUIRE(must(in.recv(soon)).message().frame_count() == 5);
    must(news.bind(news_url));
    must(reader.connect(news_url));
    {
        const auto subscribes = later([&] { must(reader.subscribe("t")); });
        must(news.wait_for_subscribers("t", 1, soon));
    }
    must(answer.bind(ask_url));
    must(ask.connect(ask_url));
    {
        const auto replies = later([&] {
            auto got = answer.recv(soon);
            if (got) (void)got->reply(got->message());
        });
        REQUIRE(must(ask.request(whole, soon)).frame_count() == 5);
    }
    {
        const auto asks = later([&] { (void)ask.request("x", 1ms); });
        REQUIRE(must(answer.recv(soon)).text() == "x");
    }
    {
        // What is unsent goes out while close waits for it.
        const godwit::message large{pattern_of(256 << 10)};
        int sent = 0;
        while (out.send(large, {.within = 30ms})) ++sent;
        const auto reads = later([&] {
            for (int i = 0; i < sent; ++i) (void)in.recv(soon);
        });
        must(out.close(soon));
    }
    const auto from = signals_seen.load();
    REQUIRE(outcome(in.recv(100ms)) == "timed_out");
    REQUIRE(signals_seen > from);
    must(ctx.close(soon));
}

GODWIT_EACH_TRANSPORT("row 68: no signal shows through bind, connect, unbind or disconnect") {
    const storm_on_this_thread storm{20us};
    godwit::context ctx;
    for (int round = 0; round < 100; ++round) {
        godwit::pull in{ctx};
        godwit::push out{ctx};
        const auto url = must(in.bind(over.url()));
        must(out.connect(url));
        must(out.disconnect(url));
        must(in.unbind(url));
    }
}
