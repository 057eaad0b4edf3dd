// Subscribers and publishers as processes: counted right when killed, subscribed again when the publisher is back.
#include "conformance/transports.hpp"
#include "system/process.hpp"
#include "system/script.hpp"

using namespace system_tests;

namespace {

std::string any_ipc_or_tcp() { return GENERATE(as<std::string>(), "ipc_file", "ipc_abstract", "tcp_v4"); }

}  // namespace

TEST_CASE("killed subscribers are counted no more") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    godwit::context ctx;
    godwit::pub out{ctx};
    must(out.bind(url));
    std::vector<std::unique_ptr<process>> readers;
    for (int i = 0; i < 3; ++i) {
        readers.push_back(std::make_unique<process>("plain_peer"));
        REQUIRE(readers.back()->ask("new s sub") == "ok");
        REQUIRE(readers.back()->ask("connect s " + url) == "ok");
        for (const auto* topic : {"65", "6575", "657572"})
            REQUIRE(readers.back()->ask(std::string{"subscribe s "} + topic) == "ok");
    }
    must(out.wait_for_subscribers("eur", 3, soon));
    for (std::size_t left = 3; left-- > 0;) {
        readers[left]->end(left % 2 == 0 ? SIGKILL : SIGTERM);
        REQUIRE(eventually([&] { return out.subscribers("eur") == left; }));
        REQUIRE(out.subscribers("e") == left);
    }
    must(out.send("eur", "to nobody"));
}

TEST_CASE("5000 subscriptions of an idle subscriber come back with the publisher") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    const auto topic = [](int i) { return "topic " + std::to_string(10'000 + i); };
    godwit::context ctx;
    // The usual queue of 1,000: subscriptions must not be counted against it.
    godwit::sub in{ctx, {.redial_min = 10ms, .redial_max = 100ms}};
    for (int i = 0; i < 5000; ++i) must(in.subscribe(topic(i)));
    must(in.connect(url));
    for (int round = 0; round < 2; ++round) {
        // From here on nobody calls into the subscriber until all are back.
        process server{"plain_peer"};
        REQUIRE(server.ask("new p pub") == "ok");
        REQUIRE(server.ask("bind p " + url).starts_with("ok"));
        for (int i = 0; i < 5000; ++i)
            REQUIRE(server.ask("subscribers p " + script::hex(topic(i)) + " 1 20000") == "ok");
        for (const int i : {0, 999, 1000, 2500, 4999})
            REQUIRE(server.ask("send p topic=" + script::hex(topic(i)) + " body=" + script::hex(std::to_string(i))) ==
                    "ok");
        for (const int i : {0, 999, 1000, 2500, 4999}) REQUIRE(receive(in) == std::to_string(i));
        server.end(SIGKILL);
    }
}
