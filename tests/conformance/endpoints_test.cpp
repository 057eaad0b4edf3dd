// Endpoints: who holds them, how they are given back, several on one socket, transports mixed.
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("an endpoint in use is refused and its owner goes on") {
    godwit::context ctx;
    godwit::pull owner{ctx};
    const auto url = over.url();
    must(owner.bind(url));
    SECTION("to another socket") {
        godwit::pull rival{ctx};
        const auto bound = rival.bind(url);
        REQUIRE(outcome(bound) == "address_in_use");
        REQUIRE(std::string{bound.error().what()}.find(url) != std::string::npos);
    }
    SECTION("to the same socket") { REQUIRE(outcome(owner.bind(url)) == "address_in_use"); }
    SECTION("to a socket of another context") {
        if (over.is_inproc()) return;  // a context's inproc names are its own
        godwit::context other;
        godwit::pull rival{other};
        REQUIRE(outcome(rival.bind(url)) == "address_in_use");
    }
    godwit::push out{ctx};
    must(out.connect(url));
    must(out.send("owner"));
    REQUIRE(receive(owner) == "owner");
}

GODWIT_EACH_TRANSPORT("an endpoint given back can be bound again") {
    godwit::context ctx;
    godwit::pull first{ctx};
    const auto url = over.url();
    const auto bound = must(first.bind(url));
    SECTION("by unbind") {
        must(first.unbind(url));
        REQUIRE(outcome(first.unbind(url)) == "not_found");
    }
    SECTION("by unbind of the name that bind returned") {
        must(first.unbind(bound));
        REQUIRE(outcome(first.unbind(bound)) == "not_found");
    }
    SECTION("by close") { must(first.close()); }
    godwit::pull second{ctx};
    REQUIRE(eventually([&] { return second.bind(url).has_value(); }));
    godwit::push out{ctx};
    must(out.connect(url));
    must(out.send("second"));
    REQUIRE(receive(second) == "second");
}

GODWIT_EACH_TRANSPORT("what was never begun cannot be ended") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto url = over.url();
    REQUIRE(outcome(in.unbind(url)) == "not_found");
    REQUIRE(outcome(in.disconnect(url)) == "not_found");
    must(in.bind(url));
    must(out.connect(url));
    REQUIRE(outcome(in.disconnect(url)) == "not_found");
    REQUIRE(outcome(out.unbind(url)) == "not_found");
    REQUIRE(outcome(in.unbind(over.url())) == "not_found");
    must(out.disconnect(url));
    REQUIRE(outcome(out.disconnect(url)) == "not_found");
}

GODWIT_EACH_TRANSPORT("one socket binds and connects many times") {
    godwit::context ctx;
    godwit::pull in{ctx};
    std::vector<godwit::push> outs;
    for (int i = 0; i < 8; ++i) {
        const auto url = over.url();
        outs.emplace_back(ctx);
        if (i % 2 == 0) {
            must(in.bind(url));
            must(outs.back().connect(url));
        } else {
            must(in.connect(url));
            must(outs.back().bind(url));
        }
        must(outs.back().wait_for_peers(1, soon));
        must(outs.back().send(std::to_string(1 << i)));
    }
    int sum = 0;
    for (int i = 0; i < 8; ++i) sum += std::stoi(receive(in));
    REQUIRE(sum == 255);
    must(in.wait_for_peers(8, soon));
    REQUIRE(in.peers().size() == 8);
}

GODWIT_EACH_TRANSPORT("a URL that is wrong is refused by bind and by connect") {
    godwit::context ctx;
    godwit::pull in{ctx};
    for (const auto* url : {"", "nonsense", "inproc://", "ipc://", "tcp://", "tcp://:", "tcp://127.0.0.1",
                            "tcp://127.0.0.1:", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:x",
                            "tcp://::1:5555", "udp://127.0.0.1:1"}) {
        INFO(url);
        REQUIRE(outcome(in.bind(url)) == "invalid_endpoint");
        REQUIRE(outcome(in.connect(url)) == "invalid_endpoint");
    }
    REQUIRE(outcome(in.bind("ipc:///tmp/" + std::string(108, 'p'))) == "invalid_endpoint");
    must(in.bind(over.url()));
}

TEST_CASE("D6: tcp off the loopback needs insecure to be said") {
    godwit::context ctx;
    godwit::pull in{ctx};
    for (const auto* url : {"tcp://*:*", "tcp://0.0.0.0:*", "tcp://192.0.2.7:5555"})
        REQUIRE(outcome(in.bind(url)) == "insecure");
    for (const auto* url : {"tcp://192.0.2.7:5555", "tcp://[2001:db8::1]:5555"})
        REQUIRE(outcome(in.connect(url)) == "insecure");
    must(in.bind("tcp://localhost:*"));
    must(in.bind("tcp://lo:*"));
}

TEST_CASE("tcp with a port of the system's choice says which") {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    const auto bound = must(in.bind("tcp://127.0.0.1:*"));
    REQUIRE(bound.starts_with("tcp://127.0.0.1:"));
    REQUIRE(std::stoi(bound.substr(bound.rfind(':') + 1)) > 0);
    must(out.connect(bound));
    must(out.send("there"));
    REQUIRE(receive(in) == "there");
    SECTION("and is ended by the name given") { must(in.unbind("tcp://127.0.0.1:*")); }
    SECTION("and is ended by the name returned") { must(in.unbind(bound)); }
    REQUIRE(eventually([&] { return out.peers().empty(); }));
}

TEST_CASE("all transports meet on one socket") {
    godwit::context ctx;
    godwit::pull in{ctx};
    std::vector<godwit::push> outs;
    int expected = 0;
    for (const auto& over : transports()) {
        const auto url = over.url();
        must(in.bind(url));
        outs.emplace_back(ctx);
        must(outs.back().connect(url));
    }
    must(in.wait_for_peers(transports().size(), soon));
    for (int i = 0; i < 50; ++i)
        for (auto& out : outs) must(out.send(std::to_string(++expected)));
    long sum = 0;
    for (int i = 0; i < expected; ++i) sum += std::stoi(receive(in));
    REQUIRE(sum == static_cast<long>(expected) * (expected + 1) / 2);

    godwit::pub out{ctx};
    std::vector<godwit::sub> subs;
    for (const auto& over : transports()) {
        const auto url = over.url();
        must(out.bind(url));
        subs.emplace_back(ctx);
        must(subs.back().connect(url));
        must(subs.back().subscribe("t"));
    }
    must(out.wait_for_subscribers("t", transports().size(), soon));
    must(out.send("t", "to all"));
    for (auto& sub : subs) REQUIRE(receive(sub) == "to all");
}

TEST_CASE("push takes turns among peers of different transports") {
    godwit::context ctx;
    godwit::push out{ctx};
    std::vector<godwit::pull> ins;
    for (const auto& over : transports()) {
        const auto url = over.url();
        ins.emplace_back(ctx);
        must(ins.back().bind(url));
        must(out.connect(url));
    }
    must(out.wait_for_peers(ins.size(), soon));
    const int count = 100 * static_cast<int>(ins.size());
    for (int i = 0; i < count; ++i) must(out.send("turn"));
    int came = 0;
    std::vector<int> each(ins.size());
    REQUIRE(eventually([&] {
        for (std::size_t i = 0; i < ins.size(); ++i)
            while (ins[i].recv(0s)) ++each[i], ++came;
        return came == count;
    }));
    for (const auto share : each) REQUIRE(share > 0);
}

TEST_CASE("a blocked recv hears every transport") {
    godwit::context ctx;
    godwit::pull in{ctx};
    std::vector<godwit::push> outs;
    for (const auto& over : transports()) {
        const auto url = over.url();
        must(in.bind(url));
        outs.emplace_back(ctx);
        must(outs.back().connect(url));
        must(outs.back().wait_for_peers(1, soon));
    }
    for (int round = 0; round < 200; ++round)
        for (auto& out : outs) {
            must(out.send("ping"));
            REQUIRE(receive(in) == "ping");
        }
}

TEST_CASE("inproc names belong to their context") {
    godwit::context one;
    godwit::context two;
    godwit::pull in_one{one};
    godwit::pull in_two{two};
    must(in_one.bind("inproc://same"));
    must(in_two.bind("inproc://same"));
    godwit::push out{two};
    must(out.connect("inproc://same"));
    must(out.send("two"));
    REQUIRE(receive(in_two) == "two");
    REQUIRE(outcome(in_one.recv(0s)) == "timed_out");
}
