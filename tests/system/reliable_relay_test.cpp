// With ack_retry: links that are cut, frozen, blocked, slowed down and garbled on their way, over ipc and tcp.
#include "system/reliable.hpp"

using namespace system_tests;

namespace {

constexpr auto redials_at_once = [] {
    godwit::socket_options options;
    options.redial_min = options.redial_max = 5ms;
    options.handshake_max = 200ms;
    return options;
};

// A push behind a relay that dials the pull, and a thread that receives and acks.
class scene {
public:
    explicit scene(const std::string& kind, std::chrono::milliseconds lease = short_lease,
                   std::uint32_t credit_messages = 0)
        : way_{kind},
          out_{ctx_, at_least_once(lease), redials_at_once()},
          in_{ctx_, of_receiver(lease, credit_messages), redials_at_once()} {
        must(in_.bind(way_.there()));
        must(out_.connect(way_.here()));
        acking_.emplace(in_);
    }

    relayed& way() { return way_; }
    godwit::push& out() { return out_; }
    godwit::pull& in() { return in_; }
    std::size_t came() const { return acking_->came(); }

    void send(const std::string& body) {
        must(out_.send(body));
        ++sent_;
    }
    // All that was sent is acked and was received whole; returns how many came again.
    std::uint64_t settle() {
        require_all_acked(out_, sent_);
        REQUIRE(came() == sent_);
        return acking_->repeats();
    }

private:
    static godwit::ack_retry of_receiver(std::chrono::milliseconds lease, std::uint32_t credit_messages) {
        auto options = at_least_once(lease);
        options.credit_messages = credit_messages;
        return options;
    }

    relayed way_;
    godwit::context ctx_;
    godwit::push out_;
    godwit::pull in_;
    std::uint64_t sent_ = 0;
    std::optional<acking> acking_;
};

}  // namespace

TEST_CASE("RELIABILITY 44: cut at every few bytes of both sides, each message is handled, and whole") {
    scene at{tcp_or_ipc()};
    at.send("first");
    at.settle();
    const auto greeting = at.way()->passed(side::dialler);
    REQUIRE(greeting > 100);
    std::uint64_t cuts = 0;
    for (const auto from : {side::dialler, side::listener}) {
        for (std::uint64_t byte = 0; byte < greeting + 100; byte += sanitized ? 29 : 11, ++cuts) {
            INFO("cut at " << byte << " of " << (from == side::dialler ? "dialler" : "listener"));
            const auto before = at.way()->accepted();
            at.way()->cut_next_at(from, byte);
            at.way()->cut();
            REQUIRE(eventually([&] { return at.way()->accepted() > before; }));
            at.send(pattern_of(40, cuts) + std::to_string(cuts));
            if (cuts % 10 == 0) at.settle();
        }
    }
    at.send("last");
    REQUIRE(at.settle() <= 2 * cuts);
    REQUIRE(at.in().delivery_counters().malformed == 0);
    REQUIRE(at.out().delivery_counters().malformed == 0);
}

TEST_CASE(
    "RELIABILITY 44, 46: cut again and again in a flood, all is handled, and what was settled is not sent again") {
    constexpr std::uint32_t credit = 64;
    scene at{tcp_or_ipc(), short_lease, credit};
    constexpr int cuts = 25;
    constexpr int each = sanitized ? 40 : 100;
    for (int cut = 0; cut < cuts; ++cut) {
        for (int i = 0; i < each; ++i) at.send(std::to_string(cut * each + i));
        REQUIRE(eventually([&] { return at.came() > static_cast<std::size_t>(cut * each); }));
        at.way()->cut();
    }
    const auto repeats = at.settle();
    INFO("repeats " << repeats);
    REQUIRE(repeats <= cuts * credit);
    // What was handed out again was sent again.
    REQUIRE(repeats <= at.out().delivery_counters().redelivered);
}

TEST_CASE("RELIABILITY 45: a frozen link is noticed within the lease, and another receiver gets what it held") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    relayed way{kind};
    const auto direct = find_transport(kind)->url();
    godwit::context ctx;
    godwit::push out{ctx, at_least_once(), dials_eagerly};
    godwit::pull frozen{ctx, at_least_once(), dials_eagerly};
    godwit::pull other{ctx, at_least_once(), dials_eagerly};
    must(frozen.bind(way.there()));
    must(out.connect(way.here()));
    must(out.send("a"));
    must(out.send("b"));
    auto a = must(frozen.recv(soon));
    auto b = must(frozen.recv(soon));
    way->freeze();
    const auto since = std::chrono::steady_clock::now();
    event_of(out, godwit::event_kind::link_lost);
    event_of(frozen, godwit::event_kind::link_lost);
    const auto noticed = std::chrono::steady_clock::now() - since;
    REQUIRE(noticed >= short_lease / 2);
    REQUIRE(noticed < 3 * short_lease + 2s);
    must(other.bind(direct));
    must(out.connect(direct));
    std::vector<godwit::delivery> got;
    for (int i = 0; i < 2; ++i) {
        got.push_back(must(other.recv(soon)));
    }
    REQUIRE(got[0].attempt() + got[1].attempt() >= 3);  // of the second, its hand-out may be unheard of
    way->freeze(false);
    a.ack(), b.ack();
    for (auto& each : got) each.ack();
    require_all_acked(out, 2);
}

TEST_CASE("RELIABILITY 45: a frozen link that thaws goes on, and all arrives") {
    scene at{tcp_or_ipc()};
    at.send("before");
    at.settle();
    at.way()->freeze();
    for (int i = 0; i < 100; ++i) at.send(std::to_string(i));
    event_of(at.out(), godwit::event_kind::link_lost);
    at.way()->freeze(false);
    at.settle();
}

TEST_CASE(
    "RELIABILITY 46: messages pass and acks do not: what comes again is joined or bounded, and all is acked at last") {
    constexpr std::uint32_t credit = 50;
    scene at{tcp_or_ipc(), short_lease, credit};
    at.send("before");
    at.settle();
    at.way()->block(side::listener);
    for (int i = 0; i < 200; ++i) at.send(std::to_string(i));
    REQUIRE(eventually([&] { return at.came() > 1; }));
    event_of(at.out(), godwit::event_kind::link_lost);
    at.way()->block(side::listener, false);
    REQUIRE(at.settle() <= 2 * credit);
}

TEST_CASE("RELIABILITY 50: a receiver behind some hundred bytes a second holds up neither the other nor memory") {
    const auto kind = tcp_or_ipc();
    INFO(kind);
    relayed way{kind};
    const auto direct = find_transport(kind)->url();
    godwit::context ctx;
    auto options = at_least_once(30s);
    options.log_bytes_max = 4 << 20;
    godwit::push out{ctx, options, dials_eagerly};
    auto of_receiver = options;
    of_receiver.credit_messages = 20;
    godwit::pull slow{ctx, of_receiver, dials_eagerly};
    godwit::pull quick{ctx, options, dials_eagerly};
    must(slow.bind(way.there()));
    must(quick.bind(direct));
    must(out.connect(way.here()));
    must(out.connect(direct));
    REQUIRE(eventually([&] { return out.delivery_counters().links == 2; }));
    way->throttle(300);
    constexpr int count = sanitized ? 3000 : 20'000;
    const acking quick_one{quick};
    const auto body = pattern_of(1000);
    for (int i = 0; i < count; ++i) must(out.send(body));  // 20 MB through a log of 4 MiB: held up by nobody
    // All but what the slow one may have.
    REQUIRE(eventually([&] { return out.delivery_counters().acked >= count - 20; }));
    REQUIRE(out.delivery_counters().unsettled <= 20);
    way->throttle(0);
    const acking slow_one{slow};
    require_all_acked(out, count);
}

TEST_CASE("RELIABILITY 83: whatever byte is garbled, no garbled message is handed out, and each is handled") {
    scene at{tcp_or_ipc(), sanitized ? 2000ms : 500ms};
    at.send("first");
    at.settle();
    const auto greeting = at.way()->passed(side::dialler);
    std::uint64_t flips = 0;
    for (const auto from : {side::dialler, side::listener}) {
        for (std::uint64_t byte = 66; byte < greeting + 60; byte += sanitized ? 97 : 41, ++flips) {
            INFO("flipped " << byte << " of " << (from == side::dialler ? "dialler" : "listener"));
            const auto before = at.way()->accepted();
            at.way()->flip_next_at(from, byte);
            at.way()->cut();
            REQUIRE(eventually([&] { return at.way()->accepted() > before; }));
            at.send("whole " + std::to_string(flips));
            at.settle();
        }
    }
    REQUIRE(at.out().delivery_counters().malformed + at.in().delivery_counters().malformed +
                at.out().delivery_counters().fenced + at.in().delivery_counters().fenced >
            0);
}

TEST_CASE("a delayed, throttled link loses nothing, and repeats nothing") {
    scene at{tcp_or_ipc()};
    at.send("before");  // the handshake is over
    at.settle();
    at.way()->delay(50ms);
    at.way()->throttle(200'000);
    for (int i = 0; i < 100; ++i) at.send(std::to_string(i) + pattern_of(1000));
    REQUIRE(at.settle() == 0);
    REQUIRE(at.out().delivery_counters().redelivered == 0);
}
