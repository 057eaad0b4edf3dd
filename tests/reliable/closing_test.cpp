// How a reliable socket ends, and what becomes of what is not settled.
#include <optional>

#include "conformance/worker.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

OVER_EACH_LINK("close of a push waits until all is settled, and says how many are not when its time is up") {
    {
        line both{over};
        for (const auto& text : numbers(3)) must(both.out.send(text));
        auto first = must(both.in.recv(soon));
        const auto closed = both.out.close(30ms);
        REQUIRE(outcome(closed) == "timed_out");
        REQUIRE(std::string{closed.error().what()}.find("3 messages are not settled") != std::string::npos);
        REQUIRE(outcome(both.out.send("x")) == "closed");
        REQUIRE(outcome(both.out.flush()) == "closed");
        first.ack();
    }
    line both{over};
    for (const auto& text : numbers(3)) must(both.out.send(text));
    worker closes{[&] { return outcome(both.out.close(soon)); }};
    for (const auto& text : numbers(3)) REQUIRE(take(both.in) == text);
    REQUIRE(closes.saw() == "ok");
    REQUIRE(both.out.delivery_counters().acked == 3);
}

OVER_EACH_LINK("a push that nobody ever came to closes by its deadline, and counts what it had") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    must(out.connect(over.url()));
    must(out.send("x"));
    const auto closed = out.close(20ms);
    REQUIRE(outcome(closed) == "timed_out");
    REQUIRE(std::string{closed.error().what()}.find("1 message is not settled") != std::string::npos);
    godwit::push idle{ctx, quick(), brisk()};
    must(idle.connect(over.url()));
    must(idle.close(soon));
    godwit::push unused{ctx, quick(), brisk()};
    must(unused.close(soon));
    must(unused.close(soon));
    REQUIRE(outcome(unused.bind(over.url())) == "closed");
}

OVER_EACH_LINK("a pull that is closed waits for what is in hand, and gives back what was only prefetched, uncharged") {
    line both{over};
    for (const auto& text : numbers(10)) must(both.out.send(text));
    auto hand = must(both.in.recv(soon));
    worker closes{[&] { return outcome(both.in.close(soon)); }};
    REQUIRE(closes.blocks());
    REQUIRE(outcome(both.in.recv(0s)) == "closed");
    hand.ack();
    REQUIRE(closes.saw() == "ok");
    godwit::pull next{both.ctx, quick(), brisk()};
    must(both.out.connect(must(next.bind(over.url()))));
    for (int i = 1; i < 10; ++i) {
        auto got = must(next.recv(soon));
        REQUIRE(got.text() == std::to_string(i));
        REQUIRE(got.attempt() == 1);
        got.ack();
    }
    must(both.out.flush(stage::processed, soon));
    REQUIRE(both.out.delivery_counters().nacked == 0);
}

OVER_EACH_LINK("what a pull has acked before it closes is processed, however soon it closes and ends") {
    for (int i = 0; i < 10; ++i) {
        godwit::context ctx;
        godwit::push out{ctx, quick()};
        const auto url = must(out.bind(over.url()));
        godwit::receipt last;
        {
            godwit::pull in{ctx, quick()};
            must(in.connect(url));
            for (const char* body : {"a", "b", "c"}) last = must(out.send(body));
            for (const char* body : {"a", "b", "c"}) REQUIRE(take(in) == body);
            must(in.close());
        }
        REQUIRE(fate(last) == "processed");
        REQUIRE(out.delivery_counters().acked == 3);
    }
}

OVER_EACH_LINK("what is in hand when a pull's time is up goes to another, with an attempt charged") {
    line both{over};
    const auto sent = must(both.out.send("x"));
    auto hand = must(both.in.recv(soon));
    const auto closed = both.in.close(20ms);
    REQUIRE(outcome(closed) == "timed_out");
    REQUIRE(std::string{closed.error().what()}.find("1 message is not settled") != std::string::npos);
    godwit::pull next{both.ctx, quick(), brisk()};
    must(both.out.connect(must(next.bind(over.url()))));
    auto got = must(next.recv(soon));
    REQUIRE(got.text() == "x");
    REQUIRE(got.attempt() == 2);
    hand.ack();
    REQUIRE(outcome(sent.wait(stage::processed, 0s)) == "timed_out");
    got.ack();
    REQUIRE(fate(sent) == "processed");
}

OVER_EACH_LINK("a push that is destroyed goes on in the background until all is settled") {
    godwit::context ctx;
    godwit::pull in{ctx, quick(), brisk()};
    const auto url = must(in.bind(over.url()));
    std::optional<godwit::push> out{std::in_place, ctx, quick(), socket_options{.linger = soon}};
    must(out->connect(url));
    for (const auto& text : numbers(50)) must(out->send(text));
    out.reset();
    for (const auto& text : numbers(50)) REQUIRE(take(in) == text);
    must(ctx.close(soon));
}

OVER_EACH_LINK("deliveries outlive their socket and context: their content stays, and settling does nothing") {
    std::optional<line> both{std::in_place, over};
    must(both->out.send(pattern_of(100'000)));
    must(both->out.send("small"));
    auto large = must(both->in.recv(soon)), small = must(both->in.recv(soon));
    both.reset();
    REQUIRE(large.text() == pattern_of(100'000));
    REQUIRE(small.text() == "small");
    large.extend(1s);
    large.ack();
    small.reject("late");
    REQUIRE(large.text() == pattern_of(100'000));
}

OVER_EACH_LINK("close ends every blocked call with closed, and a stop token with cancelled") {
    line both{over};
    worker receives{[&] { return outcome(both.in.recv()); }};
    worker waits{[&] { return outcome(both.in.next_event(soon)); }};
    std::stop_source stop;
    worker stopped{[&] { return outcome(both.in.recv(godwit::timeout::never, stop.get_token())); }};
    REQUIRE(receives.blocks());
    REQUIRE(stopped.blocks());
    stop.request_stop();
    REQUIRE(stopped.saw() == "cancelled");
    must(both.out.send("left in the log"));
    REQUIRE(receives.saw() == "ok");
    worker again{[&] {
        while (true) {
            auto got = both.in.recv();
            if (!got) return outcome(got);
            got->ack();
        }
    }};
    must(both.out.flush(stage::processed, soon));
    REQUIRE(again.blocks());
    must(both.in.close(soon));
    REQUIRE(again.saw() == "closed");
    (void)waits.saw();
}

OVER_EACH_LINK("a context that is closed ends its reliable sockets") {
    std::optional<line> both{std::in_place, over};
    must(both->out.send("x"));
    worker receives{[&] { return outcome(both->in.recv()); }};
    REQUIRE(receives.saw() == "ok");
    worker again{[&] {
        while (true) {
            auto got = both->in.recv();
            if (!got) return outcome(got);
            got->ack();
        }
    }};
    must(both->out.flush(stage::processed, soon));
    must(both->ctx.close(soon));
    REQUIRE(again.saw() == "closed");
    REQUIRE(outcome(both->out.send("y")) == "closed");
    both.reset();
}
