// The poller: any number of sockets and foreign descriptors at once.
#include "godwit/poller.hpp"

#include <atomic>
#include <set>

#include "conformance/expect.hpp"
#include "conformance/poller_parts.hpp"
#include "conformance/transports.hpp"
#include "conformance/worker.hpp"

using namespace conformance;
using godwit::interest;
using godwit::ready;

namespace {

struct pair {
    explicit pair(const transport& over, const godwit::socket_options& options = {})
        : out{ctx, options}, in{ctx, options} {
        must(out.connect(must(in.bind(over.url()))));
        must(out.wait_for_peers(1, soon));
        must(in.wait_for_peers(1, soon));
    }
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
};

}  // namespace

GODWIT_EACH_TRANSPORT("a poller reports a socket while messages are there, and only then") {
    pair both{over};
    godwit::poller poller;
    must(poller.add(both.in, interest::recv, 7));
    CHECK(outcome_of_wait(poller, 0s) == "timed_out");
    CHECK(outcome_of_wait(poller, 5ms) == "timed_out");
    for (int round = 0; round < 50; ++round) {
        must(both.out.send("one"));
        must(both.out.send("two"));
        for (int i = 0; i < 2; ++i) {
            const auto rows = wait_for(poller);
            REQUIRE(rows.size() == 1);
            CHECK(rows[0].tag == 7);
            CHECK(rows[0].recv);
            CHECK_FALSE(rows[0].send);
            CHECK_FALSE(rows[0].closed);
            // Really ready: the message is there.
            REQUIRE(outcome(both.in.recv(0s)) == "ok");
        }
        REQUIRE(outcome_of_wait(poller, 0s) == "timed_out");
    }
}

GODWIT_EACH_TRANSPORT("a poller waits for room to send") {
    pair both{over, {.queue_messages_max = 4}};
    godwit::poller poller;
    must(poller.add(both.out, interest::send, 1));
    CHECK(wait_for(poller).front().send);
    const std::string large(100'000, 'x');
    int sent = 0;
    REQUIRE(eventually([&] {
        while (both.out.send(large, {.within = 0s})) ++sent;
        return outcome_of_wait(poller, 20ms) == "timed_out";
    }));
    worker waiter{[&] {
        std::vector<ready> rows(1);
        auto got = poller.wait(rows, soon);
        return got && rows[0].send && !rows[0].recv ? std::string{"room"} : outcome(got);
    }};
    for (int received = 0; received < sent;) {
        if (both.in.recv(soon)) ++received;
    }
    CHECK(waiter.saw() == "room");
}

GODWIT_EACH_TRANSPORT("a poller sleeps once the message that it told of is gone") {
    pair both{over};
    godwit::poller poller;
    must(poller.add(both.in, interest::recv));
    for (int i = 0; i < 10; ++i) {
        must(both.out.send("x"));
        wait_for(poller);
        must(both.in.recv(soon));  // which tells nobody that it was the last
        worker waiter{[&] { return outcome_of_wait(poller, soon); }};
        CHECK(waiter.blocks());
        CHECK_FALSE(waiter.finished());
        must(both.out.send("y"));
        CHECK(waiter.saw() == "ok");
        must(both.in.recv(soon));
    }
}

GODWIT_EACH_TRANSPORT("a req in a poller: both directions, and replies that nobody asked for end no wait") {
    godwit::context ctx;
    godwit::req client{ctx};
    godwit::rep server{ctx};
    godwit::poller poller;
    must(poller.add(client, interest::both, 1));
    must(poller.add(server, interest::recv, 2));
    must(client.connect(must(server.bind(over.url()))));
    must(client.wait_for_peers(1, soon));
    CHECK(wait_for(poller).front().send);
    must(poller.change(client, interest::recv));
    for (int i = 0; i < 20; ++i) {
        auto kept = must(client.send("kept"));
        CHECK(wait_for(poller).front().tag == 2);
        must(must(server.recv(0s)).reply("yes"));
        const auto rows = wait_for(poller);
        CHECK(rows.front().tag == 1);
        CHECK(rows.front().recv);
        REQUIRE(kept.ready());
        must(kept.wait(0s));
        {
            auto given_up = must(client.send("given up"));
            CHECK(wait_for(poller).front().tag == 2);
        }
        must(must(server.recv(0s)).reply("late"));
        CHECK(outcome_of_wait(poller, 5ms) == "timed_out");
    }
    CHECK(eventually([&] { return outcome_of_wait(poller, 0s) == "timed_out" && client.stats().late_replies == 20; }));
}

GODWIT_EACH_TRANSPORT("with more ready than fit, each comes in its turn") {
    constexpr int count = 5;
    godwit::context ctx;
    godwit::poller poller;
    std::vector<godwit::pull> ins;
    std::vector<godwit::push> outs;
    for (int i = 0; i < count; ++i) {
        ins.emplace_back(ctx);
        outs.emplace_back(ctx);
        must(outs.back().connect(must(ins.back().bind(over.url()))));
        must(poller.add(ins.back(), interest::recv, static_cast<std::uint64_t>(i)));
        for (int n = 0; n < 10; ++n) must(outs.back().send("x"));
    }
    std::vector<ready> all(count);
    REQUIRE(eventually([&] { return must(poller.wait(all, soon)) == count; }));
    for (int round = 0; round < 4; ++round) {
        std::set<std::uint64_t> seen;
        for (int i = 0; i < count; ++i) {
            const auto rows = wait_for(poller, 1);
            REQUIRE(rows.size() == 1);
            seen.insert(rows[0].tag);
        }
        CHECK(seen.size() == count);
    }
}

GODWIT_EACH_TRANSPORT("a closed socket is reported once, however it is closed, and is gone then") {
    godwit::poller poller;
    {
        pair both{over};
        must(poller.add(both.in, interest::recv, 3));
        must(poller.add(both.out, interest::send, 4));
        worker waiter{[&] {
            std::vector<ready> rows(2);
            while (true) {
                auto got = poller.wait(rows, soon);
                if (!got) return outcome(got);
                for (std::size_t i = 0; i < *got; ++i) {
                    if (rows[i].tag == 3) return std::string{rows[i].closed ? "closed" : "not closed"};
                }
            }
        }};
        must(both.in.close());
        CHECK(waiter.saw() == "closed");
        CHECK(outcome(poller.remove(both.in)) == "not_found");
        CHECK(outcome(poller.add(both.in, interest::recv)) == "closed");
        must(poller.remove(both.out));
        must(poller.add(both.out, interest::send, 4));
    }
    const auto rows = wait_for(poller);  // of the handle that is gone
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].tag == 4);
    CHECK(rows[0].closed);
    CHECK(outcome_of_wait(poller, 5ms) == "timed_out");
}

GODWIT_EACH_TRANSPORT("a socket in two pollers is reported by both") {
    pair both{over};
    godwit::poller one, two;
    must(one.add(both.in, interest::recv));
    must(two.add(both.in, interest::recv));
    for (int i = 0; i < 50; ++i) {
        must(both.out.send("x"));
        CHECK(wait_for(one).front().recv);
        CHECK(wait_for(two).front().recv);
        CHECK(outcome(both.in.recv(0s)) == "ok");
        CHECK(outcome_of_wait(one, 0s) == "timed_out");
        CHECK(outcome_of_wait(two, 0s) == "timed_out");
    }
}

GODWIT_EACH_TRANSPORT("64 sockets and pipes: everything that is sent is taken, while others come and go") {
    constexpr std::size_t sockets = 32, pipes = 32;
    const int messages = sanitized ? 20 : 200;
    godwit::context ctx;
    godwit::poller poller;
    std::vector<godwit::pull> ins;
    std::vector<godwit::push> outs;
    std::vector<pipe_ends> ends(pipes);
    for (std::size_t i = 0; i < sockets; ++i) {
        ins.emplace_back(ctx);
        outs.emplace_back(ctx);
        must(outs[i].connect(must(ins[i].bind(over.url()))));
        must(poller.add(ins[i], interest::recv, i));
    }
    for (std::size_t i = 0; i < pipes; ++i) must(poller.add(ends[i].fds[0], interest::recv, sockets + i));
    worker sender{[&] {
        for (int n = 0; n < messages; ++n) {
            for (auto& out : outs) {
                if (auto sent = out.send("x"); !sent) return outcome(sent);
            }
            for (auto& end : ends) end.put();
        }
        return std::string{"ok"};
    }};
    std::atomic<bool> over_now{false};
    worker changer{[&] {
        pipe_ends passing;
        for (std::size_t i = 0; !over_now; i = (i + 1) % sockets) {
            if (!poller.remove(ins[i]) || !poller.add(ins[i], interest::recv, i)) return std::string{"socket"};
            if (!poller.change(ins[i], interest::recv)) return std::string{"change"};
            if (!poller.add(passing.fds[1], interest::recv, 999) || !poller.remove(passing.fds[1])) {
                return std::string{"pipe"};
            }
            std::this_thread::yield();
        }
        return std::string{"ok"};
    }};
    const std::size_t wanted = (sockets + pipes) * static_cast<std::size_t>(messages);
    std::size_t taken = 0;
    std::vector<ready> rows(10);
    while (taken < wanted) {
        const auto got = poller.wait(rows, soon);
        if (!got) break;
        for (const ready& row : std::span{rows}.first(*got)) {
            if (row.tag < sockets) {
                if (ins[row.tag].recv(0s)) ++taken;
            } else {
                ends[row.tag - sockets].take();
                ++taken;
            }
        }
    }
    over_now = true;
    CHECK(taken == wanted);
    CHECK(sender.saw() == "ok");
    CHECK(changer.saw() == "ok");
}

GODWIT_EACH_TRANSPORT("a stop ends a wait, and one that comes with a message loses neither") {
    pair both{over};
    godwit::poller poller;
    must(poller.add(both.in, interest::recv));
    for (int i = 0; i < (sanitized ? 50 : 500); ++i) {
        std::stop_source source;
        worker waiter{[&] { return outcome_of_wait(poller, soon, source.get_token()); }};
        if (i % 2 == 0) std::this_thread::yield();
        must(both.out.send("x"));
        source.request_stop();
        const auto saw = waiter.saw();
        REQUIRE((saw == "ok" || saw == "cancelled"));
        REQUIRE(wait_for(poller).front().recv);
        must(both.in.recv(soon));
    }
    std::stop_source stopped;
    stopped.request_stop();
    CHECK(outcome_of_wait(poller, soon, stopped.get_token()) == "cancelled");
    must(both.out.send("x"));
    CHECK(wait_for(poller).front().recv);
    CHECK(outcome_of_wait(poller, soon, stopped.get_token()) == "ok");
}
