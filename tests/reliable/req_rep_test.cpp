// Requests with modules: one reply each, whatever becomes of links and servers.
#include <atomic>
#include <map>
#include <optional>
#include <thread>

#include "conformance/worker.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

namespace {

struct service {
    explicit service(const transport& over, const ack_retry& caller = quick(), const ack_retry& server = quick())
        : asks{ctx, caller, brisk()}, serves{ctx, server, brisk()}, url{must(serves.bind(over.url()))} {
        must(asks.connect(url));
    }
    godwit::context ctx;
    godwit::req asks;
    godwit::rep serves;
    std::string url;
};

std::string reply_of(godwit::pending& asked) {
    auto reply = asked.wait(soon);
    return reply ? std::string{reply->text()} : outcome(reply);
}

}  // namespace

GODWIT_EACH_TRANSPORT("a request gets its reply") {
    service both{over};
    worker asks{[&] {
        auto reply = both.asks.request("question", soon);
        return reply ? std::string{reply->text()} : outcome(reply);
    }};
    auto got = must(both.serves.recv(soon));
    REQUIRE(got.text() == "question");
    REQUIRE(got.attempt() == 1);
    must(got.reply("answer"));
    REQUIRE(outcome(got.reply("twice")) == "invalid_argument");
    REQUIRE(asks.saw() == "answer");
    must(both.asks.close(soon));
}

OVER_EACH_LINK("many requests are open at once, and each gets its own reply in whatever order they come") {
    service both{over};
    std::vector<godwit::pending> open;
    for (const auto& text : numbers(300)) open.push_back(must(both.asks.send(text)));
    std::vector<godwit::request> got;
    for (int i = 0; i < 300; ++i) got.push_back(must(both.serves.recv(soon)));
    for (auto one = got.rbegin(); one != got.rend(); ++one) must(one->reply("re " + std::string{one->text()}));
    for (std::size_t i = 0; i < 300; ++i) REQUIRE(reply_of(open[i]) == "re " + std::to_string(i));
    REQUIRE(outcome(open[0].wait(0s)) == "invalid_argument");
    REQUIRE(both.asks.delivery_counters().unsettled == 0);
}

OVER_EACH_LINK("many threads ask one req, and every one gets its own reply") {
    service both{over};
    worker serves{[&] {
        int count = 0;
        while (auto got = both.serves.recv(soon)) {
            if (got->text() == "end") return (void)got->reply("end"), std::to_string(count);
            if (!got->reply("re " + std::string{got->text()})) return std::string{"reply failed"};
            ++count;
        }
        return std::string{"nothing came"};
    }};
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> all;
        for (int thread = 0; thread < 4; ++thread) {
            all.emplace_back([&, thread] {
                for (const auto& text : numbers(100, static_cast<std::size_t>(thread) * 100)) {
                    auto reply = both.asks.request(text, soon);
                    if (!reply || reply->text() != "re " + text) ++wrong;
                }
            });
        }
    }
    REQUIRE(wrong == 0);
    must(both.asks.request("end", soon));
    REQUIRE(serves.saw() == "400");
}

OVER_EACH_LINK("a request that is rejected is refused with the handler's words, and an ack is an empty reply") {
    service both{over};
    auto bad = must(both.asks.send("bad")), plain = must(both.asks.send("plain"));
    must(both.serves.recv(soon)).reject("no such thing");
    must(both.serves.recv(soon)).ack();
    const auto refused = bad.wait(soon);
    REQUIRE(outcome(refused) == "refused");
    REQUIRE(std::string{refused.error().what()}.find("no such thing") != std::string::npos);
    REQUIRE(reply_of(plain).empty());
}

OVER_EACH_LINK("a request that is dropped or nacked is tried again, and its attempts run out") {
    auto twice = quick();
    twice.attempts_max = 2;
    service both{over, twice};
    auto asked = must(both.asks.send("x"));
    REQUIRE(must(both.serves.recv(soon)).attempt() == 1);
    auto again = must(both.serves.recv(soon));
    REQUIRE(again.attempt() == 2);
    must(again.reply("at last"));
    REQUIRE(reply_of(asked) == "at last");
    auto hopeless = must(both.asks.send("y"));
    for (int i = 0; i < 2; ++i) must(both.serves.recv(soon)).nack();
    REQUIRE(reply_of(hopeless) == "refused");
}

OVER_EACH_LINK("a request that is given up is not handed out any more, and its late reply disturbs nobody") {
    auto one_at_once = quick();
    one_at_once.credit_messages = 1;
    service both{over, quick(), one_at_once};
    auto first = must(both.asks.send("first")), second = must(both.asks.send("second"));
    auto third = must(both.asks.send("third"));
    auto got = must(both.serves.recv(soon));
    REQUIRE(got.text() == "first");
    first.cancel();
    { const auto gone = std::move(second); }
    (void)got.reply("too late");
    got = must(both.serves.recv(soon));
    REQUIRE(got.text() == "third");
    must(got.reply("in time"));
    REQUIRE(reply_of(third) == "in time");
}

OVER_EACH_LINK("a deadline that comes first is expired when nobody had the request, unknown when somebody had") {
    godwit::context ctx;
    godwit::req alone{ctx, quick(), brisk()};
    must(alone.bind(over.url()));
    REQUIRE(outcome(alone.request("x", 20ms)) == "expired");
    auto later = must(alone.send("x", {.ttl = 20ms}));
    REQUIRE(reply_of(later) == "expired");
    service both{over};
    auto first = must(both.asks.send("first"));  // once that is answered, the two have met
    must(must(both.serves.recv(soon)).reply("here"));
    REQUIRE(reply_of(first) == "here");
    worker asks{[&] { return outcome(both.asks.request("x", 500ms)); }};
    auto hand = must(both.serves.recv(soon));
    REQUIRE(asks.saw() == "unknown");
    (void)hand.reply("late");
    auto next = must(both.asks.send("next"));
    must(must(both.serves.recv(soon)).reply("fine"));
    REQUIRE(reply_of(next) == "fine");
}

OVER_EACH_LINK("a server does not begin what is over: the deadline goes with the request") {
    auto one_at_once = quick();
    one_at_once.credit_messages = 2;
    service both{over, quick(), one_at_once};
    auto first = must(both.asks.send("first"));
    auto hand = must(both.serves.recv(soon));
    auto brief = must(both.asks.send("brief", {.ttl = 30ms}));
    const auto said = reply_of(brief);
    REQUIRE((said == "expired" || said == "unknown"));
    must(hand.reply("done"));
    REQUIRE(reply_of(first) == "done");
    auto last = must(both.asks.send("last"));
    REQUIRE(must(both.serves.recv(soon)).text() == "last");
}

OVER_EACH_LINK("a server that goes away with a request in hand leaves it unknown, unless it may be executed again") {
    service both{over};
    std::optional<godwit::rep> leaves{std::in_place, both.ctx, quick(), brisk()};
    godwit::req asks{both.ctx, quick(), brisk()};
    const auto url = must(leaves->bind(over.url()));
    must(asks.connect(url));
    auto once = must(asks.send("once"));
    auto again = must(asks.send("again", {.idempotent = true}));
    auto first = must(leaves->recv(soon)), second = must(leaves->recv(soon));
    must(asks.connect(both.url));
    REQUIRE(outcome(leaves->close(10ms)) == "timed_out");
    auto got = must(both.serves.recv(soon));
    REQUIRE(got.text() == "again");
    must(got.reply("elsewhere"));
    REQUIRE(reply_of(again) == "elsewhere");
    REQUIRE(reply_of(once) == "unknown");
    REQUIRE(outcome(first.reply("late")) == "closed");
}

OVER_EACH_LINK("requests are spread over several servers, and one that is busy gets no more") {
    godwit::context ctx;
    godwit::req asks{ctx, quick(), brisk()};
    auto few = quick();
    few.credit_messages = 2;
    std::optional<godwit::rep> servers[3];
    for (auto& one : servers) {
        one.emplace(ctx, few, brisk());
        must(asks.connect(must(one->bind(over.url()))));
    }
    REQUIRE(eventually([&] { return asks.delivery_counters().links == 3; }));
    std::vector<godwit::pending> open;
    for (const auto& text : numbers(30)) open.push_back(must(asks.send(text)));
    std::vector<godwit::request> stuck;
    for (int i = 0; i < 2; ++i) stuck.push_back(must(servers[0]->recv(soon)));
    int served[3] = {2, 0, 0};
    const auto end = std::chrono::steady_clock::now() + soon;
    while (served[1] + served[2] < 28 && std::chrono::steady_clock::now() < end) {
        for (int i = 1; i < 3; ++i) {
            if (auto got = servers[i]->recv(1ms)) must(got->reply("ok")), ++served[i];
        }
    }
    REQUIRE(served[1] + served[2] == 28);
    REQUIRE(served[1] > 0);
    REQUIRE(served[2] > 0);
    for (auto& one : stuck) must(one.reply("ok"));
    for (auto& one : open) REQUIRE(reply_of(one) == "ok");
}

OVER_EACH_LINK("a req that is closed gives up what is open, and says how many there were") {
    service both{over};
    auto open = must(both.asks.send("x"));
    worker waits{[&] { return reply_of(open); }};
    REQUIRE(waits.blocks());
    const auto closed = both.asks.close(20ms);
    REQUIRE(outcome(closed) == "timed_out");
    REQUIRE(waits.saw() == "closed");
    REQUIRE(outcome(both.asks.send("y")) == "closed");
}
