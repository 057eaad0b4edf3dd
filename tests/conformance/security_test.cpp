// Who may come in: over ipc and tcp, with both sides' events. Rows 87 and 93 of the table of failures, contract D6.
#include <optional>
#include <string>

#include "conformance/security.hpp"

using namespace conformance;

OVER_THE_WIRE("a listed key comes in, in either direction, on all patterns") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    const auto list = listing(theirs.public_part());
    for (const bool receiver_binds : {true, false}) {
        godwit::pull in{ctx, receiver_binds ? server(ours, list) : client(theirs, ours)};
        godwit::push out{ctx, receiver_binds ? client(theirs, ours) : server(ours, list)};
        const auto url = over.url();
        must((receiver_binds ? static_cast<godwit::socket&>(in) : out).bind(url));
        must((receiver_binds ? static_cast<godwit::socket&>(out) : in).connect(url));
        must(out.send("sealed"));
        REQUIRE(receive(in) == "sealed");
    }
    for (const bool pub_binds : {true, false}) {
        godwit::pub out{ctx, pub_binds ? server(ours, list) : client(theirs, ours)};
        godwit::sub in{ctx, pub_binds ? client(theirs, ours) : server(ours, list)};
        must(in.subscribe("a"));
        const auto url = over.url();
        must((pub_binds ? static_cast<godwit::socket&>(out) : in).bind(url));
        must((pub_binds ? static_cast<godwit::socket&>(in) : out).connect(url));
        must(out.wait_for_subscribers("a", 1, soon));
        must(out.send("b", "not for it"));
        must(out.send("a", "news"));
        REQUIRE(receive(in) == "news");
    }
    for (const bool rep_binds : {true, false}) {
        godwit::rep in{ctx, rep_binds ? server(ours, list) : client(theirs, ours)};
        godwit::req out{ctx, rep_binds ? client(theirs, ours) : server(ours, list)};
        const auto url = over.url();
        must((rep_binds ? static_cast<godwit::socket&>(in) : out).bind(url));
        must((rep_binds ? static_cast<godwit::socket&>(out) : in).connect(url));
        auto asked = must(out.send("question"));
        auto got = must(in.recv(soon));
        REQUIRE(got.text() == "question");
        must(got.reply("answer"));
        REQUIRE(must(asked.wait(soon)).text() == "answer");
    }
}

OVER_THE_WIRE("row 87, D6: a key that is not listed is refused, both sides are told, no byte comes in") {
    godwit::context ctx;
    const auto ours = fresh(), stranger = fresh();
    godwit::pull in{ctx, server(ours, listing(fresh().public_part()))};
    const auto url = must(in.bind(over.url()));
    godwit::push out{ctx, client(stranger, ours)};
    must(out.connect(url));
    must(out.send("let me in"));
    const auto seen = event_of(in, event_kind::handshake_refused);
    REQUIRE(seen.endpoint == url);
    REQUIRE(contains(seen, "not listed"));
    REQUIRE(contains(seen, stranger.public_part().text()));
    REQUIRE(contains(seen, over.is_tcp() ? (over.name == "tcp_v6" ? "::1" : "127.0.0.1") : "uid "));
    REQUIRE(contains(event_of(out, event_kind::handshake_refused), "the other side refused us"));
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
    REQUIRE(in.peers().empty());
    REQUIRE(in.stats().refused_handshakes >= 1);
}

OVER_THE_WIRE("a refusal is told once for each handshake") {
    godwit::context ctx;
    const auto ours = fresh();
    godwit::pull in{ctx, server(ours, access_list{})};
    const auto url = must(in.bind(over.url()));
    auto once = client(fresh(), ours);
    once.redial_min = once.redial_max = 1h;
    godwit::push out{ctx, once};
    must(out.connect(url));
    event_of(in, event_kind::handshake_refused);
    event_of(out, event_kind::handshake_refused);
    must(out.close());
    // A second one, whose refusal comes after all that the first one's caused.
    godwit::push marker{ctx, once};
    must(marker.connect(url));
    event_of(in, event_kind::handshake_refused);
    event_of(marker, event_kind::handshake_refused);
    must(marker.close());
    for (const auto& more : events_now(in)) {
        INFO(name(more.kind) << ": " << more.detail);
        REQUIRE(more.kind != event_kind::handshake_refused);
        REQUIRE(more.kind != event_kind::mismatch_suspected);
    }
    REQUIRE(in.stats().refused_handshakes == 2);
}

OVER_THE_WIRE("D6: failures of the handshake are told on both sides as far as libzmq tells") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh(), wrong = fresh();
    const auto list = listing(theirs.public_part());
    const socket_options plain{.linger = 50ms, .redial_min = 5ms, .redial_max = 50ms};
    struct row {
        const char* what;
        socket_options binds, connects;
        const char *words_there, *words_here;
    };
    const row table[] = {
        {"wrong client key", server(ours, list), client(wrong, ours), "not listed", "refused us"},
        {"wrong server key", server(ours, list), client(theirs, wrong), "protocol", "ended during the handshake"},
        {"plain client", server(ours, list), plain, "", ""},  // one side names it, the other may see its link end first
        {"plain server", plain, client(theirs, ours), "", ""},
        {"no right", server(ours, listing(theirs.public_part(), "sub")), client(theirs, ours),
         "no right to come as a push", "refused us"},
    };
    for (const auto& [what, binds, connects, words_there, words_here] : table) {
        INFO(what);
        godwit::pull in{ctx, binds};
        godwit::push out{ctx, connects};
        const auto url = must(in.bind(over.url()));
        must(out.connect(url));
        must(out.send("no"));
        const auto there = event_of(in, event_kind::handshake_refused);
        const auto here = event_of(out, event_kind::handshake_refused);
        REQUIRE(contains(there, words_there));
        REQUIRE(contains(here, words_here));
        const std::string_view mismatch = "different security mechanisms";
        if (*words_here == 0) REQUIRE((contains(there, mismatch) || contains(here, mismatch)));
        REQUIRE(outcome(in.recv(0s)) == "timed_out");
        REQUIRE(in.peers().empty());
    }
}

OVER_THE_WIRE("who is refused is let in once it is allowed") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    access_list list;
    godwit::pull in{ctx, server(ours, list)};
    const auto url = must(in.bind(over.url()));
    godwit::push out{ctx, client(theirs, ours)};
    must(out.connect(url));
    event_of(out, event_kind::handshake_refused);
    must(list.allow(theirs.public_part()));
    must(out.wait_for_peers(1, soon));
    must(out.send("at last"));
    REQUIRE(receive(in) == "at last");
}

OVER_THE_WIRE("anyone may come to whom says so, and is encrypted") {
    godwit::context ctx;
    const auto ours = fresh();
    godwit::pull in{ctx, server(ours, access_list::anyone())};
    const auto url = must(in.bind(over.url()));
    godwit::push out{ctx, client(fresh(), ours)};
    must(out.connect(url));
    must(out.send("hello"));
    REQUIRE(receive(in) == "hello");
}

OVER_THE_WIRE("with keys it must be said who may come and whom we expect") {
    godwit::context ctx;
    const auto ours = fresh(), theirs = fresh();
    const auto url = over.url();
    godwit::pull in{ctx, {.keys = ours}};
    REQUIRE(outcome(in.bind(url)) == "insecure");
    godwit::push out{ctx, {.keys = theirs}};
    REQUIRE(outcome(out.connect(url)) == "insecure");
    must(out.connect(url, ours.public_part()));
    REQUIRE(outcome(out.connect(url, theirs.public_part())) == "invalid_argument");
    godwit::push plain{ctx};
    REQUIRE(outcome(plain.connect(url, ours.public_part())) == "invalid_argument");
    godwit::pull unenforced{ctx, {.allow = access_list::anyone()}};
    REQUIRE(outcome(unenforced.bind(url)) == "invalid_argument");
    godwit::push unkeyed{ctx, {.server_key = ours.public_part()}};
    REQUIRE(outcome(unkeyed.connect(url)) == "invalid_argument");
}

TEST_CASE("keys leave inproc alone") {
    godwit::context ctx;
    godwit::pull in{ctx, {.keys = fresh()}};
    godwit::push out{ctx, {.keys = fresh()}};
    must(in.bind("inproc://keyed"));
    must(out.connect("inproc://keyed"));
    must(out.send("same process"));
    REQUIRE(receive(in) == "same process");
}

TEST_CASE("with keys tcp beyond the loopback needs no other word") {
    godwit::context ctx;
    godwit::pull plain{ctx};
    const auto refused = plain.bind("tcp://*:*");
    REQUIRE(outcome(refused) == "insecure");
    REQUIRE(std::string_view{refused.error().what()}.find("insecure = true") != std::string_view::npos);
    REQUIRE(std::string_view{refused.error().what()}.find("keys") != std::string_view::npos);
    godwit::pull keyed{ctx, {.keys = fresh(), .allow = access_list{}}};
    must(keyed.bind("tcp://*:*"));
}

OVER_THE_WIRE("one socket expects different servers at different endpoints") {
    godwit::context ctx;
    const auto one = fresh(), other = fresh(), ours = fresh();
    godwit::pull first{ctx, server(one, access_list::anyone())};
    std::optional<godwit::pull> second{std::in_place, ctx, server(other, access_list::anyone())};
    const auto first_url = must(first.bind(over.url()));
    const auto second_url = must(second->bind(over.url()));
    godwit::push out{ctx, {.linger = 50ms, .keys = ours, .redial_min = 5ms, .redial_max = 50ms}};
    must(out.connect(first_url, one.public_part()));
    must(out.connect(second_url, other.public_part()));
    must(out.wait_for_peers(2, soon));
    // And still after each has been dialled again.
    must(second->close());
    REQUIRE(eventually([&] { return out.peers().size() == 1; }));
    second.emplace(ctx, server(other, access_list::anyone()));
    must(second->bind(second_url));
    must(out.wait_for_peers(2, soon));
}
