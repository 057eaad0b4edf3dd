// Reliable sockets with keys: who may come, and what each may do.
#include <optional>

#include "conformance/security.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

namespace {

socket_options at_once(socket_options options) {
    options.linger = std::chrono::milliseconds{0};
    return options;
}

}  // namespace

OVER_THE_WIRE("an encrypted link carries messages both ways, whoever binds, and a stranger is refused") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh(), nobody = fresh();
    godwit::pull in{ctx, quick(), at_once(server(ours, listing(theirs.public_part())))};
    const auto url = must(in.bind(over.url()));
    godwit::push stranger{ctx, quick(), at_once(client(nobody, ours))};
    must(stranger.connect(url));
    must(stranger.send("never"));
    REQUIRE(contains(event_of(in, event_kind::handshake_refused), nobody.public_part().text()));
    godwit::push bare{ctx, quick(), brisk()};
    must(bare.connect(url));
    event_of(in, event_kind::handshake_refused);
    godwit::push out{ctx, quick(), at_once(client(theirs, ours))};
    must(out.connect(url));
    for (const auto& text : numbers(100)) must(out.send(text));
    for (const auto& text : numbers(100)) REQUIRE(take(in) == text);
    must(out.flush(stage::processed, soon));
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
    must(out.close(soon));
}

OVER_THE_WIRE("a reliable pub hands out a topic only to who has the right to it, whatever the filter") {
    godwit::context ctx;
    const auto ours = fresh(), narrow = fresh(), wide = fresh();
    access_list list = listing(narrow.public_part(), "sub=a/open,b");
    must(list.allow(wide.public_part()));
    godwit::pub out{ctx, quick(), at_once(server(ours, list))};
    const auto url = must(out.bind(over.url()));
    godwit::sub in{ctx, quick(), at_once(client(narrow, ours))}, all{ctx, quick(), at_once(client(wide, ours))};
    for (const char* filter : {"a", "", "=a/secret", "a/ope", "*.x", ">", "b/1"}) must(in.subscribe(filter));
    must(all.subscribe(""));
    must(in.connect(url));
    must(all.connect(url));
    must(out.wait_for_subscribers("b/1", 2, soon));
    REQUIRE(out.subscribers("a/secret") == 1);
    REQUIRE(eventually([&] { return out.stats().refused_subscriptions == 6; }));
    REQUIRE(contains(event_of(out, event_kind::subscription_refused), narrow.public_part().text()));
    must(out.send("a/secret", "hidden"));
    must(out.send("", "hidden"));
    must(out.send("b/1", "shown"));
    REQUIRE(take(in) == "shown");
    for (const char* text : {"hidden", "hidden", "shown"}) REQUIRE(take(all) == text);
    must(in.subscribe("a/open/x"));
    must(out.wait_for_subscribers("a/open/x", 2, soon));
    must(in.subscribe("a/s"));
    REQUIRE(eventually([&] { return out.stats().refused_subscriptions == 7; }));
    must(out.send("a/secret", "hidden"));
    must(out.send("a/open/x", "last"));
    REQUIRE(take(in) == "last");
}

OVER_THE_WIRE("messages under a topic beyond the key's right are refused: dead letters of the sender") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    const auto list = listing(theirs.public_part(), "push=a pub=a req=a");
    {
        godwit::pull in{ctx, quick(), at_once(server(ours, list))};
        godwit::push out{ctx, quick(), at_once(client(theirs, ours))};
        must(out.connect(must(in.bind(over.url()))));
        const auto wrong = must(out.send("wrong", {.topic = "b"})), none = must(out.send("no topic"));
        const auto right = must(out.send("right", {.topic = "a/1"}));
        REQUIRE(take(in) == "right");
        REQUIRE(fate(wrong) == "refused");
        REQUIRE(fate(none) == "refused");
        REQUIRE(fate(right) == "processed");
        REQUIRE(out.dead_letters().size() == 2);
        REQUIRE(in.delivery_counters().refused == 2);
        REQUIRE(contains(event_of(in, event_kind::message_refused), theirs.public_part().text()));
        must(out.send("right again", {.topic = "a"}));
        REQUIRE(take(in) == "right again");
    }
    {
        godwit::sub in{ctx, quick(), at_once(server(ours, list))};
        godwit::pub out{ctx, quick(), at_once(client(theirs, ours))};
        must(in.subscribe(""));
        must(out.connect(must(in.bind(over.url()))));
        must(out.wait_for_subscribers("", 1, soon));
        must(out.send("b", "wrong"));
        must(out.send("a", "right"));
        REQUIRE(take(in) == "right");
        REQUIRE(in.delivery_counters().refused == 1);
    }
    {
        godwit::rep in{ctx, quick(), at_once(server(ours, list))};
        godwit::req out{ctx, quick(), at_once(client(theirs, ours))};
        must(out.connect(must(in.bind(over.url()))));
        auto wrong = must(out.send("wrong", {.topic = "b"}));
        auto right = must(out.send("right", {.topic = "a"}));
        auto got = must(in.recv(soon));
        REQUIRE(got.text() == "right");
        must(got.reply("yes"));
        REQUIRE(must(right.wait(soon)).text() == "yes");
        REQUIRE(outcome(wrong.wait(soon)) == "refused");
    }
}

OVER_THE_WIRE("a key without the right to a pattern is refused in the handshake, and one that is revoked goes") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh(), other = fresh();
    access_list list = listing(theirs.public_part(), "sub");
    must(list.allow(other.public_part()));
    godwit::pull in{ctx, quick(), at_once(server(ours, list))};
    const auto url = must(in.bind(over.url()));
    godwit::push wrong{ctx, quick(), at_once(client(theirs, ours))};
    must(wrong.connect(url));
    REQUIRE(contains(event_of(in, event_kind::handshake_refused), "no right to come as a push"));
    godwit::push out{ctx, quick(), at_once(client(other, ours))};
    must(out.connect(url));
    must(out.send("x"));
    REQUIRE(take(in) == "x");
    must(out.flush(stage::processed, soon));
    list.revoke(other.public_part());
    event_of(in, event_kind::peer_revoked);
    must(out.send("y"));
    event_of(in, event_kind::handshake_refused);
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
}
