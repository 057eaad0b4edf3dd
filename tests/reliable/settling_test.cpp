// Settling a delivery: ack, nack, reject, extend; and what becomes of the record.
#include <algorithm>

#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::dead_reason;

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

OVER_EACH_LINK("a nack brings the message again at once, with the next attempt's number") {
    line both{over};
    const auto sent = must(both.out.send("again"));
    for (std::uint32_t attempt = 1; attempt <= 4; ++attempt) {
        auto got = must(both.in.recv(soon));
        REQUIRE(got.text() == "again");
        REQUIRE(got.attempt() == attempt);
        attempt == 4 ? got.ack() : got.nack();
    }
    REQUIRE(fate(sent) == "processed");
    REQUIRE(both.out.delivery_counters().redelivered == 3);
    REQUIRE(both.out.delivery_counters().nacked == 3);
    REQUIRE(both.out.delivery_counters().acked == 1);
}

OVER_EACH_LINK("a nack with a delay brings the message not before it has passed, and others meanwhile") {
    line both{over};
    must(both.out.send("later"));
    auto got = must(both.in.recv(soon));
    const auto from = clock::now();
    got.nack(150ms);
    must(both.out.send("meanwhile"));
    REQUIRE(take(both.in) == "meanwhile");
    REQUIRE(take(both.in) == "later");
    REQUIRE(clock::now() - from >= 150ms);
}

OVER_EACH_LINK("a delivery that is destroyed unsettled is nacked, and so is one that is assigned to") {
    line both{over};
    const auto sent = must(both.out.send("dropped"));
    { auto got = must(both.in.recv(soon)); }
    auto second = must(both.in.recv(soon));
    REQUIRE(second.attempt() == 2);
    second = godwit::delivery{};
    auto third = must(both.in.recv(soon));
    REQUIRE(third.attempt() == 3);
    auto moved = std::move(third);
    REQUIRE(third.settled());
    third.nack();
    moved.ack();
    moved.nack();
    REQUIRE(fate(sent) == "processed");
    REQUIRE(both.out.delivery_counters().nacked == 2);
}

OVER_EACH_LINK("what is rejected is a dead letter with the handler's words, and can be requeued or discarded") {
    line both{over};
    const auto sent = must(both.out.send("bad", {.topic = "t", .key = "k"}));
    must(both.in.recv(soon)).reject("no such order");
    REQUIRE(fate(sent) == "refused");
    auto dead = both.out.dead_letters();
    REQUIRE(dead.size() == 1);
    REQUIRE(dead[0].at == sent.at());
    REQUIRE(dead[0].why == dead_reason::refused);
    REQUIRE(dead[0].attempts == 1);
    REQUIRE(dead[0].detail == "no such order");
    REQUIRE(dead[0].content.text() == "bad");
    REQUIRE(dead[0].content.topic() == "t");
    REQUIRE(dead[0].content.key() == "k");
    REQUIRE(!dead[0].stream.empty());
    REQUIRE(both.out.delivery_counters().dead == 1);
    REQUIRE(outcome(both.out.requeue(sent.at() + 1)) == "not_found");
    must(both.out.requeue(sent.at()));
    REQUIRE(both.out.dead_letters().empty());
    auto again = must(both.in.recv(soon));
    REQUIRE(again.text() == "bad");
    REQUIRE(again.attempt() == 1);
    again.reject("still bad");
    REQUIRE(eventually([&] { return both.out.dead_letters().size() == 1; }));
    must(both.out.discard(sent.at()));
    REQUIRE(outcome(both.out.discard(sent.at())) == "not_found");
    REQUIRE(both.out.dead_letters().empty());
    REQUIRE(both.out.delivery_counters().refused == 2);
    REQUIRE(eventually([&] { return both.out.delivery_counters().stored_bytes == 0; }));
    must(both.out.close(soon));
}

OVER_EACH_LINK("a message whose attempts run out is a dead letter, and the next ones go on") {
    auto twice = quick();
    twice.attempts_max = 2;
    line both{over, twice};
    const auto poison = must(both.out.send("poison"));
    for (int i = 0; i < 2; ++i) must(both.in.recv(soon)).nack();
    REQUIRE(fate(poison) == "dead");
    must(both.out.send("fine"));
    REQUIRE(take(both.in) == "fine");
    const auto dead = both.out.dead_letters();
    REQUIRE(dead.size() == 1);
    REQUIRE(dead[0].why == dead_reason::attempts);
    REQUIRE(dead[0].attempts == 2);
    must(both.out.close(soon));
}

OVER_EACH_LINK("dead letters are listed oldest first, as many as are asked for") {
    line both{over};
    for (const auto& text : numbers(5)) must(both.out.send(text));
    for (int i = 0; i < 5; ++i) must(both.in.recv(soon)).reject("no");
    REQUIRE(eventually([&] { return both.out.delivery_counters().dead == 5; }));
    const auto two = both.out.dead_letters(2);
    REQUIRE(two.size() == 2);
    REQUIRE(two[0].content.text() == "0");
    REQUIRE(two[1].content.text() == "1");
    REQUIRE(both.out.dead_letters().size() == 5);
}

OVER_EACH_LINK("who takes longer than it may is nacked, unless it has extended its time") {
    auto short_time = quick();
    short_time.handler_max = 100ms;
    line both{over, quick(), short_time};
    const auto slow = must(both.out.send("slow")), stuck = must(both.out.send("stuck"));
    auto first = must(both.in.recv(soon));
    REQUIRE(first.text() == "slow");
    first.extend(60s);
    auto second = must(both.in.recv(soon));
    REQUIRE(second.text() == "stuck");
    auto again = must(both.in.recv(soon));
    REQUIRE(again.text() == "stuck");
    REQUIRE(again.attempt() == 2);
    again.ack();
    second.ack();
    first.ack();
    REQUIRE(fate(slow) == "processed");
    REQUIRE(fate(stuck) == "processed");
    REQUIRE(both.out.delivery_counters().nacked == 1);
    REQUIRE(eventually([&] { return both.in.delivery_counters().stale_settlements == 1; }));
}

OVER_EACH_LINK("many are acked in one piece, and others' are passed over") {
    line both{over};
    line strange{over};
    must(strange.out.send("not ours"));
    std::vector<godwit::delivery> hand(301);
    hand[300] = must(strange.in.recv(soon));
    for (const auto& text : numbers(300)) must(both.out.send(text));
    std::size_t count = 0;
    while (count < 300) count += must(both.in.recv_many(std::span{hand}.subspan(count, 300 - count), soon));
    hand[7].nack();
    both.in.ack_many(hand);
    REQUIRE(!hand[300].settled());
    REQUIRE(std::all_of(hand.begin(), hand.begin() + 300, [](const auto& one) { return one.settled(); }));
    REQUIRE(take(both.in) == "7");
    must(both.out.flush(stage::processed, soon));
    REQUIRE(both.out.delivery_counters().acked == 300);
    hand[300].ack();
    must(strange.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("who gathers more than a window before it settles any gets it") {
    line both{over};
    for (const auto& text : numbers(3000)) must(both.out.send(text));
    std::vector<godwit::delivery> hand(3000);
    for (std::size_t count = 0; count < hand.size();)
        count += must(both.in.recv_many(std::span{hand}.subspan(count), soon));
    both.in.ack_many(hand);
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("what is settled of a batch is told soon, though its receiver makes no further call") {
    ack_retry calm = quick();
    calm.heartbeat = 1h;  // nothing else moves the receiver
    calm.lease = 24h;
    calm.credit_messages = 1000;
    godwit::context ctx;
    godwit::push out{ctx, calm, brisk()};
    godwit::pull in{ctx, calm, brisk()};
    must(out.connect(must(in.bind(over.url()))));
    const auto first = must(out.send("0"));  // the others gather behind it until the two have met
    for (const auto& number : numbers(50, 1)) must(out.send(number));
    auto got = must(in.recv(soon));
    std::this_thread::sleep_for(200ms);  // its handler works
    got.ack();
    REQUIRE(fate(first) == "processed");
}
