// What calls on one socket do to each other when they meet at any moment: no call stays blocked, none sees more than
// its contract names.
#include "core/plain_socket.hpp"

#include <barrier>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

namespace {

// Some hundred nanoseconds to some hundred microseconds, so that the two sides of a race meet everywhere.
void linger_a_little(std::mt19937& random) {
    const unsigned spins = 1u << (random() % 16);
    for (unsigned i = 0; i < spins; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
    if (spins > 1u << 14) std::this_thread::yield();
}

std::string fresh_url(int iteration) {
    return iteration % 5 == 0 ? tcp_v4::make() : iteration % 5 == 1 ? ipc_abstract::make() : inproc::make();
}

// A socket with a call in it that nothing but an end can finish.
struct blocked_call {
    const char* name;
    std::function<std::string(godwit::timeout, std::stop_token)> run;
    std::function<void()> close;
    std::shared_ptr<void> socket;
};

template <class Socket>
std::shared_ptr<Socket> make(godwit::context& ctx) {
    return std::make_shared<Socket>(ctx, godwit::socket_options{.linger = 0ms});
}
template <class Socket>
blocked_call blocked(const char* name, std::shared_ptr<Socket> on,
                     std::function<std::string(Socket&, godwit::timeout, std::stop_token)> call) {
    return {name, [on, call](auto limit, auto stop) { return call(*on, limit, stop); }, [on] { (void)on->close(0s); },
            on};
}

constexpr int kinds = 6;
blocked_call make_blocked(godwit::context& ctx, int kind, const std::string& url) {
    switch (kind) {
        case 0: {
            const auto in = make<godwit::pull>(ctx);
            must(in->bind(url));
            return blocked<godwit::pull>("recv", in,
                                         [](auto& on, auto limit, auto stop) { return outcome(on.recv(limit, stop)); });
        }
        case 1: {
            const auto out = make<godwit::push>(ctx);
            must(out->bind(url));
            return blocked<godwit::push>("send", out, [](auto& on, auto limit, auto stop) {
                return outcome(on.send(std::string_view{"x"}, {.within = limit, .stop = stop}));
            });
        }
        case 2: {
            const auto in = make<godwit::sub>(ctx);
            must(in->connect(url));
            return blocked<godwit::sub>("wait_for_peers", in, [](auto& on, auto limit, auto stop) {
                return outcome(on.wait_for_peers(1, limit, stop));
            });
        }
        case 3: {
            const auto out = make<godwit::pub>(ctx);
            must(out->bind(url));
            return blocked<godwit::pub>("wait_for_subscribers", out, [](auto& on, auto limit, auto stop) {
                return outcome(on.wait_for_subscribers("t", 1, limit, stop));
            });
        }
        case 4: {
            const auto asks = make<godwit::req>(ctx);
            must(asks->connect(url));
            const auto asked = std::make_shared<godwit::pending>(must(asks->send("nobody answers")));
            const auto again = std::make_shared<godwit::pending>(must(asks->send("nobody answers")));
            const auto turn = std::make_shared<std::atomic<int>>(0);  // a pending is one thread's
            return blocked<godwit::req>("pending.wait", asks, [=](auto&, auto limit, auto stop) {
                return outcome((turn->fetch_add(1) % 2 == 0 ? asked : again)->wait(limit, stop));
            });
        }
        default: {
            const auto answers = make<godwit::rep>(ctx);
            return blocked<godwit::rep>("recv without an endpoint", answers,
                                        [](auto& on, auto limit, auto stop) { return outcome(on.recv(limit, stop)); });
        }
    }
}

}  // namespace

TEST_CASE("a close meets two blocked calls 2000 times, and both say closed") {
    godwit::context ctx;
    std::mt19937 random{1};
    const int iterations = sanitized ? 600 : 2000;
    for (int i = 0; i < iterations; ++i) {
        const blocked_call each = make_blocked(ctx, i % kinds, fresh_url(i / kinds));
        std::string saw[2];
        {
            std::barrier start{3};
            std::vector<std::jthread> callers;
            for (std::string& its : saw) {
                callers.emplace_back([&] {
                    start.arrive_and_wait();
                    its = each.run(60s, {});
                });
            }
            start.arrive_and_wait();
            linger_a_little(random);
            each.close();
        }
        CAPTURE(i, each.name);
        REQUIRE(saw[0] == "closed");
        REQUIRE(saw[1] == "closed");
    }
}

TEST_CASE("a stop token races a close, and the call ends by one of the two") {
    godwit::context ctx;
    std::mt19937 random{2};
    int cancelled = 0, closed = 0;
    const int iterations = sanitized ? 400 : 1000;
    for (int i = 0; i < iterations; ++i) {
        const blocked_call each = make_blocked(ctx, i % kinds, fresh_url(i / kinds));
        std::stop_source stop;
        std::string saw;
        {
            std::barrier start{3};
            std::jthread caller{[&] {
                start.arrive_and_wait();
                saw = each.run(60s, stop.get_token());
            }};
            std::jthread stopper{[&, wait = random()] {
                std::mt19937 own{wait};
                start.arrive_and_wait();
                linger_a_little(own);
                stop.request_stop();
            }};
            start.arrive_and_wait();
            linger_a_little(random);
            each.close();
        }
        CAPTURE(i, each.name, saw);
        REQUIRE((saw == "cancelled" || saw == "closed"));
        (saw == "cancelled" ? cancelled : closed) += 1;
    }
    CHECK(cancelled > 0);
    CHECK(closed > 0);
}

TEST_CASE("a context that closes while sockets are made and used ends them all") {
    std::mt19937 random{3};
    const int iterations = sanitized ? 40 : 100;
    for (int i = 0; i < iterations; ++i) {
        godwit::context ctx;
        std::atomic<int> odd{0};
        std::atomic<int> made{0};
        {
            std::vector<std::jthread> makers;
            for (int maker = 0; maker < 2; ++maker) {
                makers.emplace_back([&, maker] {
                    for (int round = 0;; ++round) {
                        godwit::pull in{ctx};
                        ++made;
                        const std::string bound = outcome(in.bind(maker == 0 ? inproc::make() : "tcp://127.0.0.1:*"));
                        const std::string got = outcome(in.recv(round % 2 == 0 ? 0s : 60s));
                        if (bound != "ok" && bound != "closed") ++odd;
                        if (got != "closed" && !(round % 2 == 0 && got == "timed_out")) ++odd;
                        if (bound == "closed" || got == "closed") return;
                    }
                });
            }
            while (made == 0) std::this_thread::yield();
            linger_a_little(random);
            CHECK(ctx.close(20s));
        }
        REQUIRE(odd == 0);
        godwit::push late{ctx};
        REQUIRE(outcome(late.bind(inproc::make())) == "closed");
        REQUIRE(outcome(late.bind("tcp://127.0.0.1:*")) == "closed");
    }
}

TEST_CASE("a bind or a connect in another thread wakes who waits on a socket without endpoints") {
    for (const bool binds : {true, false}) {
        for (const auto& over : transports()) {
            CAPTURE(over.name, binds);
            godwit::context ctx;
            godwit::pull in{ctx};
            godwit::push out{ctx};
            worker leader{[&] { return std::string{in.recv(60s).value().text()}; }};
            worker follower{[&] { return std::string{in.recv(60s).value().text()}; }};
            REQUIRE(leader.blocks());
            REQUIRE(follower.blocks());
            const std::string url = over.url();
            if (binds) must(in.bind(url));
            must(binds ? out.connect(url) : godwit::status{});
            if (!binds) {
                must(out.bind(url));
                must(in.connect(url));
            }
            must(out.send("one"));
            must(out.send("one"));
            CHECK(leader.saw() == "one");
            CHECK(follower.saw() == "one");
        }
    }
}

TEST_CASE("endpoints come and go while messages flow, and none is lost over inproc") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const std::string steady = inproc::make();
    must(in.bind(steady));
    must(out.connect(steady));
    const int messages = sanitized ? 5'000 : 20'000;
    std::atomic<bool> done{false};
    std::jthread restless{[&] {
        for (int i = 0; !done; ++i) {
            const std::string url = i % 8 == 0 ? "tcp://127.0.0.1:*" : inproc::make();
            const auto bound = in.bind(url);
            if (bound) (void)in.unbind(*bound);
        }
    }};
    std::jthread sender{[&] {
        for (int i = 0; i < messages; ++i) {
            if (!out.send(std::to_string(i))) return;
        }
    }};
    int in_order = 0;
    while (in_order < messages) {
        const auto got = in.recv(20s);
        if (!got || got->text() != std::to_string(in_order)) break;
        ++in_order;
    }
    done = true;
    CHECK(in_order == messages);
}
