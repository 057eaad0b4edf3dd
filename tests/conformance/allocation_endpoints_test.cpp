// Row 37: binds, connects and subscriptions whose allocations fail have done nothing, and the same call works afterwards.
#include "conformance/allocation.hpp"
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("row 37: a bind whose allocations fail is not bound, and the next one is") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    must(in.bind(over.url()));  // what is made once is there
    auto url = over.url();
    std::string bound;
    sweep(
        [&] {
            auto done = in.bind(url);
            std::string said = outcome(done);
            if (done) bound = std::move(*done);
            return said;
        },
        [&] {
            if (bound.empty()) return;
            must(in.unbind(bound));
            bound.clear();
            url = over.url();  // libzmq lets go of the other in the background
        });
    must(out.connect(bound));
    must(out.send("x"));
    REQUIRE(receive(in) == "x");
}

GODWIT_EACH_TRANSPORT("row 37: a connect whose allocations fail is not connected, and the next one is, once") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = must(in.bind(over.url()));
    must(out.connect(url));
    must(out.disconnect(url));
    bool connected = false;
    sweep(
        [&] {
            const auto done = out.connect(url);
            connected = done.has_value();
            return outcome(done);
        },
        [&] {
            if (connected) must(out.disconnect(url));
            REQUIRE(out.disconnect(url).failed(godwit::errc::not_found));
        });
    must(out.wait_for_peers(1, soon));
    must(out.send("x"));
    REQUIRE(receive(in) == "x");
    must(out.disconnect(url));
    REQUIRE(out.disconnect(url).failed(godwit::errc::not_found));
}

GODWIT_EACH_TRANSPORT("row 37: a subscription whose allocations fail is tried again and works, and ends once") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    const std::string prefix = "a long prefix that does not fit into a small string";
    must(out.bind(url));
    must(in.connect(url));
    must(in.subscribe("ready"));
    must(out.wait_for_subscribers("ready", 1, soon));
    bool subscribed = false;
    sweep(
        [&] {
            const auto done = in.subscribe(prefix);
            subscribed = done.has_value();
            return outcome(done);
        },
        [&] {
            if (subscribed) must(in.unsubscribe(prefix));
            REQUIRE(in.unsubscribe(prefix).failed(godwit::errc::not_found));
        });
    must(out.wait_for_subscribers(prefix + ": more", 1, soon));
    must(out.send(prefix + ": more", "x"));
    REQUIRE(receive(in) == "x");
    must(in.unsubscribe(prefix));
    REQUIRE(eventually([&] { return out.subscribers(prefix) == 0; }));
}
