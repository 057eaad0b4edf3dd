// One socket, many threads; and consume's own.
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "conformance/worker.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

OVER_EACH_LINK("many threads send and receive on one socket each, and every message is handled once") {
    line both{over};
    constexpr int threads = 4, each = 1000;
    std::mutex lock;
    std::multiset<std::string> seen;
    std::atomic<int> refused{0};
    {
        std::vector<std::jthread> all;
        for (int thread = 0; thread < threads; ++thread) {
            all.emplace_back([&, thread] {
                for (const auto& text : numbers(each, static_cast<std::size_t>(thread) * each))
                    if (!both.out.send(text)) ++refused;
            });
            all.emplace_back([&] {
                std::vector<std::string> mine;
                while (auto got = both.in.recv(soon)) {
                    if (got->text() == "end") {
                        got->ack();
                        break;
                    }
                    mine.emplace_back(got->text());
                    got->ack();
                }
                const std::lock_guard hold{lock};
                seen.insert(mine.begin(), mine.end());
            });
        }
        REQUIRE(eventually([&] { return both.out.delivery_counters().acked >= threads * each; }));
        for (int thread = 0; thread < threads; ++thread) must(both.out.send("end"));
    }
    REQUIRE(refused == 0);
    const auto sent = numbers(threads * each);
    REQUIRE(seen == std::multiset<std::string>{sent.begin(), sent.end()});
    must(both.out.flush(stage::processed, soon));
    REQUIRE(both.out.delivery_counters().redelivered == 0);
}

OVER_EACH_LINK("consume acks what its handler returns from, and nacks what it throws on, on all its threads") {
    line both{over};
    std::stop_source stop;
    std::mutex lock;
    std::set<std::thread::id> threads;
    std::atomic<int> failed{0};
    worker consumes{[&] {
        return outcome(both.in.consume(
            [&](godwit::delivery& one) {
                {
                    const std::lock_guard hold{lock};
                    threads.insert(std::this_thread::get_id());
                }
                if (one.text() == "reject") return one.reject("by hand");
                if (one.attempt() == 1 && one.text().ends_with('7')) {
                    ++failed;
                    throw std::runtime_error{"not now"};
                }
            },
            {.concurrency = 4, .stop = stop.get_token()}));
    }};
    for (const auto& text : numbers(200)) must(both.out.send(text));
    must(both.out.send("reject"));
    must(both.out.flush(stage::processed, soon));
    stop.request_stop();
    REQUIRE(consumes.saw() == "ok");
    REQUIRE(failed == 20);
    REQUIRE(both.out.delivery_counters().acked == 200);
    REQUIRE(both.out.delivery_counters().nacked == 20);
    REQUIRE(both.out.dead_letters().size() == 1);
}

OVER_EACH_LINK("a handler may stop its own consume, and what it had in hand is acked") {
    line both{over};
    std::stop_source stop;
    for (const auto& text : numbers(5)) must(both.out.send(text));
    std::vector<std::string> seen;
    must(both.in.consume(
        [&](godwit::delivery& one) {
            seen.emplace_back(one.text());
            if (seen.size() == 3) stop.request_stop();
        },
        {.stop = stop.get_token()}));
    REQUIRE(seen == numbers(3));
    REQUIRE(eventually([&] { return both.out.delivery_counters().acked == 3; }));
    REQUIRE(take(both.in) == "3");
}

OVER_EACH_LINK("a handler may close its own socket: consume ends with closed") {
    line both{over};
    must(both.out.send("x"));
    std::string seen;
    const auto ended = both.in.consume([&](godwit::delivery& one) {
        one.ack();
        seen = outcome(both.in.close(soon));
    });
    REQUIRE(outcome(ended) == "closed");
    REQUIRE(seen == "ok");
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("a handler that closes its socket with the message in hand does not wait for itself") {
    line both{over};
    must(both.out.send("x"));
    const auto from = std::chrono::steady_clock::now();
    std::string seen;
    const auto ended = both.in.consume([&](godwit::delivery&) { seen = outcome(both.in.close(soon)); });
    REQUIRE(outcome(ended) == "closed");
    REQUIRE(seen == "would_deadlock");
    REQUIRE(std::chrono::steady_clock::now() - from < soon / 2);
    must(both.out.flush(stage::processed, soon));
}

TEST_CASE("consume refuses a concurrency that can never be right, and ends with its socket") {
    line both{*find_transport("inproc")};
    REQUIRE(outcome(both.in.consume([](godwit::delivery&) {}, {.concurrency = 0})) == "invalid_argument");
    REQUIRE(outcome(both.in.consume([](godwit::delivery&) {}, {.concurrency = 1025})) == "invalid_argument");
    worker consumes{[&] { return outcome(both.in.consume([](godwit::delivery&) {}, {.concurrency = 3})); }};
    REQUIRE(consumes.blocks());
    must(both.in.close(soon));
    REQUIRE(consumes.saw() == "closed");
}
