#include "godwit/report.hpp"

#include <algorithm>

#include "expect.hpp"
#include "transports.hpp"

using namespace godwit;
using namespace conformance;

GODWIT_EACH_TRANSPORT("a report tells endpoints as bound and as given, peers and counters") {
    context here;
    pull in{here, {.name = "inbox"}};
    push out{here};
    const std::string url = over.url();
    const std::string bound = must(in.bind(url));
    must(out.connect(url));
    must(in.wait_for_peers(1, soon));
    must(out.wait_for_peers(1, soon));
    must(out.send("one"));
    CHECK(receive(in) == "one");

    const socket_report receiver = in.report();
    CHECK(receiver.name == "inbox");
    CHECK(receiver.pattern == "pull");
    CHECK(receiver.endpoints == std::vector{bound});
    CHECK(receiver.stats.received == 1);
    CHECK(receiver.stats.joined == 1);
    REQUIRE(receiver.peers.size() == 1);
    CHECK(receiver.peers[0].endpoint == bound);
    CHECK(receiver.stats.peers == 1);

    const socket_report sender = out.report();
    CHECK(sender.name == "push-1");
    CHECK(sender.pattern == "push");
    CHECK(sender.endpoints == std::vector{url});
    CHECK(sender.stats.sent == 1);

    must(out.disconnect(url));
    CHECK(out.report().endpoints.empty());
    must(in.unbind(url));
    CHECK(in.report().endpoints.empty());
}

TEST_CASE("what is bound at a port that the system chose is reported once, as bound") {
    context here;
    pull in{here};
    const std::string bound = must(in.bind("tcp://127.0.0.1:*"));
    CHECK(in.report().endpoints == std::vector{bound});
}

TEST_CASE("a context reports its open sockets, oldest first, and closed ones drop out") {
    context here;
    push first{here};
    pull second{here, {.name = "mine"}};
    pub third{here, {.name = "mine"}};
    const auto names = [&] {
        std::vector<std::string> found;
        for (const auto& one : here.report().sockets) found.push_back(one.name);
        return found;
    };
    CHECK(names() == std::vector<std::string>{"push-1", "mine", "mine-2"});
    must(second.close());
    CHECK(names() == std::vector<std::string>{"push-1", "mine-2"});
    CHECK(second.report().name == "mine");
    {
        sub fourth{here, {.name = "mine"}};
        CHECK(names() == std::vector<std::string>{"push-1", "mine-2", "mine"});
    }
    must(first.configure({.name = "renamed"}));
    CHECK(names() == std::vector<std::string>{"renamed", "mine-2"});
    must(here.close());
    CHECK(names().empty());
}

TEST_CASE("a name of more than 128 bytes is refused at the first bind") {
    context here;
    pull in{here, {.name = std::string(129, 'n')}};
    CHECK(conformance::outcome(in.bind("inproc://a")) == "invalid_argument");
    must(in.configure({.name = std::string(128, 'n')}));
    CHECK(conformance::outcome(in.bind("inproc://a")) == "ok");
}
