// Publishing with modules: filters, gaps, where a subscriber starts.
#include <optional>

#include "conformance/worker.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::start;
using godwit::subscription;

namespace {

struct news {
    explicit news(const transport& over, const ack_retry& publisher = quick(), const ack_retry& subscriber = quick())
        : out{ctx, publisher, brisk()}, in{ctx, subscriber, brisk()}, url{must(out.bind(over.url()))} {}
    void join(std::string_view filter, std::string_view topic) {
        must(in.subscribe(filter));
        must(in.connect(url));
        must(out.wait_for_subscribers(topic, 1, soon));
    }
    godwit::context ctx;
    godwit::pub out;
    godwit::sub in;
    std::string url;
};

}  // namespace

GODWIT_EACH_TRANSPORT("a subscriber gets what its prefixes want, in order, and nothing else") {
    news both{over};
    both.join("a.", "a.1");
    REQUIRE(both.out.subscribers("b") == 0);
    for (const auto& text : numbers(500)) {
        must(both.out.send("b", "not this"));
        must(both.out.send("a." + text, text));
    }
    for (const auto& text : numbers(500)) {
        auto got = must(both.in.recv(soon));
        REQUIRE(got.text() == text);
        REQUIRE(got.topic() == "a." + text);
        got.ack();
    }
    REQUIRE(outcome(both.in.recv(0s)) == "timed_out");
}

OVER_EACH_LINK("filters may be exact, of tokens, and by headers; and are changed while messages flow") {
    const auto wants = [&](const char* filter, std::vector<const char*> yes, std::vector<const char*> no) {
        INFO(filter);
        news both{over};
        both.join(filter, yes.front());
        for (const char* topic : no) {
            must(both.out.send(topic, "no", {.headers = {{"region", "eu"}}}));
        }
        for (const char* topic : yes) must(both.out.send(topic, topic, {.headers = {{"region", "eu"}}}));
        for (const char* topic : yes) REQUIRE(take(both.in) == topic);
        REQUIRE(outcome(both.in.recv(0s)) == "timed_out");
    };
    wants("=orders", {"orders"}, {"orders.eu", "order"});
    wants("orders.*.placed", {"orders.eu.placed"}, {"orders.eu.gone", "orders.eu", "orders.a.b.placed"});
    wants("orders.>", {"orders.eu", "orders.eu.placed"}, {"orders", "other.eu"});
    wants("orders {region=eu}", {"orders"}, {"other"});

    news both{over};
    both.join("orders {region=eu, kind!=test}", "orders");
    must(both.out.send("orders", "us", {.headers = {{"region", "us"}}}));
    must(both.out.send("orders", "test", {.headers = {{"region", "eu"}, {"kind", "test"}}}));
    must(both.out.send("orders", "eu", {.headers = {{"region", "eu"}}}));
    REQUIRE(take(both.in) == "eu");
    must(both.in.subscribe("more"));
    must(both.out.wait_for_subscribers("more", 1, soon));
    must(both.out.send("more", "of this"));
    REQUIRE(take(both.in) == "of this");
    must(both.in.unsubscribe("more"));
    REQUIRE(outcome(both.in.unsubscribe("more")) == "not_found");
    REQUIRE(eventually([&] { return both.out.subscribers("more") == 0; }));
    REQUIRE(!both.in.subscribe("broken {"));
    REQUIRE(outcome(both.in.subscribe(std::string(5000, 'x'))) == "too_large");
}

OVER_EACH_LINK("a filter that can never be right is refused before the first endpoint, too") {
    godwit::context ctx;
    godwit::sub in{ctx, quick(), brisk()};
    const auto before = in.subscribe("broken {");
    const auto bound = in.bind(over.url());
    REQUIRE((!before || !bound));
}

OVER_EACH_LINK("every subscriber gets everything, and waiting for so many of them ends by its deadline") {
    news both{over};
    both.join("", "x");
    godwit::sub other{both.ctx, quick(), brisk()};
    must(other.subscribe("x"));
    REQUIRE(outcome(both.out.wait_for_subscribers("x", 2, 5ms)) == "timed_out");
    std::stop_source stop;
    worker stopped{[&] { return outcome(both.out.wait_for_subscribers("x", 9, soon, stop.get_token())); }};
    worker waits{[&] { return outcome(both.out.wait_for_subscribers("x", 2, soon)); }};
    REQUIRE(waits.blocks());
    must(other.connect(both.url));
    REQUIRE(waits.saw() == "ok");
    stop.request_stop();
    REQUIRE(stopped.saw() == "cancelled");
    for (const auto& text : numbers(100)) must(both.out.send("x", text));
    for (const auto& text : numbers(100)) {
        REQUIRE(take(both.in) == text);
        REQUIRE(take(other) == text);
    }
    must(other.close(soon));
    REQUIRE(eventually([&] { return both.out.subscribers("x") == 1; }));
    must(both.out.send("x", "end"));
    REQUIRE(take(both.in) == "end");
    must(both.out.close(soon));
}

OVER_EACH_LINK("a subscriber that starts at the first gets what the publisher still has, one at the next does not") {
    godwit::context ctx;
    godwit::pub out{ctx, quick(), brisk()};
    const auto url = must(out.bind(over.url()));
    for (const auto& text : numbers(50)) must(out.send("t", text));
    godwit::sub all{ctx, quick(), subscription{.from = start::first}, brisk()}, late{ctx, quick(), brisk()};
    for (auto* one : {&all, &late}) {
        must(one->subscribe("t"));
        must(one->connect(url));
    }
    must(out.wait_for_subscribers("t", 2, soon));
    must(out.send("t", "live"));
    for (const auto& text : numbers(50)) REQUIRE(take(all) == text);
    REQUIRE(take(all) == "live");
    REQUIRE(take(late) == "live");
}

OVER_EACH_LINK("a slow subscriber is told the gap once, holds nobody up, and goes on behind it") {
    auto small = quick();
    small.log_bytes_max = 64u << 10;
    auto few = quick();
    few.credit_messages = 2;
    news both{over, small, few};
    both.join("t", "t");
    godwit::sub fast{both.ctx, quick(), brisk()};
    must(fast.subscribe("t"));
    must(fast.connect(both.url));
    must(both.out.wait_for_subscribers("t", 2, soon));
    must(both.out.send("t", "first"));
    auto hand = must(both.in.recv(soon));
    REQUIRE(hand.text() == "first");
    REQUIRE(take(fast) == "first");
    const std::string body(1000, 'x');
    for (const auto& text : numbers(300)) {
        must(both.out.send("t", text + body));
        REQUIRE(take(fast) == text + body);
    }
    hand.ack();
    std::vector<std::string> gaps;
    std::uint64_t came = 0, lost = 0;
    while (came + lost < 300) {
        auto got = both.in.recv(soon);
        if (got) {
            ++came;
            got->ack();
            continue;
        }
        REQUIRE(outcome(got) == "gap");
        const std::string range{got.error().value()};
        const auto dots = range.find("..");
        REQUIRE(dots != std::string::npos);
        lost += std::stoull(range.substr(dots + 2)) - std::stoull(range.substr(0, dots)) + 1;
        gaps.push_back(range);
    }
    REQUIRE(gaps.size() >= 1);
    REQUIRE(came + lost == 300);
    REQUIRE(both.in.delivery_counters().gaps == gaps.size());
    must(both.out.send("t", "after"));
    REQUIRE(take(both.in) == "after");
}

OVER_EACH_LINK("a gap ends a consume that has no on_gap, and goes to the one that has") {
    for (const bool told : {false, true}) {
        auto small = quick();
        small.log_bytes_max = 64u << 10;
        auto one_at_once = quick();
        one_at_once.credit_messages = 1;
        news both{over, small, one_at_once};
        both.join("t", "t");
        must(both.out.send("t", "first"));
        auto hand = must(both.in.recv(soon));
        const std::string body(1000, 'x');
        for (int i = 0; i < 300; ++i) must(both.out.send("t", body));
        must(both.out.send("t", "last"));
        hand.ack();
        std::stop_source stop;
        int gaps = 0;
        godwit::consume_options options{.stop = stop.get_token()};
        if (told) options.on_gap = [&](const godwit::error& what) { gaps += what.code() == godwit::errc::gap ? 1 : 0; };
        const auto ended = both.in.consume(
            [&](godwit::delivery& one) {
                if (one.text() == "last") stop.request_stop();
            },
            options);
        REQUIRE(outcome(ended) == (told ? "ok" : "gap"));
        REQUIRE((gaps > 0) == told);
    }
}

OVER_EACH_LINK("a subscriber whose link was cut goes on where it was, without gap or copy") {
    news both{over};
    both.join("t", "t");
    for (const auto& text : numbers(20)) must(both.out.send("t", text));
    for (const auto& text : numbers(10)) REQUIRE(take(both.in) == text);
    must(both.in.disconnect(both.url));
    must(both.in.connect(both.url));
    must(both.out.wait_for_subscribers("t", 1, soon));
    must(both.out.send("t", "end"));
    std::vector<std::string> rest;
    while (rest.empty() || rest.back() != "end") rest.push_back(take(both.in));
    REQUIRE(rest.size() <= 11);
    for (std::size_t i = 0; i + 1 < rest.size(); ++i) REQUIRE(rest[i] == std::to_string(10 + i));
}

OVER_EACH_LINK("a pub takes no terms that it cannot keep, and a topic has its limit") {
    news both{over};
    REQUIRE(outcome(both.out.send(std::string((64u << 10) + 1, 't'), "x")) == "too_large");
    REQUIRE(outcome(both.out.send("t", "x", {.priority = 10})) == "invalid_argument");
    must(both.out.send("nobody wants it", "x"));
    must(both.out.close(soon));
    REQUIRE(outcome(both.out.send("t", "x")) == "closed");
    REQUIRE(outcome(both.out.wait_for_subscribers("t", 1)) == "closed");
}
