// What the sender learns: receipts by wait, by callback, by range.
#include <algorithm>
#include <mutex>
#include <optional>

#include "conformance/worker.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

OVER_EACH_LINK("a receipt is waited on from another thread, stage by stage") {
    line both{over};
    const auto sent = must(both.out.send("x"));
    REQUIRE(fate(sent, stage::accepted, 0s) == "accepted");
    worker waits{[&] { return fate(sent); }};
    REQUIRE(waits.blocks());
    auto got = must(both.in.recv(soon));
    REQUIRE(fate(sent, stage::received) == "received");
    REQUIRE(outcome(sent.wait(stage::processed, 0s)) == "timed_out");
    got.ack();
    REQUIRE(waits.saw() == "processed");
}

OVER_EACH_LINK("flush waits until all that was sent so far is settled, or the time is up") {
    line both{over};
    must(both.out.flush(stage::processed, 0s));
    for (const auto& text : numbers(100)) must(both.out.send(text));
    REQUIRE(outcome(both.out.flush(stage::processed, 5ms)) == "timed_out");
    must(both.out.flush(stage::received, soon));
    std::stop_source stop;
    worker stopped{[&] { return outcome(both.out.flush(stage::processed, soon, stop.get_token())); }};
    REQUIRE(stopped.blocks());
    stop.request_stop();
    REQUIRE(stopped.saw() == "cancelled");
    worker waits{[&] { return outcome(both.out.flush(stage::processed, soon)); }};
    REQUIRE(waits.blocks());
    for (int i = 0; i < 100; ++i) {
        auto got = must(both.in.recv(soon));
        i % 10 == 0 ? got.reject("tenth") : got.ack();
    }
    REQUIRE(waits.saw() == "ok");
    REQUIRE(both.out.dead_letters().size() == 10);
}

TEST_CASE("a flush of a socket that has sent nothing is ok, whether it has an endpoint or not") {
    godwit::context ctx;
    godwit::push none{ctx, quick(), brisk()};
    must(none.flush(stage::processed, 0s));
    must(none.flush(stage::processed, soon));
    must(none.bind(inproc::make()));
    must(none.flush(stage::processed, soon));
}

OVER_EACH_LINK("waiting for a stage that cannot come is unsupported at once") {
    line both{over};
    const auto sent = must(both.out.send("x"));
    for (const auto never : {stage::stored, stage::durable}) {
        REQUIRE(outcome(sent.wait(never)) == "unsupported");
        REQUIRE(outcome(both.out.flush(never)) == "unsupported");
    }
    godwit::pub news{both.ctx, quick(), brisk()};
    must(news.bind(over.url()));
    const auto published = must(news.send("t", "x"));
    for (const auto never : {stage::stored, stage::durable, stage::received, stage::processed}) {
        REQUIRE(outcome(published.wait(never)) == "unsupported");
        REQUIRE(outcome(news.flush(never)) == "unsupported");
    }
    must(published.wait(stage::accepted, 0s));
    must(news.flush(stage::accepted, 0s));
    godwit::push plain{both.ctx};
    REQUIRE(outcome(plain.flush(stage::processed)) == "unsupported");
    REQUIRE(outcome(plain.requeue(1)) == "unsupported");
    REQUIRE(outcome(plain.discard(1)) == "unsupported");
    REQUIRE(outcome(plain.on_settled([](auto) {})) == "unsupported");
    REQUIRE(plain.dead_letters().empty());
}

OVER_EACH_LINK("each record that is settled is told to the callback, once, with its outcome") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    godwit::pull in{ctx, quick(), brisk()};
    std::mutex lock;
    std::vector<godwit::settled_record> told;
    must(out.on_settled([&](std::span<const godwit::settled_record> some) {
        const std::lock_guard hold{lock};
        told.insert(told.end(), some.begin(), some.end());
    }));
    must(out.connect(must(in.bind(over.url()))));
    std::vector<godwit::offset> sent;
    for (const auto& text : numbers(1000)) sent.push_back(must(out.send(text)).at());
    for (int i = 0; i < 1000; ++i) {
        auto got = must(in.recv(soon));
        got.text() == "500" ? got.reject("no") : got.ack();
    }
    REQUIRE(eventually([&] {
        const std::lock_guard hold{lock};
        return told.size() >= sent.size();
    }));
    const std::lock_guard hold{lock};
    REQUIRE(told.size() == sent.size());
    std::sort(told.begin(), told.end(), [](const auto& one, const auto& other) { return one.at < other.at; });
    for (std::size_t i = 0; i < sent.size(); ++i) {
        REQUIRE(told[i].at == sent[i]);
        REQUIRE(told[i].what == (i == 500 ? godwit::outcome::refused : godwit::outcome::processed));
    }
}

OVER_EACH_LINK("a receipt outlives its socket: what was known stays known or is closed, and nothing hangs") {
    std::optional<line> both{std::in_place, over};
    const auto sent = must(both->out.send("x"));
    worker waits{[&] { return fate(sent); }};
    REQUIRE(waits.blocks());
    REQUIRE(outcome(both->out.close(0s)) == "timed_out");
    REQUIRE(waits.saw() == "closed");
    REQUIRE(outcome(sent.wait(stage::processed, 0s)) == "closed");
    both.reset();
    REQUIRE(outcome(sent.wait(stage::processed)) == "closed");
    REQUIRE(!sent.reached(stage::processed));
}
