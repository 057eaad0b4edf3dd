// The last messages before a close: all of them arrive, however far behind the receiver is.
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"
#include "system/process.hpp"

using namespace system_tests;

namespace {

constexpr std::uint64_t count = 100'000;
const std::string all = "ok 100000 " + std::to_string(count * (count - 1) / 2);

}  // namespace

TEST_CASE("the tail reaches a slow raw receiver when the sender closes right after its last send") {
    const auto name = GENERATE(as<std::string>(), "ipc_file", "ipc_abstract", "tcp_v4");
    const auto queue = GENERATE(std::size_t{1000}, std::size_t{100'000});
    INFO(name << " with a queue of " << queue);
    const auto url = find_transport(name)->url();
    process receiver{"raw_peer"};
    REQUIRE(receiver.ask("new in pull rcvhwm=1000") == "ok");
    REQUIRE(receiver.ask("bind in " + url) == "ok");

    godwit::context ctx;
    godwit::push out{ctx, {.queue_messages_max = queue, .send_timeout = 60s}};
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    worker sender{[&] {
        for (std::uint64_t i = 0; i < count; ++i) {
            std::byte body[16]{};
            std::memcpy(body, &i, sizeof i);
            if (auto sent = out.send(body); !sent) return outcome(sent);
        }
        return outcome(out.close(60s));
    }};
    // The receiver has read nothing yet: the sender is held up in a send or in its close.
    REQUIRE(sender.blocks());
    receiver.say("drain in 100000 20000 1000");
    REQUIRE(receiver.hear() == all);
    REQUIRE(sender.saw() == "ok");
}

TEST_CASE("the tail reaches a slow raw receiver when the whole program ends after its close") {
    const auto url = ipc_file::make();
    process receiver{"raw_peer"};
    REQUIRE(receiver.ask("new in pull rcvhwm=1000") == "ok");
    REQUIRE(receiver.ask("bind in " + url) == "ok");
    process sender{"plain_peer"};
    REQUIRE(sender.ask("new out push queue=1000 within=60000") == "ok");
    REQUIRE(sender.ask("connect out " + url) == "ok");
    REQUIRE(sender.ask("peers out 1 20000") == "ok");
    sender.say("flood out 100000 16");
    sender.say("close out 60000");
    receiver.say("drain in 100000 20000 1000");
    REQUIRE(sender.hear() == "ok 100000");
    REQUIRE(sender.hear() == "ok");
    sender.end(SIGKILL);
    REQUIRE(receiver.hear() == all);
}
