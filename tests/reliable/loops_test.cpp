// Reliable sockets in foreign loops: coroutines, poller, descriptor.
#include <optional>

#include "conformance/epoll_loop.hpp"
#include "conformance/task.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::interest;

namespace {

template <class Socket>
task take_text(Socket& in, godwit::async_options options = {}) {
    auto got = co_await in.async_recv(std::move(options));
    if (got) got->ack();
    co_return got ? std::string{got->text()} : outcome(got);
}

task ask(godwit::req& by, std::string text, godwit::async_options options = {}) {
    auto reply = co_await by.async_request(text, std::move(options));
    co_return reply ? std::string{reply->text()} : outcome(reply);
}

task serve(godwit::rep& by) {
    auto got = co_await by.async_recv();
    if (!got) co_return outcome(got);
    co_return outcome(got->reply("re " + std::string{got->text()}));
}

// Quiet for good.
bool goes_dark(int descriptor, const std::function<void()>& look) {
    return eventually([&] {
        look();
        return !readable(descriptor, 3);
    });
}

}  // namespace

OVER_EACH_LINK("coroutines receive, send and ack") {
    line both{over};
    auto first = take_text(both.in), second = take_text(both.in);
    REQUIRE(!first.finished());
    REQUIRE(outcome_of(both.out.async_send("one")).saw() == "ok");
    REQUIRE(first.saw() == "one");
    REQUIRE(
        outcome_of(both.out.async_send(must(godwit::message::make({.topic = "t", .body = godwit::as_bytes("two")}))))
            .saw() == "ok");
    REQUIRE(second.saw() == "two");
    must(both.out.flush(stage::processed, soon));
    REQUIRE(take_text(both.in, {.within = 5ms}).saw() == "timed_out");
    std::stop_source stop;
    auto stopped = take_text(both.in, {.stop = stop.get_token()});
    stop.request_stop();
    REQUIRE(stopped.saw() == "cancelled");
    auto last = take_text(both.in);
    must(both.in.close(soon));
    REQUIRE(last.saw() == "closed");
}

OVER_EACH_LINK("a coroutine receives many, and sends wait for room in the log, then it is full") {
    auto small = quick();
    small.log_bytes_max = 64u << 10;
    line both{over, small};
    std::vector<godwit::delivery> some(100);
    auto many = outcome_of(both.in.async_recv_many(some));
    must(both.out.send("one"));
    REQUIRE(many.saw() == "ok");
    REQUIRE(some[0].text() == "one");
    some[0].ack();
    const std::string body(1000, 'x');
    std::string said;
    std::size_t taken = 0;
    while ((said = outcome_of(both.out.async_send(body, {.within = 10ms})).saw()) == "ok") ++taken;
    REQUIRE(said == "timed_out");
    auto waits = outcome_of(both.out.async_send(body, {.within = soon}));
    REQUIRE(!waits.finished());
    for (std::size_t i = 0; i < taken; ++i) REQUIRE(take(both.in) == body);
    REQUIRE(waits.saw() == "ok");
    REQUIRE(take(both.in) == body);
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("a coroutine asks and another serves") {
    godwit::context ctx;
    godwit::req asks{ctx, quick(), brisk()};
    godwit::rep serves{ctx, quick(), brisk()};
    must(asks.connect(must(serves.bind(over.url()))));
    for (int round = 0; round < 3; ++round) {
        auto served = serve(serves);
        auto asked = ask(asks, "q" + std::to_string(round));
        REQUIRE(served.saw() == "ok");
        REQUIRE(asked.saw() == "re q" + std::to_string(round));
    }
    auto first = ask(asks, "first"), second = ask(asks, "second");
    auto one = must(serves.recv(soon)), other = must(serves.recv(soon));
    must(other.reply("to second"));
    REQUIRE(second.saw() == "to second");
    REQUIRE(!first.finished());
    must(one.reply("to first"));
    REQUIRE(first.saw() == "to first");
    auto hand = ask(asks, "never", {.within = 50ms});
    auto held = must(serves.recv(soon));
    const auto said = hand.saw();
    REQUIRE((said == "timed_out" || said == "unknown"));
}

OVER_EACH_LINK("the descriptor is readable as long as a delivery waits, and not without one") {
    line both{over};
    const int descriptor = must(both.in.descriptor());
    must(both.out.send("meet"));
    REQUIRE(take(both.in) == "meet");
    must(both.out.flush(stage::processed, soon));
    REQUIRE(goes_dark(descriptor, [&] { REQUIRE(outcome(both.in.recv(0s)) == "timed_out"); }));
    for (int round = 0; round < 5; ++round) {
        for (const auto& text : numbers(3)) must(both.out.send(text));
        must(both.out.flush(stage::received, soon));  // they wait in the pull
        std::vector<godwit::delivery> hand;
        for (int i = 0; i < 3; ++i) {
            REQUIRE(readable(descriptor));
            auto got = both.in.recv(soon);
            REQUIRE(outcome(got) == "ok");
            hand.push_back(std::move(*got));
        }
        both.in.ack_many(hand);
        REQUIRE(goes_dark(descriptor, [&] { REQUIRE(outcome(both.in.recv(0s)) == "timed_out"); }));
    }
    must(both.out.send("again"));
    REQUIRE(readable(descriptor));
    must(both.in.recv(soon)).nack();
    REQUIRE(readable(descriptor));
    REQUIRE(take(both.in) == "again");
    must(both.in.close(soon));
    REQUIRE(readable(descriptor));
}

OVER_EACH_LINK("the descriptor for sending is readable while the log has room, and not when it is full") {
    auto small = quick();
    small.log_bytes_max = 64u << 10;
    line both{over, small};
    const int descriptor = must(both.out.descriptor(interest::send));
    REQUIRE(readable(descriptor));
    const std::string body(1000, 'x');
    std::size_t taken = 0;
    while (both.out.send(body, {.within = 0ms})) ++taken;
    REQUIRE(goes_dark(descriptor, [&] {
        while (both.out.send(body, {.within = 0ms})) ++taken;
    }));
    for (std::size_t i = 0; i < taken; ++i) REQUIRE(take(both.in) == body);
    REQUIRE(readable(descriptor));
    must(both.out.send(body, {.within = 0ms}));
    REQUIRE(take(both.in) == body);
}

OVER_EACH_LINK("a req's descriptor is readable while a reply waits for whom it belongs to") {
    godwit::context ctx;
    godwit::req asks{ctx, quick(), brisk()};
    godwit::rep serves{ctx, quick(), brisk()};
    const int descriptor = must(asks.descriptor());
    const int requests = must(serves.descriptor());
    must(asks.connect(must(serves.bind(over.url()))));
    auto first = must(asks.send("first")), second = must(asks.send("second"));
    REQUIRE(readable(requests));
    auto one = must(serves.recv(soon)), other = must(serves.recv(soon));
    REQUIRE(goes_dark(requests, [&] { REQUIRE(outcome(serves.recv(0s)) == "timed_out"); }));
    REQUIRE(goes_dark(descriptor, [&] { REQUIRE(outcome(first.wait(0s)) == "timed_out"); }));
    must(other.reply("2"));
    REQUIRE(eventually([&] { return second.ready(); }));
    REQUIRE(!first.ready());
    REQUIRE(readable(descriptor));
    REQUIRE(must(second.wait(0s)).text() == "2");
    REQUIRE(goes_dark(descriptor, [&] { REQUIRE(!first.ready()); }));
    must(one.reply("1"));
    REQUIRE(readable(descriptor));
    first.cancel();
    REQUIRE(goes_dark(descriptor, [] {}));
}

TEST_CASE("a poller waits on reliable sockets over all transports together") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    std::vector<std::optional<godwit::pull>> pulls(transports().size());
    godwit::poller poller;
    for (std::size_t i = 0; i < pulls.size(); ++i) {
        pulls[i].emplace(ctx, quick(), brisk());
        must(poller.add(*pulls[i], interest::recv, i));
        must(out.connect(must(pulls[i]->bind(transports()[i].url()))));
    }
    const std::size_t count = 50;
    for (const auto& text : numbers(count)) must(out.send(text));
    std::vector<godwit::ready> ready(pulls.size());
    for (std::size_t done = 0; done < count;) {
        const auto some = must(poller.wait(ready, soon));
        for (std::size_t i = 0; i < some; ++i) {
            if (auto got = pulls[ready[i].tag]->recv(0s)) got->ack(), ++done;
        }
    }
    must(out.flush(stage::processed, soon));
    godwit::pull& closed = *pulls[0];
    must(closed.close(soon));
    REQUIRE(eventually([&] {
        const auto some = poller.wait(ready, soon);
        return some && *some > 0 && ready[0].closed;
    }));
}
