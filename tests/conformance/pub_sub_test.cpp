// pub and sub: prefixes, what a late subscriber misses, and counting the subscribers of a topic.
#include <optional>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;

namespace {

std::string topic_and_text(godwit::sub& in) {
    const auto got = must(in.recv(soon));
    return std::string{got.topic()} + "=" + std::string{got.text()};
}

}  // namespace

GODWIT_EACH_TRANSPORT("a subscriber gets what it subscribed to") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    SECTION("when the pub binds first") {
        must(out.bind(url));
        must(in.connect(url));
        must(in.subscribe("eur"));
    }
    SECTION("when the sub connects first") {
        must(in.subscribe("eur"));
        must(in.connect(url));
        must(out.bind(url));
    }
    SECTION("when the sub binds first") {
        must(in.bind(url));
        must(in.subscribe("eur"));
        must(out.connect(url));
    }
    SECTION("when the pub connects first") {
        must(out.connect(url));
        must(in.bind(url));
        must(in.subscribe("eur"));
    }
    must(out.wait_for_subscribers("eur", 1, soon));
    must(out.send("usd", "1"));
    must(out.send("eur", "2"));
    must(out.send("eurusd", "3"));
    must(out.send("eu", "4"));
    must(out.send("", "5"));
    must(out.send("eur.end", "6"));
    REQUIRE(topic_and_text(in) == "eur=2");
    REQUIRE(topic_and_text(in) == "eurusd=3");
    REQUIRE(topic_and_text(in) == "eur.end=6");
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
}

GODWIT_EACH_TRANSPORT("the empty prefix is everything") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    must(in.subscribe(""));
    must(out.wait_for_subscribers("", 1, soon));
    must(out.send("", ""));
    must(out.send("a", "1"));
    must(out.send(std::string_view{"\0b", 2}, "2"));
    REQUIRE(topic_and_text(in) == "=");
    REQUIRE(topic_and_text(in) == "a=1");
    REQUIRE(topic_and_text(in) == std::string{"\0b=2", 4});
}

GODWIT_EACH_TRANSPORT("a topic is no part of the body that it is matched against") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    must(in.subscribe("body"));
    must(out.wait_for_subscribers("body", 1, soon));
    must(out.send("b", "body"));
    must(out.send("body", "end"));
    REQUIRE(topic_and_text(in) == "body=end");
}

GODWIT_EACH_TRANSPORT("every subscriber gets every message of its own, in order") {
    godwit::context ctx;
    godwit::pub out{ctx, {.queue_messages_max = 5000}};
    const auto url = over.url();
    must(out.bind(url));
    std::vector<godwit::sub> ins;
    for (int i = 0; i < 4; ++i) {
        ins.emplace_back(ctx, godwit::socket_options{.queue_messages_max = 5000});
        must(ins.back().connect(url));
        must(ins.back().subscribe("n"));
    }
    must(out.wait_for_subscribers("n", 4, soon));
    for (int i = 0; i < 2000; ++i) must(out.send("n", std::to_string(i)));
    for (auto& in : ins)
        for (int i = 0; i < 2000; ++i) REQUIRE(receive(in) == std::to_string(i));
}

GODWIT_EACH_TRANSPORT("subscribers are counted by peers and by prefix") {
    godwit::context ctx;
    godwit::pub out{ctx};
    const auto url = over.url();
    must(out.bind(url));
    REQUIRE(out.subscribers("eur.usd") == 0);
    REQUIRE(outcome(out.wait_for_subscribers("eur.usd", 1, 0s)) == "timed_out");
    must(out.wait_for_subscribers("eur.usd", 0, 0s));

    std::vector<std::optional<godwit::sub>> ins(3);
    for (auto& in : ins) {
        in.emplace(ctx);
        must(in->connect(url));
        must(in->subscribe("eur"));
    }
    must(out.wait_for_subscribers("eur.usd", 3, soon));
    REQUIRE(out.subscribers("eur") == 3);
    REQUIRE(out.subscribers("eu") == 0);
    REQUIRE(out.subscribers("gbp") == 0);

    // A peer with several prefixes that match is still one subscriber.
    must(ins[0]->subscribe("eur.usd"));
    must(ins[0]->subscribe("e"));
    must(ins[0]->subscribe("first marker"));
    must(out.wait_for_subscribers("first marker", 1, soon));
    REQUIRE(out.subscribers("eur.usd") == 3);
    REQUIRE(out.subscribers("egg") == 1);

    // The same prefix twice needs two unsubscribes.
    must(ins[1]->subscribe("eur"));
    must(ins[1]->unsubscribe("eur"));
    must(ins[1]->subscribe("second marker"));
    must(out.wait_for_subscribers("second marker", 1, soon));
    REQUIRE(out.subscribers("eur.usd") == 3);
    must(ins[1]->unsubscribe("eur"));
    REQUIRE(eventually([&] { return out.subscribers("eur.usd") == 2; }));

    must(ins[2]->close());
    REQUIRE(eventually([&] { return out.subscribers("eur.usd") == 1; }));
    must(ins[0]->disconnect(url));
    REQUIRE(eventually([&] { return out.subscribers("eur.usd") == 0; }));
}

GODWIT_EACH_TRANSPORT("waiting for subscribers sees one that comes while it waits") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    must(in.subscribe("other"));
    must(out.wait_for_subscribers("other", 1, soon));
    worker waiting{[&] { return outcome(out.wait_for_subscribers("topic", 1, soon)); }};
    REQUIRE(waiting.blocks());
    REQUIRE_FALSE(waiting.finished());
    must(in.subscribe("top"));
    REQUIRE(waiting.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("nothing comes before the first subscribe and after the last unsubscribe") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    godwit::sub witness{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    must(witness.connect(url));
    must(witness.subscribe(""));
    must(out.wait_for_subscribers("a", 1, soon));
    must(out.send("a", "before"));
    must(in.subscribe("a"));
    must(out.wait_for_subscribers("a", 2, soon));
    must(out.send("a", "between"));
    REQUIRE(receive(in) == "between");
    must(in.unsubscribe("a"));
    REQUIRE(outcome(in.unsubscribe("a")) == "not_found");
    REQUIRE(outcome(in.unsubscribe("never")) == "not_found");
    REQUIRE(eventually([&] { return out.subscribers("a") == 1; }));
    must(out.send("a", "after"));
    for (const auto* text : {"before", "between", "after"}) REQUIRE(receive(witness) == text);
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
}

GODWIT_EACH_TRANSPORT("D1: a pub is never held up by a subscriber that does not read") {
    godwit::context ctx;
    const godwit::socket_options small{.queue_messages_max = 10};
    godwit::pub out{ctx, small};
    godwit::sub slow{ctx, small};
    const auto url = over.url();
    must(out.bind(url));
    must(slow.connect(url));
    must(slow.subscribe(""));
    must(out.wait_for_subscribers("", 1, soon));
    const godwit::message body =
        must(godwit::message::make({.topic = "t", .body = godwit::as_bytes(pattern_of(64 << 10))}));
    for (int i = 0; i < 2000; ++i) must(out.send(body));
    int came = 0;
    while (slow.recv(100ms)) ++came;
    REQUIRE(came >= 10);
    REQUIRE(came < 2000);
    if (over.is_inproc()) REQUIRE(out.stats().dropped_full == static_cast<std::uint64_t>(2000 - came));
}

GODWIT_EACH_TRANSPORT("one sub hears several pubs") {
    godwit::context ctx;
    godwit::sub in{ctx};
    std::vector<godwit::pub> outs;
    must(in.subscribe("t"));
    for (int i = 0; i < 3; ++i) {
        const auto url = over.url();
        outs.emplace_back(ctx);
        must(outs.back().bind(url));
        must(in.connect(url));
    }
    int sum = 0;
    for (int i = 0; i < 3; ++i) {
        must(outs[static_cast<std::size_t>(i)].wait_for_subscribers("t", 1, soon));
        must(outs[static_cast<std::size_t>(i)].send("t", std::to_string(1 << i)));
    }
    for (int i = 0; i < 3; ++i) sum += std::stoi(receive(in));
    REQUIRE(sum == 7);
}

TEST_CASE("a topic above 64 KiB and a prefix above 4,000 bytes are too_large") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    must(out.bind("inproc://topics"));
    must(in.connect("inproc://topics"));
    const std::string longest(64 << 10, 't');
    const std::string longest_prefix(4000, 't');
    must(in.subscribe(longest_prefix));
    must(out.wait_for_subscribers(longest, 1, soon));
    must(out.send(longest, "all of it"));
    REQUIRE(receive(in) == "all of it");
    REQUIRE(outcome(out.send(longest + "t", "too long")) == "too_large");
    REQUIRE(outcome(in.subscribe(longest_prefix + "t")) == "too_large");
}

GODWIT_EACH_TRANSPORT("a pub that connects and first waits for its peers counts their subscriptions") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(in.subscribe("t"));
    must(in.bind(url));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    must(out.wait_for_subscribers("topic", 1, soon));
    must(out.send("topic", "counted"));
    REQUIRE(receive(in) == "counted");
}
