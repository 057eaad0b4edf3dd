// Lifetimes: sockets, contexts and what they hold end in any order; what was sent goes out.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("context and sockets are destroyed in any order") {
    std::array<int, 4> order{0, 1, 2, 3};
    do {
        std::optional<godwit::context> ctx{std::in_place};
        std::optional<godwit::req> ask{std::in_place, *ctx};
        std::optional<godwit::rep> answer{std::in_place, *ctx};
        const auto url = over.url();
        must(answer->bind(url));
        must(ask->connect(url));
        std::optional<godwit::pending> asked{must(ask->send("question"))};
        auto got = must(answer->recv(soon));
        must(got.reply("answer"));
        const std::array<std::function<void()>, 4> end{[&] { ctx.reset(); }, [&] { ask.reset(); },
                                                       [&] { answer.reset(); }, [&] { asked.reset(); }};
        for (const int which : order) end[static_cast<std::size_t>(which)]();
        REQUIRE(outcome(got.reply("again")) == "invalid_argument");
    } while (std::next_permutation(order.begin(), order.end()));
}

GODWIT_EACH_TRANSPORT("calls on sockets whose context is closed return closed") {
    std::optional<godwit::context> ctx{std::in_place};
    godwit::push out{*ctx};
    godwit::pull in{*ctx};
    godwit::pub news{*ctx};
    godwit::sub reader{*ctx};
    godwit::req ask{*ctx};
    godwit::rep answer{*ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    const auto ask_url = over.url();
    must(answer.bind(ask_url));
    must(ask.connect(ask_url));
    auto asked = must(ask.send("open"));
    auto got = must(answer.recv(soon));
    SECTION("closed") {
        must(ctx->close(soon));
        must(ctx->close(soon));
    }
    SECTION("gone") { ctx.reset(); }
    REQUIRE(outcome(out.send("x")) == "closed");
    REQUIRE(outcome(in.recv(0s)) == "closed");
    REQUIRE(outcome(news.send("t", "x")) == "closed");
    REQUIRE(outcome(reader.recv(0s)) == "closed");
    REQUIRE(outcome(reader.subscribe("t")) == "closed");
    REQUIRE(outcome(ask.send("x")) == "closed");
    REQUIRE(outcome(asked.wait(0s)) == "closed");
    REQUIRE(outcome(answer.recv(0s)) == "closed");
    REQUIRE(outcome(got.reply("x")) == "closed");
    REQUIRE(outcome(news.bind(over.url())) == "closed");
    REQUIRE(outcome(news.connect(over.url())) == "closed");
    REQUIRE(outcome(in.wait_for_peers(9, 0s)) == "closed");
}

GODWIT_EACH_TRANSPORT("calls on a closed socket return closed") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pub news{ctx};
    must(out.bind(over.url()));
    must(out.close());
    must(news.close());
    REQUIRE(outcome(out.send("x")) == "closed");
    REQUIRE(outcome(out.bind(over.url())) == "closed");
    REQUIRE(outcome(out.connect(over.url())) == "closed");
    REQUIRE(outcome(out.configure({})) != "ok");
    REQUIRE(outcome(out.wait_for_peers(1, 0s)) == "closed");
    REQUIRE(outcome(news.send("t", "x")) == "closed");
    REQUIRE(outcome(news.wait_for_subscribers("t", 1, 0s)) == "closed");
}

GODWIT_EACH_TRANSPORT("what was sent goes out after its socket is gone") {
    godwit::context ctx;
    godwit::pull in{ctx, {.queue_messages_max = 10}};
    const auto url = over.url();
    must(in.bind(url));
    constexpr int count = 1000;
    SECTION("closed, while the receiver reads") {
        worker sender{[&] {
            godwit::push out{ctx, {.linger = 20s}};
            if (auto done = out.connect(url); !done) return outcome(done);
            for (int i = 0; i < count; ++i)
                if (auto sent = out.send(std::to_string(i)); !sent) return outcome(sent);
            return outcome(out.close());
        }};
        for (int i = 0; i < count; ++i) REQUIRE(receive(in) == std::to_string(i));
        REQUIRE(sender.saw() == "ok");
    }
    SECTION("destroyed") {
        {
            godwit::push out{ctx, {.linger = 20s}};
            must(out.connect(url));
            must(out.wait_for_peers(1, soon));
            for (int i = 0; i < 500; ++i) must(out.send(std::to_string(i)));
        }
        for (int i = 0; i < 500; ++i) REQUIRE(receive(in) == std::to_string(i));
    }
}

GODWIT_EACH_TRANSPORT("D1: close says when not everything went out") {
    godwit::context ctx;
    const godwit::socket_options small{.queue_messages_max = 16, .send_timeout = 500ms};
    godwit::push out{ctx, small};
    godwit::pull in{ctx, small};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    const godwit::message body{pattern_of(256 << 10)};
    int sent = 0;
    while (out.send(body)) ++sent;
    REQUIRE(sent >= 16);
    const auto begin = std::chrono::steady_clock::now();
    const auto said = outcome(out.close(50ms));
    if (over.is_inproc()) {
        // There is no way in between: what was sent is the receiver's already.
        REQUIRE(said == "ok");
        for (int i = 0; i < sent; ++i) REQUIRE(receive(in).size() == body.size_bytes());
    } else {
        REQUIRE(said == "timed_out");
        REQUIRE(std::chrono::steady_clock::now() - begin >= 50ms);
    }
}

GODWIT_EACH_TRANSPORT("close with a peer that was never there ends by its limit") {
    godwit::context ctx;
    godwit::push out{ctx};
    must(out.connect(over.url()));
    must(out.send("to nobody"));
    const auto said = outcome(out.close(50ms));
    REQUIRE((said == "ok" || said == "timed_out"));
    REQUIRE(outcome(out.send("x")) == "closed");
}

GODWIT_EACH_TRANSPORT("sockets move, and stay what they were") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.send("one"));
    godwit::push moved{std::move(out)};
    must(moved.send("two"));
    godwit::pull taken{ctx};
    taken = std::move(in);
    REQUIRE(receive(taken) == "one");
    REQUIRE(receive(taken) == "two");
    godwit::context other{std::move(ctx)};
    must(moved.send("three"));
    REQUIRE(receive(taken) == "three");
}

TEST_CASE("constructing takes no thread and no descriptor") {
    const auto threads = [] {
        return std::distance(std::filesystem::directory_iterator{"/proc/self/task"},
                             std::filesystem::directory_iterator{});
    };
    const auto before = threads();
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pub news{ctx};
    REQUIRE(threads() == before);
}

TEST_CASE("a hundred contexts come and go") {
    for (int i = 0; i < 100; ++i) {
        godwit::context ctx;
        godwit::pull in{ctx};
        godwit::push out{ctx};
        const auto url = transports()[static_cast<std::size_t>(i) % transports().size()].url();
        must(in.bind(url));
        must(out.connect(url));
        must(out.send("x"));
        REQUIRE(receive(in) == "x");
    }
}
