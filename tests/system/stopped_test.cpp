// With ack_retry: receivers, senders and whole machines that are stopped for longer than the lease and go on, and
// endpoints that are taken over by a younger process of the same name.
#include "system/reliable.hpp"

using namespace system_tests;

namespace {

void stop(process& which) {
    which.signal(SIGSTOP);
    REQUIRE(which.is_stopped());
}

}  // namespace

TEST_CASE("RELIABILITY 11, 48: what a stopped receiver had goes to another one, and its late acks settle nothing") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    must(out.bind(url));
    constexpr int count = 20;
    auto stopped = reliable_at(url, "pull", "credit=20" + short_lease_words);
    for (int i = 0; i < count; ++i) must(out.send(std::to_string(i)));
    for (int i = 0; i < 5; ++i) REQUIRE(stopped->ask("recv s 20000") == "ok " + std::to_string(i) + " 1");
    REQUIRE(eventually([&] { return out.delivery_counters().in_flight == count; }));
    stop(*stopped);
    event_of(out, godwit::event_kind::link_lost);  // within the lease
    auto other = reliable_at(url, "pull", "credit=20" + short_lease_words);
    std::map<std::string, int> attempts;
    for (int i = 0; i < count; ++i) {
        std::istringstream told{other->ask("recv s 20000")};
        std::string ok, body;
        int attempt = 0;
        REQUIRE((told >> ok >> body >> attempt && ok == "ok"));
        attempts[body] = attempt;
    }
    REQUIRE(attempts.size() == count);
    REQUIRE(attempts["0"] == 2);  // of the others, the hand-out may be unheard of
    for (int i = 6; i < count; ++i) REQUIRE(attempts[std::to_string(i)] == 1);
    // It wakes up and acks what it had: all of that is another's now.
    stopped->signal(SIGCONT);
    REQUIRE(stopped->ask("ack s") == "ok");
    REQUIRE(comes_to(*stopped, "links", 1));
    must(out.send("after"));
    REQUIRE(eventually([&] {
        const auto now = out.delivery_counters();
        const auto told = stopped->ask("count s links") == "ok 1";
        return told && now.stale_settlements + now.fenced + count_of(*stopped, "stale") >= 5;
    }));
    REQUIRE(out.delivery_counters().acked == 0);
    REQUIRE(other->ask("ack s") == "ok");
    REQUIRE(eventually([&] { return out.delivery_counters().acked == count; }));
    const auto with_stopped = stopped->ask("recv s 2000") == "ok after 1";
    if (!with_stopped) REQUIRE(other->ask("recv s 20000").starts_with("ok after"));
    REQUIRE((with_stopped ? stopped : other)->ask("ack s") == "ok");
    require_all_acked(out, count + 1);
}

TEST_CASE("RELIABILITY 11: a lone receiver that was stopped for longer than the lease goes on, and nothing is dead") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    const auto file = scratch_file();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    must(out.bind(url));
    constexpr int count = 3000;
    auto receiver = reliable_at(url, "pull", "credit=100" + short_lease_words);
    REQUIRE(receiver->ask("work s " + file) == "ok");
    for (int i = 0; i < count / 2; ++i) must(out.send(std::to_string(i)));
    REQUIRE(eventually([&] { return out.delivery_counters().acked > 0; }));
    stop(*receiver);
    for (int i = count / 2; i < count; ++i) must(out.send(std::to_string(i)));
    event_of(out, godwit::event_kind::link_lost);
    receiver->signal(SIGCONT);
    require_all_acked(out, count);
    const auto times = handled_in(file);
    REQUIRE(times.size() == count);
    int repeats = 0;
    for (const auto& [body, often] : times) repeats += often - 1;
    REQUIRE(repeats <= 100);
}

TEST_CASE("RELIABILITY 11: a sender that was stopped for longer than the lease goes on without loss") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::pull in{ctx, at_least_once(), dials_eagerly};
    must(in.bind(url));
    constexpr int count = 1000;
    auto sender = reliable_at(url, "push", short_lease_words);
    REQUIRE(sender->ask("flood s 0 " + std::to_string(count)) == "ok");
    std::map<std::string, int> times;
    for (int i = 0; i < count / 2; ++i) {
        auto got = must(in.recv(soon));
        ++times[std::string{got.text()}];
        got.ack();
    }
    auto in_hand = must(in.recv(soon));
    stop(*sender);
    event_of(in, godwit::event_kind::link_lost);
    ++times[std::string{in_hand.text()}];
    in_hand.ack();  // while nobody hears it
    sender->signal(SIGCONT);
    sender->say("flush s 20000");
    while (times.size() < count || in.delivery_counters().links == 0) {
        auto got = in.recv(soon);
        if (!got) FAIL(got.error().what() << ", with " << times.size());
        ++times[std::string{got->text()}];
        got->ack();
    }
    REQUIRE(sender->hear() == "ok");
    REQUIRE(count_of(*sender, "acked") == count);
    REQUIRE(count_of(*sender, "dead") == 0);
    for (int i = 0; i < count / 2; ++i) REQUIRE(times[std::to_string(i)] == 1);  // settled before: never again
}

TEST_CASE("RELIABILITY 41: a machine that was suspended goes on where it was, without a storm of repeats") {
    const auto url = find_transport("tcp_v4")->url();
    auto receiver = reliable("pull", "credit=100" + short_lease_words);
    REQUIRE(receiver->ask("bind s " + url).starts_with("ok"));
    auto sender = reliable_at(url, "push", short_lease_words);
    REQUIRE(sender->ask("flood s 0 100") == "ok");
    REQUIRE(receiver->ask("recv s 20000") == "ok 0 1");
    // Both hold still for longer than the lease: the time is what is tested.
    stop(*sender);
    stop(*receiver);
    std::this_thread::sleep_for(short_lease * 3 / 2);
    sender->signal(SIGCONT);
    receiver->signal(SIGCONT);
    REQUIRE(receiver->ask("ack s") == "ok");
    for (int i = 1; i < 100; ++i) REQUIRE(receiver->ask("recv s 20000") == "ok " + std::to_string(i) + " 1");
    REQUIRE(receiver->ask("ack s") == "ok");
    REQUIRE(sender->ask("flush s 20000") == "ok");
    REQUIRE(count_of(*sender, "redelivered") == 0);
    REQUIRE(count_of(*receiver, "duplicates") == 0);
}

TEST_CASE("RELIABILITY 54: a younger process of the same identity takes over, and the old one is fenced, and told") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    const auto url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    must(out.bind(url));
    const auto options = "identity=billing credit=10" + short_lease_words;
    auto old = reliable_at(url, "pull", options);
    for (int i = 0; i < 10; ++i) must(out.send(std::to_string(i)));
    REQUIRE(old->ask("recv s 20000") == "ok 0 1");
    REQUIRE(eventually([&] { return out.delivery_counters().in_flight == 10; }));
    const bool stops = GENERATE(false, true);
    INFO((stops ? "stopped" : "running"));
    if (stops) stop(*old);
    auto young = reliable_at(url, "pull", options);
    event_of(out, godwit::event_kind::link_fenced);
    REQUIRE(young->ask("recv s 20000").starts_with("ok "));
    if (stops) old->signal(SIGCONT);
    REQUIRE(old->ask("ack s") == "ok");
    REQUIRE(eventually([&] { return old->ask("event s 1000").starts_with("ok link_fenced"); }));
    REQUIRE(out.delivery_counters().acked == 0);
    for (int i = 1; i < 10; ++i) REQUIRE(young->ask("recv s 20000").starts_with("ok "));
    REQUIRE(out.delivery_counters().links == 1);
    REQUIRE(young->ask("ack s") == "ok");
    require_all_acked(out, 10);
    // It stays out: it does not take its place back.
    must(out.send("next"));
    REQUIRE(young->ask("recv s 20000") == "ok next 1");
    REQUIRE(old->ask("recv s 0").starts_with("error timed_out"));
}
