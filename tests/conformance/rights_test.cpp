// Row 89: what each key may do, by topic and verb.
#include <optional>
#include <string>
#include <vector>

#include "conformance/security.hpp"

using namespace conformance;

OVER_THE_WIRE("row 89, D6: a subscription beyond the key's right is refused at the pub, and its link stays") {
    godwit::context ctx;
    const auto ours = fresh(), narrow = fresh(), wide = fresh();
    access_list list = listing(narrow.public_part(), "sub=a/open,b");
    must(list.allow(wide.public_part()));
    godwit::pub out{ctx, server(ours, list)};
    const auto url = must(out.bind(over.url()));
    godwit::sub in{ctx, client(narrow, ours)}, all{ctx, client(wide, ours)};
    for (const char* prefix : {"a", "", "a/secret", "a/ope", "b/1"}) must(in.subscribe(prefix));
    must(all.subscribe(""));
    must(in.connect(url));
    must(all.connect(url));
    must(out.wait_for_subscribers("b/1", 2, soon));
    REQUIRE(eventually([&] { return out.stats().refused_subscriptions == 4; }));
    REQUIRE(out.subscribers("a/secret") == 1);
    REQUIRE(out.subscribers("a/open") == 1);
    const auto seen = event_of(out, event_kind::subscription_refused);
    REQUIRE(contains(seen, narrow.public_part().text()));
    REQUIRE(seen.endpoint == url);
    must(out.send("a/secret", "hidden"));
    must(out.send("", "hidden"));
    must(out.send("b/1", "shown"));
    REQUIRE(receive(in) == "shown");
    REQUIRE(receive(all) == "hidden");
    // One more may come on the same link, and go.
    must(in.subscribe("a/open/x"));
    must(out.wait_for_subscribers("a/open/x", 2, soon));
    must(in.unsubscribe("b/1"));
    REQUIRE(eventually([&] { return out.subscribers("b/1") == 1; }));
    must(out.send("b/1", "no more"));
    must(out.send("a/open/x", "last"));
    REQUIRE(receive(in) == "last");
    REQUIRE(eventually([&] { return in.peers().size() == 1; }));
    must(in.close(soon));
    REQUIRE(eventually([&] { return out.subscribers("a/open/x") == 1; }));
    must(all.close(soon));
    REQUIRE(eventually([&] { return out.subscribers("a/secret") == 0; }));
}

OVER_THE_WIRE("subscribers that come and go at once leave a pub with an access list whole") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    godwit::pub out{ctx, server(ours, listing(theirs.public_part(), "sub=a"))};
    const auto url = must(out.bind(over.url()));
    godwit::sub stays{ctx, client(theirs, ours)};
    must(stays.subscribe("a"));
    must(stays.connect(url));
    must(out.wait_for_subscribers("a", 1, soon));
    const std::string body = pattern_of(100);
    for (int round = 0; round < 20; ++round) {
        std::vector<std::optional<godwit::sub>> some(4);
        for (auto& one : some) {
            one.emplace(ctx, client(theirs, ours));
            must(one->subscribe("a"));
            must(one->subscribe("z"));
            must(one->connect(url));
        }
        for (auto& one : some) must(one->wait_for_peers(1, soon));
        for (auto& one : some) one.reset();
        for (int i = 0; i < 50; ++i) must(out.send("a", body));
        for (int i = 0; i < 50; ++i) REQUIRE(receive(stays) == body);
    }
    if (!eventually([&] { return out.subscribers("a") == 1; }, 3s))
        FAIL(out.subscribers("a") << " of 1, peers " << out.peers().size());
    must(out.send("a", "end"));
    REQUIRE(receive(stays) == "end");
}

TEST_CASE("a pub with an access list cannot connect") {
    godwit::context ctx;
    godwit::pub out{ctx, {.keys = fresh(), .allow = access_list{}, .server_key = fresh().public_part()}};
    REQUIRE(outcome(out.connect("tcp://127.0.0.1:9")) == "unsupported");
}

OVER_THE_WIRE(
    "row 89: messages under a topic beyond the key's right are dropped at pull, sub and rep, and the next come") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    const auto list = listing(theirs.public_part(), "push=a pub=a req=a");
    {
        godwit::pull in{ctx, server(ours, list)};
        godwit::push out{ctx, client(theirs, ours)};
        const auto url = must(in.bind(over.url()));
        must(out.connect(url));
        must(out.send("no topic"));
        for (int i = 0; i < 600; ++i) must(out.send("wrong", {.topic = "b"}));
        must(out.send("right", {.topic = "a/b", .key = "k"}));
        REQUIRE(receive(in) == "right");
        REQUIRE(in.stats().refused_messages == 601);
        REQUIRE(in.stats().received == 1);
        const auto seen = event_of(in, event_kind::message_refused);
        REQUIRE(contains(seen, theirs.public_part().text()));
        REQUIRE(seen.endpoint == url);
        REQUIRE(eventually([&] { return in.peers().size() == 1; }));
    }
    {
        godwit::sub in{ctx, server(ours, list)};
        godwit::pub out{ctx, client(theirs, ours)};
        must(in.subscribe(""));
        const auto url = must(in.bind(over.url()));
        must(out.connect(url));
        must(out.wait_for_subscribers("", 1, soon));
        must(out.send("b", "wrong"));
        must(out.send("a", "right"));
        REQUIRE(receive(in) == "right");
        REQUIRE(in.stats().refused_messages == 1);
    }
    {
        godwit::rep in{ctx, server(ours, list)};
        godwit::req out{ctx, client(theirs, ours)};
        const auto url = must(in.bind(over.url()));
        must(out.connect(url));
        auto wrong = must(out.send("wrong", {.topic = "b"}));
        auto right = must(out.send("right", {.topic = "a"}));
        auto got = must(in.recv(soon));
        REQUIRE(got.text() == "right");
        REQUIRE(got.topic() == "a");
        must(got.reply("yes"));
        REQUIRE(must(right.wait(soon)).text() == "yes");
        REQUIRE(in.stats().refused_messages == 1);
    }
}

OVER_THE_WIRE("pull and rep need a right to come, and then have no topics") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    godwit::req asks{ctx, server(ours, listing(theirs.public_part(), "rep"))};
    godwit::rep serves{ctx, client(theirs, ours)};
    auto url = must(asks.bind(over.url()));
    must(serves.connect(url));
    auto asked = must(asks.send("q", {.topic = "any"}));
    auto got = must(serves.recv(soon));
    must(got.reply("a"));
    REQUIRE(must(asked.wait(soon)).text() == "a");
    godwit::push out{ctx, server(ours, listing(theirs.public_part(), "rep"))};
    godwit::pull in{ctx, client(theirs, ours)};
    url = must(out.bind(over.url()));
    must(in.connect(url));
    REQUIRE(contains(event_of(out, event_kind::handshake_refused), "no right to come as a pull"));
}
