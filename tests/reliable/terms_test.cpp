// What a message, and a socket, may ask for: time, priority, order, rate, room.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "conformance/worker.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

OVER_EACH_LINK("a delayed message comes not before its time, a due time likewise, and others overtake it") {
    line both{over};
    must(both.out.send("much later", {.delay = 1h}));
    must(both.out.send("at another time", {.deliver_at = std::chrono::system_clock::now() + 1h}));
    must(both.out.send("now"));
    REQUIRE(take(both.in) == "now");
    const auto from = clock::now();
    must(both.out.send("delayed", {.delay = 150ms}));
    REQUIRE(take(both.in) == "delayed");
    REQUIRE(clock::now() - from >= 150ms);
    const auto due = std::chrono::system_clock::now() + 100ms;
    must(both.out.send("at", {.deliver_at = due}));
    REQUIRE(take(both.in) == "at");
    REQUIRE(std::chrono::system_clock::now() >= due - 10ms);  // its clock is read once a turn
    must(both.out.send("past", {.deliver_at = std::chrono::system_clock::now() - 1h}));
    REQUIRE(take(both.in) == "past");
}

OVER_EACH_LINK("what is not handed out within its time to live has expired: a dead letter, and never delivered") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    const auto url = must(out.bind(over.url()));
    const auto gone = must(out.send("gone", {.ttl = 20ms}));
    const auto stays = must(out.send("stays", {.ttl = 1h}));
    REQUIRE(fate(gone) == "expired");
    godwit::pull in{ctx, quick(), brisk()};
    must(in.connect(url));
    REQUIRE(take(in) == "stays");
    REQUIRE(fate(stays) == "processed");
    const auto dead = out.dead_letters();
    REQUIRE(dead.size() == 1);
    REQUIRE(dead[0].why == godwit::dead_reason::expired);
    REQUIRE(dead[0].content.text() == "gone");
    REQUIRE(out.delivery_counters().expired == 1);
}

OVER_EACH_LINK("the most urgent go first, in order among equals") {
    godwit::context ctx;
    godwit::push out{ctx, quick(), brisk()};
    const auto url = must(out.bind(over.url()));
    for (std::uint8_t priority = 0; priority <= 9; ++priority) {
        for (const char* which : {"a", "b"}) must(out.send(which + std::to_string(priority), {.priority = priority}));
    }
    godwit::pull in{ctx, quick(), brisk()};
    must(in.connect(url));
    std::vector<std::string> came;
    for (int i = 0; i < 20; ++i) came.push_back(take(in));
    REQUIRE(came[0] == "a9");
    REQUIRE(came[1] == "b9");
    for (int priority = 0; priority <= 9; ++priority) {
        const auto place = [&](const char* which) {
            return std::find(came.begin(), came.end(), which + std::to_string(priority)) - came.begin();
        };
        REQUIRE(place("a") < place("b"));
    }
    REQUIRE(std::set<std::string>{came.begin(), came.end()}.size() == 20);
}

OVER_EACH_LINK("many that are sent at once each have the terms that were given, and a plain socket refuses them") {
    line both{over};
    const std::vector<godwit::message> late{godwit::message{"late"}, godwit::message{"later"}};
    REQUIRE(must(both.out.send_many(late, {.ttl = 1ms, .deliver_at = std::chrono::system_clock::now() + 1h})) == 2);
    must(both.out.send("now"));
    REQUIRE(take(both.in) == "now");
    must(both.out.flush(stage::processed, soon));
    REQUIRE(both.out.dead_letters().size() == 2);
    godwit::push plain{both.ctx};
    REQUIRE(plain.send_many(late, {.priority = 9}).failed(godwit::errc::unsupported));
}

TEST_CASE("what can never be right in the options of a send is refused, and nothing was taken") {
    line both{*find_transport("inproc")};
    REQUIRE(outcome(both.out.send("x", {.priority = 10})) == "invalid_argument");
    REQUIRE(outcome(both.out.send("x", {.delay = -1ms})) == "invalid_argument");
    REQUIRE(outcome(both.out.send("x", {.ttl = -1ms})) == "invalid_argument");
    REQUIRE(outcome(both.out.send(std::string((16u << 20) + 1, 'x'))) == "too_large");
    godwit::push plain{both.ctx};
    must(plain.bind(inproc::make()));
    REQUIRE(outcome(plain.send("x", {.delay = 1ms})) == "unsupported");
    auto keyed = quick();
    keyed.ordered_by_key = true;
    godwit::push ordered{both.ctx, keyed, brisk()};
    must(ordered.bind(inproc::make()));
    REQUIRE(!ordered.send("x", {.key = "k", .priority = 9}));
    REQUIRE(!ordered.send("x", {.key = "k", .delay = 1s}));
    REQUIRE(both.out.delivery_counters().unsettled == 0);
    REQUIRE(ordered.delivery_counters().unsettled == 0);
}

OVER_EACH_LINK("a key's messages are handled in order, through retries, whoever handles them") {
    auto keyed = quick();
    keyed.ordered_by_key = true;
    godwit::context ctx;
    godwit::push out{ctx, keyed, brisk()};
    std::optional<godwit::pull> pulls[3];
    for (auto& in : pulls) {
        in.emplace(ctx, quick(), brisk());
        must(out.connect(must(in->bind(over.url()))));
    }
    constexpr int keys = 5, each = 20;
    for (int i = 0; i < each; ++i) {
        for (int key = 0; key < keys; ++key) must(out.send(std::to_string(i), {.key = "key" + std::to_string(key)}));
    }
    std::map<std::string, int> next;
    int done = 0;
    const auto end = clock::now() + soon;
    while (done < keys * each && clock::now() < end) {
        for (auto& in : pulls) {
            auto got = in->recv(1ms);
            if (!got) continue;
            const std::string key{got->key()};
            REQUIRE(std::to_string(next[key]) == got->text());
            if (got->attempt() == 1 && next[key] % 3 == 0) {
                got->nack();
            } else {
                ++next[key], ++done;
                got->ack();
            }
        }
    }
    REQUIRE(done == keys * each);
    must(out.flush(stage::processed, soon));
}

OVER_EACH_LINK("a receiver with a rate hands out no more than that, to whoever waits in recv") {
    auto slow = quick();
    slow.messages_per_second = 50;
    line both{over, quick(), slow};
    for (const auto& text : numbers(6)) must(both.out.send(text));
    REQUIRE(take(both.in) == "0");
    const auto from = clock::now();
    for (int i = 1; i < 6; ++i) REQUIRE(take(both.in) == std::to_string(i));
    REQUIRE(clock::now() - from >= 90ms);
}

OVER_EACH_LINK("a receiver has no more in flight than its credit") {
    auto few = quick();
    few.credit_messages = 3;
    line both{over, quick(), few};
    for (const auto& text : numbers(10)) must(both.out.send(text));
    std::vector<godwit::delivery> hand;
    for (int i = 0; i < 3; ++i) hand.push_back(must(both.in.recv(soon)));
    REQUIRE(outcome(both.in.recv(20ms)) == "timed_out");
    REQUIRE(both.out.delivery_counters().in_flight == 3);
    hand.clear();
    std::set<std::string> seen;
    while (seen.size() < 10) seen.insert(take(both.in));
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("with no room in the log send waits, then it is full; what was taken is not lost, and room comes back") {
    auto small = quick();
    small.log_bytes_max = 64u << 10;
    godwit::context ctx;
    godwit::push out{ctx, small, brisk()};
    const auto url = must(out.bind(over.url()));
    const std::string body(1000, 'x');
    std::size_t taken = 0;
    godwit::result<godwit::receipt> sent = godwit::errc::closed;
    while ((sent = out.send(body + std::to_string(taken), {.within = 20ms}))) ++taken;
    REQUIRE(outcome(sent) == "full");
    REQUIRE(taken > 32);
    REQUIRE(taken < 700);  // a batch that gathers, and the one that went beyond, come on top: 256 KiB each
    REQUIRE(outcome(out.send(body, {.within = 0ms})) == "full");
    std::stop_source stop;
    worker stopped{[&] { return outcome(out.send(body, {.within = soon, .stop = stop.get_token()})); }};
    REQUIRE(stopped.blocks());
    stop.request_stop();
    REQUIRE(stopped.saw() == "cancelled");
    const std::vector<godwit::bytes> more(3, godwit::as_bytes(body));
    REQUIRE(outcome(out.send_many(more, {.within = 5ms})) == "full");
    worker waits{[&] { return outcome(out.send("last", {.within = soon})); }};
    REQUIRE(waits.blocks());
    godwit::pull in{ctx, quick(), brisk()};
    must(in.connect(url));
    for (std::size_t i = 0; i < taken; ++i) REQUIRE(take(in) == body + std::to_string(i));
    REQUIRE(waits.saw() == "ok");
    REQUIRE(take(in) == "last");
    must(out.flush(stage::processed, soon));
    REQUIRE(eventually([&] { return out.delivery_counters().stored_bytes == 0; }));
}

OVER_EACH_LINK("messages of all sizes arrive whole, those of many fragments too") {
    line both{over};
    const std::size_t sizes[] = {0, 1, 100, 8192, 65'536, 300'000, 5'000'000};
    for (const std::size_t size : sizes) {
        must(both.out.send(pattern_of(size, size)));
        REQUIRE(take(both.in) == pattern_of(size, size));
    }
    const auto whole = must(godwit::message::make(
        {.topic = "topic", .key = "key", .headers = {{"a", "1"}, {"b", "2"}}, .body = godwit::as_bytes("body")}));
    must(both.out.send(whole));
    must(both.out.send(godwit::message{whole}));
    must(both.out.send_many(std::vector<godwit::message>{whole}));
    for (int i = 0; i < 3; ++i) {
        auto got = must(both.in.recv(soon));
        REQUIRE(got.topic() == "topic");
        REQUIRE(got.key() == "key");
        REQUIRE(got.header_value("b") == "2");
        REQUIRE(got.text() == "body");
        got.ack();
    }
    must(both.out.flush(stage::processed, soon));
}

OVER_EACH_LINK("what becomes due while nobody calls is sent then, not with the next heartbeat") {
    ack_retry calm = quick();
    calm.heartbeat = 1h;  // nothing else moves the sender
    calm.lease = 24h;
    line both{over, calm, calm};
    must(both.out.send("now"));
    REQUIRE(take(both.in) == "now");
    must(both.out.flush(stage::processed, soon));
    must(both.out.send("later", {.delay = 100ms}));
    REQUIRE(take(both.in) == "later");
}
