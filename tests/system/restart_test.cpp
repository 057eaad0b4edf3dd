// Peers that die, come back, stop for a while, or are someone else at first.
#include "conformance/transports.hpp"
#include "system/process.hpp"
#include "system/script.hpp"

using namespace system_tests;

namespace {

const godwit::socket_options eager{.redial_min = 10ms, .redial_max = 100ms};
const std::string pong = "706f6e67";

std::unique_ptr<process> serving(const std::string& pattern, const std::string& url) {
    auto server = std::make_unique<process>("plain_peer");
    REQUIRE(server->ask("new s " + pattern) == "ok");
    REQUIRE(server->ask("bind s " + url).starts_with("ok"));
    return server;
}

std::string any_ipc_or_tcp() { return GENERATE(as<std::string>(), "ipc_file", "ipc_abstract", "tcp_v4"); }

}  // namespace

TEST_CASE("push goes on when its killed peer is back") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    auto server = serving("pull", url);
    godwit::context ctx;
    godwit::push out{ctx, eager};
    must(out.connect(url));
    for (int round = 0; round < 3; ++round) {
        event_of(out, godwit::event_kind::peer_joined);
        must(out.send("again"));
        REQUIRE(server->ask("recv s 20000").find("616761696e") != std::string::npos);
        server->end(SIGKILL);
        event_of(out, godwit::event_kind::peer_left);
        REQUIRE(out.peers().empty());
        server = serving("pull", url);
    }
}

TEST_CASE("req goes on when its killed peer is back and is never stuck") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    auto server = serving("rep", url);
    godwit::context ctx;
    godwit::req ask{ctx, eager};
    must(ask.connect(url));
    for (int round = 0; round < 3; ++round) {
        event_of(ask, godwit::event_kind::peer_joined);
        server->say("echo s 1 20000");
        REQUIRE(must(ask.request("ping", soon)).text() == "ping");
        REQUIRE(server->hear() == "ok");
        auto lost = must(ask.send("lost"));
        REQUIRE(server->ask("recv s 20000").starts_with("ok"));
        server->end(SIGKILL);
        event_of(ask, godwit::event_kind::peer_left);
        REQUIRE(outcome(lost.wait(10ms)) == "timed_out");
        server = serving("rep", url);
    }
}

TEST_CASE("rep goes on when its killed caller is back") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    godwit::context ctx;
    godwit::rep answer{ctx};
    must(answer.bind(url));
    for (int round = 0; round < 3; ++round) {
        process caller{"plain_peer"};
        REQUIRE(caller.ask("new c req") == "ok");
        REQUIRE(caller.ask("connect c " + url) == "ok");
        REQUIRE(caller.ask("send c body=70") == "ok");
        must(must(answer.recv(soon)).reply("pong"));
        REQUIRE(caller.ask("recv c 20000").find("body=" + pong) != std::string::npos);
        event_of(answer, godwit::event_kind::peer_joined);
        caller.end(SIGKILL);
        event_of(answer, godwit::event_kind::peer_left);
        REQUIRE(answer.peers().empty());
    }
}

TEST_CASE("a wrong pattern at the address is replaced by the right one and met") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    auto server = serving("pub", url);
    godwit::context ctx;
    godwit::push out{ctx, eager};
    must(out.connect(url));
    // One side or the other names it.
    REQUIRE(eventually([&] {
        while (auto next = out.next_event(0s))
            if (next->kind == godwit::event_kind::mismatch_suspected) return true;
        return server->ask("event s 1").starts_with("ok mismatch_suspected");
    }));
    server->end(SIGKILL);
    server = serving("pull", url);
    must(out.wait_for_peers(1, soon));
    must(out.send("right"));
    REQUIRE(server->ask("recv s 20000").find("7269676874") != std::string::npos);
}

TEST_CASE("stopping and continuing a peer loses neither link nor message") {
    const auto name = any_ipc_or_tcp();
    INFO(name);
    const auto url = find_transport(name)->url();
    auto server = serving("pull", url);
    godwit::context ctx;
    godwit::push out{ctx, {.queue_messages_max = 100, .send_timeout = 100ms}};
    must(out.connect(url));
    event_of(out, godwit::event_kind::peer_joined);
    server->signal(SIGSTOP);
    REQUIRE(server->is_stopped());
    std::uint64_t sent = 0;
    std::uint64_t sum = 0;
    while (out.send(script::numbered(sent, 4096))) sum += sent++;
    REQUIRE(sent >= 100);
    server->signal(SIGCONT);
    REQUIRE(server->ask("drain s " + std::to_string(sent) + " 20000") ==
            "ok " + std::to_string(sent) + " " + std::to_string(sum));
    REQUIRE(outcome(out.next_event(0s)) == "timed_out");
    REQUIRE(out.peers().size() == 1);
}
