// req and rep: matching, many at once, out of order, late, cancelled, lost peers.
#include <algorithm>
#include <optional>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("a request is answered") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    SECTION("when the rep binds first") {
        must(answer.bind(url));
        must(ask.connect(url));
    }
    SECTION("when the req connects first") {
        must(ask.connect(url));
        must(answer.bind(url));
    }
    SECTION("when the req binds first") {
        must(ask.bind(url));
        must(answer.connect(url));
    }
    SECTION("when the rep connects first") {
        must(answer.connect(url));
        must(ask.bind(url));
    }
    worker server{[&] {
        auto got = answer.recv(soon);
        if (!got) return outcome(got);
        return outcome(got->reply("re: " + std::string{got->text()}));
    }};
    REQUIRE(must(ask.request("tern", soon)).text() == "re: tern");
    REQUIRE(server.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("with requests_max outstanding a further request is too large until one of them ends") {
    godwit::context ctx;
    godwit::req ask{ctx, {.requests_max = 2}};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    auto first = must(ask.send("1"));
    auto second = must(ask.send("2"));
    const auto third = ask.send("3");
    REQUIRE(outcome(third) == "too_large");
    REQUIRE(third.error().value() == "2 outstanding requests");
    SECTION("by its reply") {
        must(must(answer.recv(soon)).reply("re"));
        (void)must(first.wait(soon));
    }
    SECTION("by being given up") { second.cancel(); }
    must(ask.send("3"));
}

GODWIT_EACH_TRANSPORT("500 requests are outstanding at once and answered in any order") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    std::vector<godwit::pending> asked;
    for (int i = 0; i < 500; ++i) asked.push_back(must(ask.send(std::to_string(i))));
    std::vector<godwit::request> taken;
    for (int i = 0; i < 500; ++i) taken.push_back(must(answer.recv(soon)));
    for (const auto& one : asked) REQUIRE_FALSE(one.ready());
    std::reverse(taken.begin(), taken.end());
    std::swap(taken[0], taken[250]);
    for (auto& one : taken) must(one.reply("re " + std::string{one.text()}));
    for (int i = 499; i >= 0; i -= 2)
        REQUIRE(must(asked[static_cast<std::size_t>(i)].wait(soon)).text() == "re " + std::to_string(i));
    for (int i = 0; i < 500; i += 2)
        REQUIRE(must(asked[static_cast<std::size_t>(i)].wait(soon)).text() == "re " + std::to_string(i));
    REQUIRE(ask.stats().late_replies == 0);
}

GODWIT_EACH_TRANSPORT("a pending reply can be waited for again and is given once") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    auto asked = must(ask.send("question"));
    REQUIRE(outcome(asked.wait(0s)) == "timed_out");
    REQUIRE(outcome(asked.wait(10ms)) == "timed_out");
    auto got = must(answer.recv(soon));
    must(got.reply("answer"));
    REQUIRE(eventually([&] { return asked.ready(); }));
    REQUIRE(must(asked.wait(0s)).text() == "answer");
    REQUIRE(outcome(asked.wait(0s)) == "invalid_argument");
    REQUIRE(outcome(got.reply("again")) == "invalid_argument");
    REQUIRE(outcome(godwit::pending{}.wait(0s)) == "invalid_argument");
    REQUIRE(outcome(godwit::request{}.reply("nobody")) == "invalid_argument");
}

GODWIT_EACH_TRANSPORT("the reply to a request given up is dropped and counted") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    SECTION("given up by its deadline") { REQUIRE(outcome(ask.request("late", 20ms)) == "timed_out"); }
    SECTION("cancelled") {
        auto asked = must(ask.send("late"));
        asked.cancel();
        REQUIRE(outcome(asked.wait(0s)) != "ok");
    }
    SECTION("its handle destroyed") { must(ask.send("late")); }
    SECTION("stopped") {
        std::stop_source stop;
        worker asking{[&] { return outcome(ask.request("late", soon, stop.get_token())); }};
        REQUIRE(asking.blocks());
        stop.request_stop();
        REQUIRE(asking.saw() == "cancelled");
    }
    auto late = must(answer.recv(soon));
    REQUIRE(late.text() == "late");
    auto next = must(ask.send("next"));
    auto request = must(answer.recv(soon));
    must(late.reply("too late"));
    must(request.reply("in time"));
    REQUIRE(must(next.wait(soon)).text() == "in time");
    REQUIRE(ask.stats().late_replies == 1);
}

GODWIT_EACH_TRANSPORT("rep is served by several threads at once") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    std::vector<std::unique_ptr<worker>> servers;
    for (int i = 0; i < 4; ++i)
        servers.push_back(std::make_unique<worker>([&] {
            while (auto got = answer.recv())
                if (auto done = got->reply("re " + std::string{got->text()}); !done) return outcome(done);
            return std::string{"ok"};
        }));
    for (int round = 0; round < 20; ++round) {
        std::vector<godwit::pending> asked;
        for (int i = 0; i < 100; ++i) asked.push_back(must(ask.send(std::to_string(round * 100 + i))));
        for (int i = 0; i < 100; ++i)
            REQUIRE(must(asked[static_cast<std::size_t>(i)].wait(soon)).text() ==
                    "re " + std::to_string(round * 100 + i));
    }
    must(answer.close());
    for (auto& server : servers) REQUIRE(server->saw() == "ok");
}

GODWIT_EACH_TRANSPORT("a request may be answered by another thread than received it") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    auto first = must(ask.send("first"));
    auto second = must(ask.send("second"));
    auto one = must(answer.recv(soon));
    auto two = must(answer.recv(soon));
    worker later{
        [&, request = std::make_shared<godwit::request>(std::move(two))] { return outcome(request->reply("2")); }};
    REQUIRE(must(second.wait(soon)).text() == "2");
    REQUIRE_FALSE(first.ready());
    must(one.reply("1"));
    REQUIRE(must(first.wait(soon)).text() == "1");
    REQUIRE(later.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("replying to a caller that is gone is unreachable and harms nobody") {
    godwit::context ctx;
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    std::optional<godwit::req> gone{std::in_place, ctx};
    must(gone->connect(url));
    std::vector<godwit::pending> asked;
    for (int i = 0; i < 500; ++i) asked.push_back(must(gone->send("x")));
    std::vector<godwit::request> taken;
    for (int i = 0; i < 500; ++i) taken.push_back(must(answer.recv(soon)));
    must(gone->close());
    event_of(answer, godwit::event_kind::peer_left);
    // The link's end is seen a moment before the queue behind it is taken down.
    REQUIRE(eventually([&] {
        if (taken.empty()) return false;
        const auto said = outcome(taken.back().reply("anyone there?"));
        taken.pop_back();
        return said == "unreachable";
    }));
    godwit::req other{ctx};
    must(other.connect(url));
    auto alive = must(other.send("alive"));
    must(must(answer.recv(soon)).reply("yes"));
    REQUIRE(must(alive.wait(soon)).text() == "yes");
}

GODWIT_EACH_TRANSPORT("a rep that goes away leaves req usable with the next one") {
    godwit::context ctx;
    godwit::req ask{ctx, {.redial_min = 10ms, .redial_max = 50ms}};
    const auto url = over.url();
    must(ask.connect(url));
    {
        godwit::rep first{ctx};
        must(first.bind(url));
        auto lost = must(ask.send("lost"));
        REQUIRE(must(first.recv(soon)).text() == "lost");
        must(first.close());
        REQUIRE(outcome(lost.wait(20ms)) == "timed_out");
    }
    event_of(ask, godwit::event_kind::peer_left);
    godwit::rep second{ctx};
    must(second.bind(url));
    must(ask.wait_for_peers(1, soon));
    auto kept = must(ask.send("kept"));
    auto got = must(second.recv(soon));
    REQUIRE(got.text() == "kept");
    must(got.reply("here"));
    REQUIRE(must(kept.wait(soon)).text() == "here");
}

GODWIT_EACH_TRANSPORT("req gives its reps turns") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep one{ctx};
    godwit::rep two{ctx};
    for (auto* answer : {&one, &two}) {
        const auto url = over.url();
        must(answer->bind(url));
        must(ask.connect(url));
    }
    must(ask.wait_for_peers(2, soon));
    std::vector<godwit::pending> asked;
    for (int i = 0; i < 20; ++i) asked.push_back(must(ask.send("turn")));
    for (auto* answer : {&one, &two})
        for (int i = 0; i < 10; ++i) must(must(answer->recv(soon)).reply("done"));
    for (auto& one_asked : asked) REQUIRE(must(one_asked.wait(soon)).text() == "done");
}

GODWIT_EACH_TRANSPORT("several reqs share one rep and each gets its own replies") {
    godwit::context ctx;
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    std::vector<godwit::req> asks;
    std::vector<godwit::pending> asked;
    for (int i = 0; i < 5; ++i) {
        asks.emplace_back(ctx);
        must(asks.back().connect(url));
        asked.push_back(must(asks.back().send(std::to_string(i))));
    }
    std::vector<godwit::request> taken;
    for (int i = 0; i < 5; ++i) taken.push_back(must(answer.recv(soon)));
    for (auto one = taken.rbegin(); one != taken.rend(); ++one) must(one->reply("re " + std::string{one->text()}));
    for (int i = 0; i < 5; ++i)
        REQUIRE(must(asked[static_cast<std::size_t>(i)].wait(soon)).text() == "re " + std::to_string(i));
}
