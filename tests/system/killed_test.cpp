// With ack_retry: receivers and senders that are killed, over ipc and tcp.
#include "system/reliable.hpp"

using namespace system_tests;

namespace {

// Sends the numbers below `count`.
void send_numbers(godwit::push& out, int count) {
    for (int i = 0; i < count; ++i) must(out.send(std::to_string(i)));
}

}  // namespace

TEST_CASE(
    "RELIABILITY 53: a killed receiver is noticed at once; what it had in hand costs an attempt, what it had "
    "prefetched none") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(120s), dials_eagerly};  // neither the lease nor a heartbeat is what tells
    must(out.bind(url));
    constexpr int count = 20;
    auto first = reliable_at(url, "pull", "credit=20");
    send_numbers(out, count);
    REQUIRE(first->ask("recv s 20000") == "ok 0 1");
    REQUIRE(eventually([&] { return out.delivery_counters().in_flight == count; }));
    first->end(SIGKILL);
    REQUIRE(eventually([&] { return out.delivery_counters().links == 0; }, 10s));
    auto second = reliable_at(url, "pull", "credit=20");
    std::map<std::string, std::string> attempt_of;
    for (int i = 0; i < count; ++i) {
        std::istringstream told{second->ask("recv s 20000")};
        std::string ok, body;
        REQUIRE((told >> ok >> body && ok == "ok"));
        REQUIRE(static_cast<bool>(told >> attempt_of[body]));
    }
    REQUIRE(attempt_of.size() == count);
    REQUIRE(attempt_of["0"] == "2");
    // The next one may have been handed out without a word of it.
    for (int i = 2; i < count; ++i) REQUIRE(attempt_of[std::to_string(i)] == "1");
    REQUIRE(second->ask("ack s") == "ok");
    require_all_acked(out, count);
}

TEST_CASE(
    "RELIABILITY 53: receivers killed one after the other in a flood lose nothing, and repeat what was not acked "
    "at most") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    const auto file = scratch_file();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    must(out.connect(url));
    constexpr int kills = 5, credit = 500;
    constexpr int count = 10'000;
    send_numbers(out, count);
    const auto start = [&] {
        auto receiver = reliable("pull", "credit=" + std::to_string(credit));
        REQUIRE(receiver->ask("bind s " + url).starts_with("ok"));
        REQUIRE(receiver->ask("work s " + file) == "ok");
        return receiver;
    };
    auto receiver = start();
    for (std::uint64_t kill = 1; kill <= kills; ++kill) {
        REQUIRE(eventually([&] { return out.delivery_counters().acked >= kill * count / (kills + 2); }));
        receiver->end(SIGKILL);
        receiver = start();
    }
    require_all_acked(out, count);
    const auto times = handled_in(file);
    REQUIRE(times.size() == count);
    int repeats = 0;
    for (const auto& [body, often] : times) repeats += often - 1;
    REQUIRE(repeats <= kills * credit);
}

TEST_CASE("RELIABILITY 71: a message that kills each of its receivers becomes a dead letter, and the others arrive") {
    const auto url = find_transport("ipc_file")->url();
    const auto file = scratch_file();
    godwit::context ctx;
    auto options = at_least_once();
    options.attempts_max = 3;
    godwit::push out{ctx, options, dials_eagerly};
    must(out.bind(url));
    for (const std::string body : {"a", "b", "kill", "c", "d"}) must(out.send(body));
    int deaths = 0;
    while (out.delivery_counters().acked < 4 || out.delivery_counters().dead < 1) {
        REQUIRE(deaths < 7);
        auto receiver = reliable_at(url, "pull");
        REQUIRE(receiver->ask("work s " + file) == "ok");
        const auto settled = [&] { return out.delivery_counters().acked == 4 && out.delivery_counters().dead == 1; };
        bool died = false;
        REQUIRE(eventually([&] { return (died = died || receiver->has_ended()) || settled(); }));
        deaths += died;
    }
    // What one said at its very end may die with it; after three such deaths the suspects go alone.
    REQUIRE(deaths >= 3);
    REQUIRE(deaths <= 6);
    const auto dead = out.dead_letters();
    REQUIRE(dead.size() == 1);
    REQUIRE(dead[0].content.text() == "kill");
    REQUIRE(dead[0].attempts == 3);
    REQUIRE(dead[0].why == godwit::dead_reason::attempts);
    const auto times = handled_in(file);
    for (const auto* body : {"a", "b", "c", "d"}) REQUIRE(times.count(body) >= 1);
}

TEST_CASE("RELIABILITY 9: without a journal, what a killed sender had is lost with it, and its receiver goes on") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::pull in{ctx, at_least_once(), dials_eagerly};
    must(in.bind(url));
    auto sender = reliable_at(url, "push", "identity=orders" + short_lease_words);
    REQUIRE(sender->ask("flood s 0 100") == "ok");
    auto in_hand = must(in.recv(soon));
    REQUIRE(in_hand.text() == "0");
    const auto old_stream = in_hand.stream();
    sender->end(SIGKILL);
    REQUIRE(eventually([&] { return in.delivery_counters().links == 0; }));
    REQUIRE(outcome(in.recv(0s)) == "timed_out");  // what had only been fetched went with its sender
    sender = reliable_at(url, "push", "identity=orders" + short_lease_words);
    REQUIRE(sender->ask("flood s 1000 100") == "ok");
    in_hand.ack();
    for (int i = 1000; i < 1100; ++i) {
        auto got = must(in.recv(soon));
        REQUIRE(got.text() == std::to_string(i));
        REQUIRE(got.attempt() == 1);
        REQUIRE_FALSE(got.stream() == old_stream);
        got.ack();
    }
    REQUIRE(sender->ask("flush s 20000") == "ok");
    REQUIRE(count_of(*sender, "acked") == 100);
    REQUIRE(count_of(*sender, "stale") == 0);  // the ack of the old sender's message is no business of the new one's
}

TEST_CASE("RELIABILITY 48: a receiver that binds at the killed one's address gets what that had, and settles it") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    must(out.connect(url));
    send_numbers(out, 10);
    for (int round = 1; round <= 3; ++round) {
        auto receiver = reliable("pull");
        REQUIRE(receiver->ask("bind s " + url).starts_with("ok"));
        REQUIRE(receiver->ask("recv s 20000").starts_with("ok"));
        if (round < 3) {
            receiver->end(SIGKILL);
            continue;
        }
        for (int i = 1; i < 10; ++i) REQUIRE(receiver->ask("recv s 20000").starts_with("ok"));
        REQUIRE(receiver->ask("ack s") == "ok");
        require_all_acked(out, 10);
    }
}
