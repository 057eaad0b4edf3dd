// Closing in the worst moment: under blocked callers, under traffic, from several threads, with something unsent.
#include <fcntl.h>

#include <latch>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

namespace {

// Blocks on `socket` in the call of that number; what it saw.
template <class Socket>
std::string block_in(Socket& socket, int which) {
    switch (which % 3) {
        case 0:
            return outcome(socket.wait_for_peers(9));
        case 1: {
            // The events before the close are handed out first.
            while (true)
                if (auto next = socket.next_event(); !next) return outcome(next);
        }
        default:
            if constexpr (requires { socket.recv(); }) {
                return outcome(socket.recv());
            } else if constexpr (requires { socket.request("x", godwit::timeout::never); }) {
                return outcome(socket.request("x", godwit::timeout::never));
            } else if constexpr (requires { socket.wait_for_subscribers("t", 9); }) {
                return outcome(socket.wait_for_subscribers("t", 9));
            } else {
                return outcome(socket.send("x", {.within = godwit::timeout::never}));
            }
    }
}

// Of the first thousand numbers, without opening one: which the thread sanitizer takes for a race with libzmq.
std::ptrdiff_t descriptors() {
    std::ptrdiff_t count = 0;
    for (int number = 0; number < 1000; ++number) count += ::fcntl(number, F_GETFD) >= 0 ? 1 : 0;
    return count;
}

// Eight threads block on one socket, most of them in its own verb, and all of them come back with `closed`.
template <class Socket>
void close_under_eight(godwit::context& ctx, const std::string& url, bool binds, bool wait_until_blocked) {
    Socket socket{ctx, {.linger = std::chrono::milliseconds{0}, .wait_for_peer = true}};
    if (binds)
        must(socket.bind(url));
    else
        must(socket.connect(url));
    std::vector<std::unique_ptr<worker>> blocked;
    std::latch about_to_block{8};
    for (int i = 0; i < 8; ++i) {
        blocked.push_back(std::make_unique<worker>([&, i] {
            about_to_block.count_down();
            return block_in(socket, i < 3 ? i : 2);
        }));
    }
    about_to_block.wait();
    if (wait_until_blocked) {
        for (auto& one : blocked) REQUIRE(one->blocks());
    }
    const auto said = outcome(socket.close(soon));
    REQUIRE((said == "ok" || said == "timed_out"));
    for (auto& one : blocked) REQUIRE(one->saw() == "closed");
}

}  // namespace

// Five transports, 200 rounds each: a thousand closes.
GODWIT_EACH_TRANSPORT("row 66, D1: close under eight blocked threads returns closed from all of them each time") {
    godwit::context ctx;
    for (int round = 0; round < 200; ++round) {
        INFO("round " << round);
        const auto url = over.url();
        const bool binds = round % 4 < 2;
        const bool blocked = round % 2 == 0;
        switch (round % 5) {
            case 0:
                close_under_eight<godwit::pull>(ctx, url, binds, blocked);
                break;
            case 1:
                close_under_eight<godwit::push>(ctx, url, binds, blocked);
                break;
            case 2:
                close_under_eight<godwit::req>(ctx, url, binds, blocked);
                break;
            case 3:
                close_under_eight<godwit::rep>(ctx, url, binds, blocked);
                break;
            default:
                round % 2 == 0 ? close_under_eight<godwit::sub>(ctx, url, binds, blocked)
                               : close_under_eight<godwit::pub>(ctx, url, binds, blocked);
        }
    }
    must(ctx.close(soon));
}

// Five transports, four threads, 500 times each: ten thousand sockets' lives, half of them bound, half connected.
GODWIT_EACH_TRANSPORT("ten thousand sockets open and close in a race under traffic and nothing is left") {
    godwit::context ctx;
    constexpr int lives = 500;
    const auto shared = over.url();
    const auto before = descriptors();
    godwit::pull always{ctx};
    must(always.bind(shared));
    std::atomic<bool> ending{false};
    worker reader{[&] {
        while (!ending) (void)always.recv(1ms);
        return std::string{"ended"};
    }};
    // url() would keep a port for each life.
    const auto fresh = [&] {
        if (!over.is_tcp()) return over.url();
        return std::string{over.name == "tcp_v6" ? "tcp://[::1]:*" : "tcp://127.0.0.1:*"};
    };
    const auto live = [&](int who) -> std::string {
        for (int life = 0; life < lives; ++life) {
            // Sockets that are gone may hold their descriptors for a moment more.
            if (!eventually([&] { return descriptors() < before + 400; })) return "descriptors are not given back";
            const auto none = std::chrono::milliseconds{0};
            if ((life + who) % 2 == 0) {
                godwit::push out{ctx, {.send_timeout = none, .linger = std::chrono::milliseconds{life % 3}}};
                if (auto done = out.connect(shared); !done) return done.error().what();
                if (auto sent = out.send("x"); !sent && !sent.failed(godwit::errc::timed_out))
                    return sent.error().what();
                if (life % 5 == 0) (void)out.close(none);
            } else {
                godwit::pull in{ctx, {.linger = none}};
                const auto bound = in.bind(fresh());
                if (!bound) return bound.error().what();
                godwit::push out{ctx, {.send_timeout = none, .linger = none}};
                if (auto done = out.connect(*bound); !done) return done.error().what();
                (void)out.send("y");
                if (life % 7 == 0) (void)in.recv(none);
                if (life % 3 == 0) (void)in.unbind(*bound);
            }
        }
        return "ok";
    };
    std::string saw;
    {
        std::vector<std::unique_ptr<worker>> threads;
        for (int who = 0; who < 4; ++who) threads.push_back(std::make_unique<worker>([&, who] { return live(who); }));
        for (auto& one : threads) saw += one->saw();
    }
    ending = true;
    REQUIRE(reader.saw() == "ended");
    REQUIRE(saw == "okokokok");
    // What is left is as good as new.
    while (always.recv(0s)) {}
    godwit::push last{ctx};
    must(last.connect(shared));
    must(last.send("last"));
    REQUIRE(eventually([&] {
        const auto got = always.recv(100ms);
        return got && got->text() == "last";
    }));
    must(last.close(soon));
    must(ctx.close(soon));
}

// The peer is never there, so that libzmq still has something when the library has said farewell.
GODWIT_EACH_TRANSPORT("sockets that give up what is unsent hold up neither those after them nor their context") {
    godwit::context ctx;
    for (int i = 0; i < 10; ++i) {
        godwit::push out{ctx, {.linger = 0ms}};
        must(out.connect(over.url()));
        must(out.send("to nobody"));
        const auto said = outcome(out.close(0ms));
        REQUIRE((said == "ok" || said == "timed_out"));
    }
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    for (int i = 0; i < 3; ++i) {
        godwit::push out{ctx};
        must(out.connect(url));
        must(out.send("x"));
        must(out.close(soon));
        REQUIRE(receive(in) == "x");
    }
    must(ctx.close(soon));
}

GODWIT_EACH_TRANSPORT("row 67: an exception of the user's code leaves socket, context and message as they should be") {
    godwit::context ctx;
    const auto url = over.url();
    try {
        godwit::pull in{ctx};
        godwit::push out{ctx};
        must(in.bind(url));
        must(out.connect(url));
        must(out.send("x"));
        const auto got = must(in.recv(soon));
        throw std::runtime_error{std::string{got.text()}};
    } catch (const std::runtime_error& thrown) {
        REQUIRE(std::string{thrown.what()} == "x");
    }
    godwit::pull in{ctx};
    REQUIRE(eventually([&] { return in.bind(url).has_value(); }));
    // One that give_back throws has nobody to go to.
    godwit::push out{ctx};
    must(out.connect(url));
    const auto text = pattern_of(10'000);
    std::atomic<int> given_back{0};
    must(out.send(godwit::message::take(text.data(), text.size(), [&] {
        ++given_back;
        throw std::runtime_error{"not caught by the library would be the end"};
    })));
    REQUIRE(receive(in) == text);
    REQUIRE(eventually([&] { return given_back == 1; }));
}
