// Row 87: keys that are revoked, and rights that change.
#include "conformance/security.hpp"

using namespace conformance;

OVER_THE_WIRE("row 87: a revoked key's live link ends, it stays out, and others stay") {
    godwit::context ctx;
    const auto ours = fresh(), one = fresh(), other = fresh();
    access_list list = listing(one.public_part());
    must(list.allow(other.public_part()));
    godwit::pull in{ctx, server(ours, list)};
    const auto url = must(in.bind(over.url()));
    godwit::push gone{ctx, client(one, ours)}, stays{ctx, client(other, ours)};
    must(gone.connect(url));
    must(gone.send("1"));
    REQUIRE(receive(in) == "1");
    must(stays.connect(url));
    must(stays.send("2"));
    REQUIRE(receive(in) == "2");
    list.revoke(one.public_part());
    REQUIRE(contains(event_of(in, event_kind::peer_revoked), one.public_part().text()));
    REQUIRE(contains(event_of(in, event_kind::handshake_refused), "revoked"));
    event_of(gone, event_kind::peer_left);
    event_of(gone, event_kind::handshake_refused);
    REQUIRE(eventually([&] { return in.peers().size() == 1; }));
    must(stays.send("3"));
    REQUIRE(receive(in) == "3");
    REQUIRE(stays.stats().peers == 1);
    REQUIRE(in.stats().revoked == 1);
    for (const auto& seen : events_now(stays)) REQUIRE(seen.kind != event_kind::peer_left);
    must(list.allow(one.public_part()));
    must(gone.wait_for_peers(1, soon));
}

OVER_THE_WIRE("row 87: what a revoked key sent before and was not received is refused") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    access_list list = listing(theirs.public_part());
    godwit::pull in{ctx, server(ours, list)};
    const auto url = must(in.bind(over.url()));
    godwit::push out{ctx, client(theirs, ours)};
    must(out.connect(url));
    for (int i = 0; i < 10; ++i) must(out.send("old"));
    REQUIRE(receive(in) == "old");  // the others are queued here, or on their way
    list.revoke(theirs.public_part());
    event_of(in, event_kind::peer_revoked);
    event_of(in, event_kind::handshake_refused);
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
    REQUIRE(in.stats().received == 1);
}

OVER_THE_WIRE("row 87: a revoked subscriber's link ends") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    access_list list = listing(theirs.public_part());
    godwit::pub out{ctx, server(ours, list)};
    const auto url = must(out.bind(over.url()));
    godwit::sub in{ctx, client(theirs, ours)};
    must(in.subscribe(""));
    must(in.connect(url));
    must(out.wait_for_subscribers("x", 1, soon));
    list.revoke(theirs.public_part());
    event_of(out, event_kind::peer_revoked);
    event_of(in, event_kind::handshake_refused);
    REQUIRE(eventually([&] { return out.subscribers("x") == 0; }));
}

OVER_THE_WIRE("row 87: a push ends all links that it cannot name, and the allowed come back") {
    godwit::context ctx;
    const auto ours = fresh(), one = fresh(), other = fresh();
    access_list list = listing(one.public_part());
    must(list.allow(other.public_part()));
    godwit::push out{ctx, server(ours, list)};
    const auto url = must(out.bind(over.url()));
    godwit::pull gone{ctx, client(one, ours)}, stays{ctx, client(other, ours)};
    must(gone.connect(url));
    must(stays.connect(url));
    must(out.wait_for_peers(2, soon));
    must(gone.wait_for_peers(1, soon));
    must(stays.wait_for_peers(1, soon));
    list.revoke(one.public_part());
    event_of(gone, event_kind::handshake_refused);
    event_of(stays, event_kind::peer_left);
    event_of(stays, event_kind::peer_joined);  // of the first link
    REQUIRE(eventually([&] { return out.peers().size() == 1 && stays.peers().size() == 1; }));
    REQUIRE(gone.peers().empty());
    REQUIRE(out.stats().revoked == 2);
    must(out.send("only for the one"));
    REQUIRE(receive(stays) == "only for the one");
}

OVER_THE_WIRE("changed rights end the key's links, and hold from then on") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    access_list list = listing(theirs.public_part());
    godwit::pull in{ctx, server(ours, list)};
    const auto url = must(in.bind(over.url()));
    godwit::push out{ctx, client(theirs, ours)};
    must(out.connect(url));
    must(out.send("1", {.topic = "b"}));
    REQUIRE(receive(in) == "1");
    must(list.allow(theirs.public_part(), must(rights::parse("push=a"))));
    event_of(in, event_kind::peer_revoked);
    event_of(out, event_kind::peer_left);
    must(out.wait_for_peers(1, soon));
    must(out.send("2", {.topic = "b"}));
    must(out.send("3", {.topic = "a"}));
    REQUIRE(receive(in) == "3");
}
