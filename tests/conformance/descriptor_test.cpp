// The descriptor for foreign loops: level-triggered like any other, whoever else uses the socket meanwhile.
#include <atomic>

#include "conformance/epoll_loop.hpp"
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;
using godwit::interest;

namespace {

// A push and a pull that have met; the pull's descriptor was asked for first.
struct pair {
    explicit pair(const transport& over, const godwit::socket_options& options = {})
        : out{ctx, options}, in{ctx, options} {
        descriptor = must(in.descriptor());
        const auto url = must(in.bind(over.url()));
        must(out.connect(url));
        must(out.wait_for_peers(1, soon));
        must(in.wait_for_peers(1, soon));
        settle();
    }
    void send(int from, int to) {
        for (int i = from; i < to; ++i) must(out.send(std::to_string(i)));
    }
    // As a foreign loop does: sleeps on the descriptor, takes what is there until there is no more.
    int drain() {
        int count = 0;
        while (in.recv(0s)) ++count;
        return count;
    }
    // Quiet for good: what the meeting of the two left behind has been heard.
    void settle() {
        if (!eventually([&] { return drain() == 0 && !readable(descriptor, 5); }))
            FAIL("readable for nothing, for ever");
    }

    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
    int descriptor = -1;
};

}  // namespace

GODWIT_EACH_TRANSPORT(
    "the descriptor stays readable until the last of one, two and three messages is taken, and no longer") {
    pair both{over};
    for (int count = 1; count <= 3; ++count) {
        INFO(count << " messages");
        both.send(0, count);
        for (int i = 0; i < count; ++i) {
            // All of them have come before the first is taken, so that each must be told of the level and not of an edge.
            REQUIRE(readable(both.descriptor));
            auto got = both.in.recv(soon);
            REQUIRE(outcome(got) == "ok");
            CHECK(got->text() == std::to_string(i));
        }
        CHECK(outcome(both.in.recv(0s)) == "timed_out");
        CHECK_FALSE(readable_now(both.descriptor));
    }
}

GODWIT_EACH_TRANSPORT("messages that have come are readable whatever else was called on the socket since") {
    pair both{over};
    both.send(0, 3);
    REQUIRE(readable(both.descriptor));
    must(both.in.recv(soon));
    for (int again = 0; again < 3; ++again) {
        (void)both.in.stats();
        (void)both.in.peers();
        CHECK(must(both.in.descriptor()) == both.descriptor);
        CHECK(readable(both.descriptor));
    }
    CHECK(eventually([&] { return (void)both.drain(), both.in.stats().received == 3; }));
    CHECK(both.drain() == 0);
    CHECK_FALSE(readable_now(both.descriptor));
}

GODWIT_EACH_TRANSPORT("each of 10,000 messages sent one by one makes the descriptor readable") {
    pair both{over};
    const int count = sanitized ? 2'000 : 10'000;
    int received = 0;
    for (int i = 0; i < count; ++i) {
        both.send(i, i + 1);
        const int before = received;
        while (received == before) {
            if (!readable(both.descriptor)) FAIL("not told of message " << i);
            received += both.drain();
        }
        if (received != i + 1) FAIL(received << " after " << i + 1);
        if (readable_now(both.descriptor) && both.drain() != 0) FAIL("more than was sent");
    }
    CHECK(both.in.stats().received == static_cast<std::uint64_t>(count));
}

GODWIT_EACH_TRANSPORT("a loop that takes one message a wake-up gets all of a flood") {
    pair both{over};
    const int count = sanitized ? 5'000 : 50'000;
    worker sender{[&] {
        for (int i = 0; i < count; ++i) {
            if (auto sent = both.out.send(std::to_string(i)); !sent) return outcome(sent);
        }
        return std::string{"ok"};
    }};
    for (int i = 0; i < count;) {
        if (!readable(both.descriptor)) FAIL("stuck after " << i);
        auto got = both.in.recv(0s);
        if (!got) continue;
        if (got->text() != std::to_string(i)) FAIL(got->text() << " instead of " << i);
        ++i;
    }
    CHECK(sender.saw() == "ok");
    both.settle();
}

GODWIT_EACH_TRANSPORT("a batch that did not fill darkens the descriptor, and a full one leaves it readable") {
    pair both{over};
    both.send(0, 6);
    std::vector<godwit::delivery> four(4);
    std::size_t received = 0;
    REQUIRE(eventually([&] { return readable(both.descriptor); }));
    while (received < 4) received += must(both.in.recv_many(std::span{four}.first(4 - received), soon));
    CHECK(readable(both.descriptor));
    while (received < 6) received += must(both.in.recv_many(four, soon));
    CHECK(outcome(both.in.recv_many(four, 0s)) == "timed_out");
    CHECK_FALSE(readable_now(both.descriptor));
    both.send(0, 1);
    CHECK(readable(both.descriptor));
}

GODWIT_EACH_TRANSPORT("blocked receivers and a loop on the descriptor share 100,000 messages, and none is lost") {
    pair both{over};
    const int count = sanitized ? 10'000 : 100'000;
    std::atomic<int> received{0};
    std::atomic<std::uint64_t> sum{0};
    const auto note = [&](const godwit::delivery& got) {
        sum += std::stoull(std::string{got.text()});
        ++received;
    };
    const auto blocked = [&] {
        while (true) {
            auto got = both.in.recv(soon);
            if (!got) return outcome(got);
            note(*got);
        }
    };
    worker one{blocked}, two{blocked};
    worker sender{[&] {
        for (int i = 0; i < count; ++i) {
            if (auto sent = both.out.send(std::to_string(i)); !sent) return outcome(sent);
        }
        return std::string{"ok"};
    }};
    const auto end = std::chrono::steady_clock::now() + soon;
    while (received < count && std::chrono::steady_clock::now() < end) {
        if (!readable(both.descriptor, 10)) continue;
        while (auto got = both.in.recv(0s)) note(*got);
    }
    CHECK(sender.saw() == "ok");
    CHECK(received == count);
    CHECK(sum == static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(count - 1) / 2);
    must(both.in.close());
    CHECK(one.saw() == "closed");
    CHECK(two.saw() == "closed");
}

GODWIT_EACH_TRANSPORT("a blocked receiver that has left does not take the descriptor's wake-up with it") {
    pair both{over};
    for (int i = 0; i < (sanitized ? 50 : 300); ++i) {
        worker blocked{[&] { return outcome(both.in.recv(soon)); }};
        both.send(0, 2);
        REQUIRE(blocked.saw() == "ok");
        REQUIRE(readable(both.descriptor));  // of the other message
        REQUIRE(eventually([&] { return both.drain() == 1; }));
        both.send(0, 1);
        REQUIRE(readable(both.descriptor));
        REQUIRE(eventually([&] { return both.drain() == 1; }));
    }
}

GODWIT_EACH_TRANSPORT("what comes after a blocked receiver has left with the last message is told of") {
    pair both{over};
    for (int i = 0; i < (sanitized ? 20 : 100); ++i) {
        worker blocked{[&] { return outcome(both.in.recv(soon)); }};
        if (i % 4 == 0) REQUIRE(blocked.blocks());
        both.send(0, 1);
        REQUIRE(blocked.saw() == "ok");
        // Nobody has settled the descriptor since: what watched for it has just gone.
        both.send(0, 1);
        REQUIRE(readable(both.descriptor));
        REQUIRE(eventually([&] { return both.drain() == 1; }));
    }
}

GODWIT_EACH_TRANSPORT("a descriptor may be asked for before the socket is bound") {
    godwit::context ctx;
    godwit::pull in{ctx};
    const int descriptor = must(in.descriptor());
    CHECK_FALSE(readable_now(descriptor));
    godwit::push out{ctx};
    const auto url = must(in.bind(over.url()));
    CHECK(outcome(in.recv(0s)) == "timed_out");
    must(out.connect(url));
    must(out.send("x"));
    CHECK(eventually([&] { return readable(descriptor) && in.recv(0s); }));
}

GODWIT_EACH_TRANSPORT("a socket with inproc and another transport has one descriptor for both") {
    pair both{over};
    const auto second = must(both.in.bind("inproc://besides-" + over.name));
    godwit::push beside{both.ctx};
    must(beside.connect(second));
    must(beside.wait_for_peers(1, soon));
    both.settle();
    for (int i = 0; i < 20; ++i) {
        must((i % 2 == 0 ? beside : both.out).send("x"));
        REQUIRE(eventually([&] { return readable(both.descriptor) && both.drain() == 1; }));
        REQUIRE(eventually([&] { return !readable_now(both.descriptor) || both.drain() != 0; }));
    }
}

GODWIT_EACH_TRANSPORT("two sockets in one epoll are told apart") {
    pair first{over}, second{over};
    epoll_loop waits;
    waits.add(first.descriptor);
    waits.add(second.descriptor);
    for (int i = 0; i < 100; ++i) {
        pair& chosen = i % 3 == 0 ? first : second;
        chosen.send(i, i + 1);
        REQUIRE(eventually([&] {
            const int which = waits.next();
            pair& told = which == first.descriptor ? first : second;
            return told.drain() == 1 && &told == &chosen;
        }));
    }
}

GODWIT_EACH_TRANSPORT("an edge-triggered loop that drains to timed_out misses nothing") {
    pair both{over};
    epoll_loop waits;
    waits.add(both.descriptor, EPOLLIN | EPOLLET);
    const int count = sanitized ? 500 : 5'000;
    worker sender{[&] {
        for (int i = 0; i < count; ++i) {
            if (auto sent = both.out.send("x"); !sent) return outcome(sent);
            if (i % 7 == 0) std::this_thread::yield();
        }
        return std::string{"ok"};
    }};
    int received = 0;
    while (received < count) {
        if (waits.next() < 0) FAIL("stuck after " << received);
        received += both.drain();
    }
    CHECK(sender.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("a closed socket's descriptor is readable, and stays so") {
    pair both{over};
    REQUIRE_FALSE(readable_now(both.descriptor));
    must(both.in.close());
    for (int i = 0; i < 3; ++i) {
        CHECK(readable_now(both.descriptor));
        CHECK(outcome(both.in.recv(0s)) == "closed");
    }
    CHECK(outcome(both.in.descriptor()) == "closed");
}

GODWIT_EACH_TRANSPORT("closing the context makes the descriptors readable") {
    godwit::context ctx;
    godwit::pull in{ctx};
    const int descriptor = must(in.descriptor());
    must(in.bind(over.url()));
    (void)in.recv(0s);
    worker closer{[&] { return outcome(ctx.close(soon)); }};
    CHECK(readable(descriptor));
    CHECK(eventually([&] { return outcome(in.recv(0s)) == "closed"; }));
    CHECK(closer.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("the descriptor moves with its handle, and is gone with it, out of any epoll") {
    epoll_loop waits;
    int descriptor = -1;
    {
        pair both{over};
        descriptor = both.descriptor;
        waits.add(descriptor);
        godwit::pull moved{std::move(both.in)};
        CHECK(must(moved.descriptor()) == descriptor);
        both.send(0, 1);
        CHECK(waits.next() == descriptor);
        CHECK(receive(moved) == "0");
    }
    CHECK(waits.next(0) == -1);
}

GODWIT_EACH_TRANSPORT("a push is told when there is room again") {
    pair both{over, {.queue_messages_max = 4}};
    const int room = must(both.out.descriptor(interest::send));
    const std::string large(100'000, 'x');
    CHECK(readable(room));
    for (int round = 0; round < 5; ++round) {
        int sent = 0;
        REQUIRE(eventually([&] {
            while (both.out.send(large, {.within = 0s})) ++sent;
            return !readable(room, 20);  // the system's buffers are full, too
        }));
        for (int received = 0; received < sent;) {
            if (both.in.recv(soon)) ++received;
        }
        REQUIRE(readable(room));
        REQUIRE(eventually([&] { return outcome(both.out.send("x", {.within = 0s})) == "ok"; }));
        CHECK(receive(both.in) == "x");
    }
}
