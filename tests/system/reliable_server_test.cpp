// With ack_retry: servers that are killed or stopped with requests in work, and subscribers that stop.
#include "system/reliable.hpp"

using namespace system_tests;

namespace {

// A server in a process of its own; it is there when a request can reach it.
std::unique_ptr<process> server_at(const std::string& url, const std::string& options = {}) {
    auto made = reliable("rep", options + short_lease_words);
    REQUIRE(made->ask("bind s " + url).starts_with("ok"));
    return made;
}

}  // namespace

TEST_CASE("RELIABILITY 58: a server is killed with a request in hand: the caller hears `unknown` before its deadline") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::req ask{ctx, at_least_once(), dials_eagerly};
    auto server = server_at(url);
    must(ask.connect(url));
    auto asked = must(ask.send("pay", {.ttl = 60s}));
    REQUIRE(server->ask("recv s 20000") == "ok pay 1");
    server->end(SIGKILL);
    const auto since = std::chrono::steady_clock::now();
    REQUIRE(outcome(asked.wait(soon)) == "unknown");
    REQUIRE(std::chrono::steady_clock::now() - since < 2 * short_lease + 5s);
    // The next one serves on, and never sees it.
    server = server_at(url);
    auto next = must(ask.send("look", {.ttl = 60s}));
    REQUIRE(server->ask("recv s 20000") == "ok look 1");
    REQUIRE(server->ask("reply s seen") == "ok");
    REQUIRE(must(next.wait(soon)).text() == "seen");
}

TEST_CASE("RELIABILITY 58: of a killed server's requests the idempotent one and those it had not begun go to another") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    const auto elsewhere = find_transport(kind)->url();
    godwit::context ctx;
    godwit::req ask{ctx, at_least_once(), dials_eagerly};
    auto killed = server_at(url, "credit=10");
    must(ask.connect(url));
    auto safe = must(ask.send("read", {.ttl = 60s, .idempotent = true}));
    REQUIRE(killed->ask("recv s 20000") == "ok read 1");
    auto in_hand = must(ask.send("pay", {.ttl = 60s}));
    REQUIRE(killed->ask("recv s 20000") == "ok pay 1");
    std::map<std::string, godwit::pending> waiting;
    for (int i = 0; i < 5; ++i) {
        const auto body = "late" + std::to_string(i);
        waiting.emplace(body, must(ask.send(body, {.ttl = 60s})));
    }
    REQUIRE(eventually([&] { return ask.delivery_counters().in_flight >= 3; }));
    killed->end(SIGKILL);
    auto other = server_at(elsewhere);
    must(ask.connect(elsewhere));
    for (int i = 0; i < 6; ++i) {
        std::istringstream told{other->ask("recv s 20000")};
        std::string ok, body;
        REQUIRE((told >> ok >> body && ok == "ok"));
        REQUIRE(body != "pay");
        REQUIRE(other->ask("reply s to-" + body) == "ok");
    }
    REQUIRE(must(safe.wait(soon)).text() == "to-read");
    for (auto& [body, each] : waiting) REQUIRE(must(each.wait(soon)).text() == "to-" + body);
    REQUIRE(outcome(in_hand.wait(soon)) == "unknown");
}

TEST_CASE("RELIABILITY 57: the reply of a server that was stopped, to a request given up, is dropped and counted") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::req ask{ctx, at_least_once(), dials_eagerly};
    auto server = server_at(url);
    must(ask.connect(url));
    auto first = must(ask.send("first", {.ttl = 60s}));  // the link is up when the clock of the next one starts
    REQUIRE(server->ask("recv s 20000") == "ok first 1");
    REQUIRE(server->ask("reply s heard") == "ok");
    REQUIRE(must(first.wait(soon)).text() == "heard");
    auto asked = must(ask.send("slow", {.ttl = 3s}));
    REQUIRE(server->ask("recv s 20000") == "ok slow 1");
    server->signal(SIGSTOP);
    REQUIRE(server->is_stopped());
    REQUIRE(outcome(asked.wait(soon)) == "unknown");
    server->signal(SIGCONT);
    server->say("reply s late");
    static_cast<void>(server->hear());
    auto next = must(ask.send("next", {.ttl = 60s}));
    REQUIRE(server->ask("recv s 20000") == "ok next 1");
    REQUIRE(server->ask("reply s this-one") == "ok");
    REQUIRE(must(next.wait(soon)).text() == "this-one");
}

TEST_CASE("RELIABILITY 50: of several subscribers the stopped one is told its gap, and the others get all") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    auto options = at_least_once();
    options.log_bytes_max = 256 << 10;
    godwit::pub out{ctx, options, dials_eagerly};
    must(out.bind(url));
    std::vector<std::unique_ptr<process>> subscribers;
    std::vector<std::string> files;
    for (int i = 0; i < 3; ++i) {
        subscribers.push_back(reliable_at(url, "sub", "credit=50" + short_lease_words));
        REQUIRE(subscribers.back()->ask("subscribe s") == "ok");
        files.push_back(scratch_file());
        if (i > 0) REQUIRE(subscribers.back()->ask("work s " + files.back()) == "ok");
    }
    must(out.wait_for_subscribers("", 3, soon));
    must(out.send("", "first"));
    REQUIRE(subscribers[0]->ask("recv s 20000") == "ok first 1");
    REQUIRE(subscribers[0]->ask("ack s") == "ok");
    subscribers[0]->signal(SIGSTOP);
    REQUIRE(subscribers[0]->is_stopped());
    constexpr std::size_t count = 2000;  // of a kilobyte: eight times the log
    const std::string rest(1000, 'x');
    for (std::size_t i = 0; i < count; ++i) {
        must(out.send("", std::to_string(i) + "-" + rest));
        // No quicker than the others read, so that what they miss could only be the stopped one's fault.
        if (i % 50 == 49)
            REQUIRE(eventually([&] { return handled_in(files[2]).size() > i && handled_in(files[1]).size() > i; }));
    }
    for (int i = 1; i < 3; ++i)
        REQUIRE(eventually([&] { return handled_in(files[static_cast<std::size_t>(i)]).size() == count + 1; }));
    subscribers[0]->signal(SIGCONT);
    // What is left of the stream, with what is gone named once, in its place.
    std::size_t got = 0, gaps = 0;
    std::uint64_t missing = 0;
    while (got + missing < count) {
        const auto told = subscribers[0]->ask("recv s 20000");
        if (told.starts_with("ok ")) {
            ++got;
            REQUIRE(std::stoull(told.substr(3)) == got + missing - 1);
            REQUIRE(subscribers[0]->ask("ack s") == "ok");
            continue;
        }
        INFO(told);
        REQUIRE(told.starts_with("error gap "));
        const auto dots = told.find("..");
        REQUIRE(dots != std::string::npos);
        const auto begin = told.find_last_not_of("0123456789", dots - 1) + 1;
        missing += std::stoull(told.substr(dots + 2)) - std::stoull(told.substr(begin)) + 1;
        ++gaps;
    }
    REQUIRE(gaps >= 1);
    REQUIRE(missing > count / 2);
}
