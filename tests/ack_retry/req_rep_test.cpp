// Requesters and servers together.
#include "ack_retry/req_rep_world.hpp"

#include "test_main.hpp"

using namespace req_rep;

TEST_CASE("a request is answered by its reply") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset at = asks.ask("how far");
    CHECK(asks.reply_to(at).empty());
    all.settle();
    REQUIRE(serves.take() == "how far");
    REQUIRE(serves.reply("eleven thousand kilometres"));
    all.settle();
    CHECK(asks.reply_to(at) == "eleven thousand kilometres");
    CHECK(asks.reply_to(at).starts_with("invalid_argument"));
    all.run_for(20ms);
    CHECK(asks.stats().unsettled == 0);
    CHECK(asks.stats().stored_bytes == 0);
    CHECK(serves.stats().stored_bytes == 0);  // the reply is known to have come
}

TEST_CASE("a lone request needs no word between it and its reply") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    for (int i = 0; i < 20; ++i) {
        const offset at = asks.ask("q" + std::to_string(i));
        const auto way = all.transports.front();
        // Only what was sent before is delivered: nothing goes back and forth.
        while (!way->to[1].empty()) {
            auto frame = std::move(way->to[1].front());
            way->to[1].pop_front();
            std::vector<bytes> frames{frame.envelope};
            if (frame.body) frames.push_back(frame.body->body());
            serves.protocol->took(way->names[1], message::from_frames(frames).value());
        }
        REQUIRE(serves.take_now() == "q" + std::to_string(i));
        REQUIRE(serves.reply("q" + std::to_string(i) + "!"));
        all.settle();
        REQUIRE(asks.reply_to(at) == "q" + std::to_string(i) + "!");
    }
}

TEST_CASE("many requests are answered in whatever order, each by its own reply") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    std::vector<offset> asked;
    for (int i = 0; i < 500; ++i) asked.push_back(asks.ask(std::to_string(i)));
    std::size_t replied = 0;
    for (int round = 0; round < 200 && replied < asked.size(); ++round) {
        all.run_for(5ms);
        while (!serves.take().empty()) {}
        // The last in hand is answered first.
        while (!serves.held.empty()) {
            const std::string text{serves.held.back().text()};
            REQUIRE(serves.reply(text + "!", serves.held.size() - 1));
            ++replied;
        }
    }
    REQUIRE(replied == asked.size());
    all.run_for(50ms);
    for (std::size_t i = 0; i < asked.size(); ++i) REQUIRE(asks.reply_to(asked[i]) == std::to_string(i) + "!");
    CHECK(asks.stats().stale_settlements == 0);
    CHECK(serves.stats().stored_bytes == 0);
}

TEST_CASE("a flood while the link is busy goes and comes back in few batches") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    const auto way = all.connect(asks, serves);
    way->room = 2;
    int data = 0, replies = 0;
    way->passes = [&](int end, const in_flight& what) {
        if (end == 1) data += std::holds_alternative<data_frame>(what.frame().content) ? 1 : 0;
        if (end == 0) replies += std::holds_alternative<reply_frame>(what.frame().content) ? 1 : 0;
        return true;
    };
    std::vector<offset> asked;
    for (int i = 0; i < 1000; ++i) asked.push_back(asks.ask("x"));
    for (int round = 0, served = 0; round < 300 && served < 1000; ++round) {
        all.settle();
        served += serves.serve();
    }
    all.run_for(100ms);
    for (const offset at : asked) REQUIRE(asks.reply_to(at) == "x!");
    CHECK(data < 50);
    CHECK(replies < 200);
}

TEST_CASE("five servers share the load, and a slow one holds nobody up") {
    world all;
    node asks{all, pattern::req, 1};
    std::vector<std::unique_ptr<node>> servers;
    for (std::uint64_t i = 0; i < 5; ++i) {
        ack_retry few;
        few.credit_messages = 8;
        servers.push_back(std::make_unique<node>(all, pattern::rep, 10 + i, few));
        all.connect(asks, *servers.back());
    }
    std::vector<offset> asked;
    std::vector<int> served(5, 0);
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 10; ++i) asked.push_back(asks.ask("w"));
        all.run_for(2ms);
        for (std::size_t i = 1; i < 5; ++i) served[i] += servers[i]->serve();
        all.run_for(2ms);
    }
    for (int round = 0; round < 50; ++round) {
        all.run_for(2ms);
        for (std::size_t i = 1; i < 5; ++i) served[i] += servers[i]->serve();
    }
    all.run_for(20ms);
    int answered = 0;
    for (const offset at : asked) answered += asks.reply_to(at) == "w!" ? 1 : 0;
    CHECK(answered >= 1000 - 8);  // but for what the stopped one has
    for (std::size_t i = 1; i < 5; ++i) CHECK(served[i] > 100);
}

TEST_CASE("row 57: a late reply to a request that was given up is dropped and counted") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset at = asks.ask("slow");
    all.settle();
    REQUIRE(serves.take() == "slow");
    asks.protocol->give_up(at);
    CHECK(asks.stats().stored_bytes == 0);
    all.settle();
    REQUIRE(serves.reply("too late"));
    all.settle();
    CHECK(asks.stats().stale_settlements >= 1);
    CHECK(asks.reply_to(at).starts_with("invalid_argument"));
    const offset next = asks.ask("next");
    all.settle();
    CHECK(serves.serve() == 1);
    all.settle();
    CHECK(asks.reply_to(next) == "next!");
}

TEST_CASE("a request that is given up before it is handed out is dropped at the server") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset first = asks.ask("first"), second = asks.ask("second"), third = asks.ask("third");
    all.settle();
    REQUIRE(serves.take() == "first");
    asks.protocol->give_up(second);
    all.run_for(20ms);
    REQUIRE(serves.take() == "third");
    CHECK(serves.take().empty());
    REQUIRE(serves.reply("1"));
    REQUIRE(serves.reply("3"));
    all.run_for(20ms);
    CHECK(asks.reply_to(first) == "1");
    CHECK(asks.reply_to(third) == "3");
    CHECK(asks.stats().unsettled == 0);
    CHECK(asks.stats().in_flight == 0);
}

TEST_CASE("the deadline goes with the request, and what is over is not handed out") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    const auto way = all.connect(asks, serves);
    const offset in_hand = asks.ask("long");
    const offset waits = asks.ask_within("short", 100ms);
    all.settle();
    REQUIRE(serves.take() == "long");
    // The requester is not heard of any more: no cancel comes.
    way->passes = [](int end, const in_flight&) { return end == 0; };
    all.run_for(110ms);
    CHECK(serves.take().empty());
    CHECK(serves.take().empty());
    way->passes = {};
    REQUIRE(serves.reply("done"));
    all.run_for(20ms);
    CHECK(asks.reply_to(in_hand) == "done");
    CHECK(asks.reply_to(waits) == "expired: deadline");
}

TEST_CASE("a deadline without any server is `expired`, with a server that has it `unknown`") {
    world all;
    node asks{all, pattern::req, 1};
    const offset alone = asks.ask_within("nobody", 50ms);
    all.run_for(60ms);
    CHECK(asks.reply_to(alone) == "expired: deadline");

    node serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset in_hand = asks.ask_within("somebody", 50ms);
    all.settle();
    REQUIRE(serves.take() == "somebody");
    all.run_for(60ms);
    CHECK(asks.reply_to(in_hand) == "unknown: deadline");
    REQUIRE(serves.reply("late"));
    all.settle();
    CHECK(asks.stats().stale_settlements >= 1);
    CHECK(asks.stats().unsettled == 0);
}

TEST_CASE("what a handler nacks is tried again; what it rejects is refused, with its words") {
    world all;
    ack_retry options;
    options.backoff_min = 10ms;
    options.backoff_max = 20ms;
    node asks{all, pattern::req, 1, options}, serves{all, pattern::rep, 2, options};
    all.connect(asks, serves);
    const offset again = asks.ask("again"), never_again = asks.ask("bad");
    all.settle();
    REQUIRE(serves.take() == "again");
    serves.drop();  // unanswered
    all.run_for(5ms);
    REQUIRE(serves.take() == "bad");
    serves.held.front().reject("no such order");
    serves.drop();
    all.run_for(60ms);
    REQUIRE(serves.take() == "again");
    CHECK(serves.held.front().attempt() == 2);
    REQUIRE(serves.reply("at last"));
    all.settle();
    CHECK(asks.reply_to(again) == "at last");
    CHECK(asks.reply_to(never_again) == "refused: no such order");
    CHECK(asks.stats().dead == 0);
    CHECK(asks.stats().stored_bytes == 0);
}

TEST_CASE("row 70: a request that is nacked each time ends after attempts_max") {
    world all;
    ack_retry options;
    options.backoff_min = options.backoff_max = 10ms;
    options.attempts_max = 3;
    options.pause_after_failures = 0;
    node asks{all, pattern::req, 1, options}, serves{all, pattern::rep, 2, options};
    all.connect(asks, serves);
    const offset at = asks.ask("poison");
    int tries = 0;
    for (int i = 0; i < 20; ++i) {
        all.run_for(15ms);
        if (serves.take().empty()) continue;
        ++tries;
        serves.drop();
    }
    CHECK(tries == 3);
    CHECK(asks.reply_to(at).starts_with("refused"));
    CHECK(asks.stats().unsettled == 0);
}

TEST_CASE("row 73: a handler over its time limit: `unknown`, unless it may be repeated; its reply is refused") {
    world all;
    ack_retry options;
    options.handler_max = 100ms;
    options.backoff_min = options.backoff_max = 10ms;
    node asks{all, pattern::req, 1, options}, serves{all, pattern::rep, 2, options};
    all.connect(asks, serves);
    const offset once = asks.ask("once"), often = asks.ask("often", {.idempotent = true});
    all.settle();
    REQUIRE(serves.take() == "once");
    all.run_for(10ms);
    REQUIRE(serves.take() == "often");
    all.run_for(150ms);
    CHECK(asks.reply_to(once).starts_with("unknown"));
    CHECK(serves.reply("late").failed(errc::unreachable));
    REQUIRE(serves.take() == "often");
    CHECK(serves.held.back().attempt() == 2);
    REQUIRE(serves.reply("twice", 1));
    all.settle();
    CHECK(asks.reply_to(often) == "twice");
}

TEST_CASE("a duplicate of a reply changes nothing") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    const auto way = all.connect(asks, serves);
    const offset at = asks.ask("q");
    all.settle();
    // The requester's word that it has the reply does not arrive: so the reply comes again with the link.
    bool block = false;
    way->passes = [&](int end, const in_flight& what) {
        return !(block && end == 1 && std::holds_alternative<ack_frame>(what.frame().content));
    };
    REQUIRE(serves.take() == "q");
    block = true;
    REQUIRE(serves.reply("a"));
    all.settle();
    CHECK(asks.reply_to(at) == "a");
    all.cut(*way);
    all.settle();
    CHECK(serves.stats().stored_bytes > 0);
    all.connect(asks, serves);
    all.run_for(50ms);
    CHECK(asks.stats().stale_settlements >= 1);
    CHECK(serves.stats().stored_bytes == 0);
    CHECK(asks.reply_to(at).starts_with("invalid_argument"));
    CHECK(serves.take().empty());
}

TEST_CASE("a drained server gives back what it has not begun, and answers what it has") {
    world all;
    node asks{all, pattern::req, 1}, leaves{all, pattern::rep, 2};
    all.connect(asks, leaves);
    const offset first = asks.ask("first"), second = asks.ask("second");
    all.settle();
    REQUIRE(leaves.take() == "first");
    leaves.protocol->drain();
    node stays{all, pattern::rep, 3};
    all.connect(asks, stays);
    all.run_for(20ms);
    CHECK_FALSE(leaves.protocol->drained());
    REQUIRE(stays.take() == "second");
    REQUIRE(leaves.reply("1"));
    REQUIRE(stays.reply("2"));
    all.run_for(20ms);
    CHECK(leaves.protocol->drained());
    CHECK(asks.reply_to(first) == "1");
    CHECK(asks.reply_to(second) == "2");
}
