// The descriptor for foreign loops: what it means for each pattern.
#include "conformance/epoll_loop.hpp"
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;
using godwit::interest;

GODWIT_EACH_TRANSPORT("a pub's descriptor for sending is always readable") {
    godwit::context ctx;
    godwit::pub out{ctx};
    const int room = must(out.descriptor(interest::send));
    CHECK(readable_now(room));
    must(out.send("t", "x"));
    must(out.bind(over.url()));
    must(out.send("t", "x"));
    CHECK(readable_now(room));
}

GODWIT_EACH_TRANSPORT("a sub's descriptor is readable for what it subscribed to, and dark otherwise") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const int descriptor = must(in.descriptor());
    must(in.subscribe("a"));
    must(in.connect(must(out.bind(over.url()))));
    must(out.wait_for_subscribers("a", 1, soon));
    for (int i = 0; i < 100; ++i) {
        must(out.send("b", "no"));
        must(out.send("a", "yes"));
        REQUIRE(eventually([&] {
            if (!readable(descriptor)) return false;
            auto got = in.recv(0s);
            return got && got->text() == "yes";
        }));
    }
    CHECK(outcome(in.recv(0s)) == "timed_out");
    CHECK_FALSE(readable_now(descriptor));
}

GODWIT_EACH_TRANSPORT("a rep and a req work from their descriptors alone, a thousand times") {
    godwit::context ctx;
    godwit::req client{ctx};
    godwit::rep server{ctx};
    const int asked = must(server.descriptor());
    const int answered = must(client.descriptor());
    must(client.connect(must(server.bind(over.url()))));
    for (int i = 0; i < (sanitized ? 200 : 1'000); ++i) {
        auto pending = must(client.send(std::to_string(i)));
        godwit::request request;
        REQUIRE(eventually([&] {
            if (!readable(asked)) return false;
            auto got = server.recv(0s);
            if (got) request = std::move(*got);
            return static_cast<bool>(got);
        }));
        must(request.reply(request.text()));
        REQUIRE(eventually([&] { return readable(answered) && pending.ready(); }));
        CHECK(must(pending.wait(0s)).text() == std::to_string(i));
    }
    CHECK(outcome(server.recv(0s)) == "timed_out");
    CHECK_FALSE(readable_now(asked));
}

GODWIT_EACH_TRANSPORT(
    "a reply is told of though a send has eaten the signal, or another request's wait has sorted it") {
    godwit::context ctx;
    godwit::req client{ctx};
    godwit::rep server{ctx};
    const int answered = must(client.descriptor());
    must(client.connect(must(server.bind(over.url()))));
    for (int i = 0; i < 100; ++i) {
        auto first = must(client.send("first"));
        auto second = must(client.send("second"));
        auto one = must(server.recv(soon));
        auto two = must(server.recv(soon));
        must(one.reply("to first"));
        auto third = must(client.send("third"));
        REQUIRE(readable(answered));
        must(two.reply("to second"));
        CHECK(must(second.wait(soon)).text() == "to second");  // which has met the first's reply on its way
        REQUIRE(readable(answered));
        REQUIRE(first.ready());
        REQUIRE(readable(answered));  // it is here until it is taken
        CHECK(must(first.wait(0s)).text() == "to first");
        CHECK_FALSE(third.ready());
        CHECK_FALSE(readable_now(answered));
        must(must(server.recv(soon)).reply("to third"));
        REQUIRE(eventually([&] { return readable(answered) && third.ready(); }));
        third.cancel();
        CHECK_FALSE(readable_now(answered));
    }
}

TEST_CASE("a direction that a pattern does not have is refused by name") {
    godwit::context ctx;
    godwit::push push{ctx};
    godwit::pull pull{ctx};
    godwit::pub pub{ctx};
    godwit::sub sub{ctx};
    godwit::req req{ctx};
    godwit::rep rep{ctx};
    for (godwit::socket* each : std::initializer_list<godwit::socket*>{&push, &pub}) {
        CHECK(outcome(each->descriptor(interest::recv)) == "invalid_argument");
        CHECK(outcome(each->descriptor(interest::send)) == "ok");
    }
    for (godwit::socket* each : std::initializer_list<godwit::socket*>{&pull, &sub, &rep}) {
        CHECK(outcome(each->descriptor(interest::recv)) == "ok");
        CHECK(outcome(each->descriptor(interest::send)) == "invalid_argument");
    }
    CHECK(outcome(req.descriptor(interest::recv)) == "ok");
    CHECK(outcome(req.descriptor(interest::send)) == "ok");
    CHECK(outcome(req.descriptor(interest::both)) == "invalid_argument");
    CHECK(must(req.descriptor(interest::recv)) != must(req.descriptor(interest::send)));
}
