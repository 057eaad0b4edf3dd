// What was sent and is lost with a link that is refused: close() does not say ok, and an event says it.
#include "conformance/security.hpp"

using namespace conformance;

namespace {

socket_options patient(socket_options options) {
    options.linger = 500ms;
    return options;
}

}  // namespace

OVER_THE_WIRE("close does not say ok for what was queued for a peer that refuses us at once") {
    godwit::context ctx;
    const auto keys = fresh(), stranger = fresh();
    godwit::pull in{ctx, server(keys, access_list{})};
    const auto url = over.url();
    must(in.bind(url));
    // Without a key, and with one that is not allowed; refused while it closes, or before.
    for (const bool with_key : {false, true}) {
        for (const bool before : {false, true}) {
            CAPTURE(with_key, before);
            const auto options = with_key ? client(stranger, keys) : socket_options{.any_user = true};
            godwit::push out{ctx, patient(options)};
            must(out.connect(url));
            must(out.send("lost"));
            if (before) event_of(out, event_kind::unsent_lost);
            REQUIRE(outcome(out.close()) == "timed_out");
        }
    }
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
}

OVER_THE_WIRE("close does not say ok for what was queued for a peer of another pattern") {
    godwit::context ctx;
    godwit::pub wrong{ctx};
    const auto url = over.url();
    must(wrong.bind(url));
    // Which side finds out first is chance: the other dials again, and may give up the next time.
    godwit::push out{ctx, {.linger = 100ms}};
    must(out.connect(url));
    must(out.send("lost"));
    REQUIRE(outcome(out.close()) == "timed_out");
    godwit::req asks{ctx, {.linger = 100ms}};
    must(asks.connect(url));
    const auto open = must(asks.send("lost"));
    REQUIRE(outcome(asks.close()) == "timed_out");
}

OVER_THE_WIRE("close says ok where nothing was sent to who refused us, or nothing can be queued for it") {
    godwit::context ctx;
    const auto keys = fresh(), stranger = fresh();
    godwit::pull in{ctx, server(keys, access_list{})};
    const auto url = over.url();
    must(in.bind(url));
    godwit::push silent{ctx, patient(client(stranger, keys))};
    must(silent.connect(url));
    event_of(silent, event_kind::handshake_refused);
    must(silent.close());

    auto options = patient(client(stranger, keys));
    options.wait_for_peer = true;
    godwit::push waits{ctx, options};
    must(waits.connect(url));
    REQUIRE(outcome(waits.send("x", {.within = 10ms})) == "timed_out");
    event_of(waits, event_kind::handshake_refused);
    must(waits.close());
    for (const auto& seen : events_now(waits)) REQUIRE(seen.kind != event_kind::unsent_lost);
}

OVER_THE_WIRE("close does not say ok when a healthy link was refused later") {
    godwit::context ctx;
    const auto keys = fresh(), ours = fresh();
    auto list = listing(ours.public_part());
    godwit::pull in{ctx, server(keys, list)};
    const auto url = over.url();
    must(in.bind(url));
    godwit::push out{ctx, patient(client(ours, keys))};
    must(out.connect(url));
    must(out.send("taken"));
    REQUIRE(receive(in) == "taken");
    list.revoke(ours.public_part());
    event_of(out, event_kind::handshake_refused);
    event_of(out, event_kind::unsent_lost);
    REQUIRE(outcome(out.close()) == "timed_out");
}
