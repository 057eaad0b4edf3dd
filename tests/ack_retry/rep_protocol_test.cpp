// A server that loses its link, and what it keeps for who asked.
#include "ack_retry/req_rep_world.hpp"

#include "test_main.hpp"

using namespace req_rep;

TEST_CASE("replies that the link has not taken survive a short loss") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    auto way = all.connect(asks, serves);
    const offset at = asks.ask("q");
    all.settle();
    REQUIRE(serves.take() == "q");
    all.cut(*way);
    all.settle();
    REQUIRE(serves.reply("a"));  // there is no link now
    all.run_for(50ms);
    CHECK(asks.reply_to(at).empty());
    all.connect(asks, serves);
    all.settle();
    CHECK(asks.reply_to(at) == "a");
    CHECK(serves.take().empty());
}

TEST_CASE("a finished request whose reply was lost on the way is not executed again, but answered again") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    auto way = all.connect(asks, serves);
    const offset at = asks.ask("q");
    all.settle();
    REQUIRE(serves.take() == "q");
    way->passes = [](int end, const in_flight&) { return end == 1; };  // nothing comes to the requester
    REQUIRE(serves.reply("a"));
    all.run_for(20ms);
    CHECK(asks.reply_to(at).empty());
    all.cut(*way);
    all.settle();
    all.connect(asks, serves);
    all.run_for(20ms);
    CHECK(asks.reply_to(at) == "a");
    CHECK(serves.take().empty());
    CHECK(serves.stats().stored_bytes == 0);
}

TEST_CASE("what is in hand stays there through a loss, and what only waits is asked again") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    auto way = all.connect(asks, serves);
    const offset first = asks.ask("first"), second = asks.ask("second");
    all.settle();
    REQUIRE(serves.take() == "first");
    all.run_for(20ms);
    all.cut(*way);
    all.settle();
    CHECK(serves.take().empty());
    all.connect(asks, serves);
    all.run_for(20ms);
    REQUIRE(serves.take() == "second");
    CHECK(serves.take().empty());
    CHECK(serves.held.back().attempt() == 1);
    REQUIRE(serves.reply("1"));
    REQUIRE(serves.reply("2"));
    all.run_for(20ms);
    CHECK(asks.reply_to(first) == "1");
    CHECK(asks.reply_to(second) == "2");
}

TEST_CASE("requests of who is gone for good are not handed out") {
    world all;
    auto asks = std::make_unique<node>(all, pattern::req, 1);
    node serves{all, pattern::rep, 2};
    all.connect(*asks, serves);
    asks->ask("first");
    asks->ask("second");
    all.settle();
    REQUIRE(serves.take() == "first");
    asks->die();
    all.settle();
    CHECK(serves.take().empty());
    REQUIRE(serves.reply("to nobody, as far as is known"));  // it may come again, within its lease
    all.run_for(10s);
    CHECK(serves.stats().stored_bytes == 0);
    CHECK(serves.protocol->drained());
}

TEST_CASE("a reply to who is gone for good is refused by name") {
    world all;
    auto asks = std::make_unique<node>(all, pattern::req, 1);
    node serves{all, pattern::rep, 2};
    all.connect(*asks, serves);
    asks->ask("q");
    all.settle();
    REQUIRE(serves.take() == "q");
    asks->die();
    all.run_for(10s);
    CHECK(serves.reply("a").failed(errc::unreachable));
}

TEST_CASE("replies that nobody takes hold up that requester's requests at the credit's bytes") {
    world all;
    ack_retry little;
    little.credit_bytes = 64u << 10;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2, little};
    const auto way = all.connect(asks, serves);
    for (int i = 0; i < 200; ++i) asks.ask("q");
    all.settle();
    way->passes = [](int end, const in_flight& what) {  // replies do not come, but the agreement does
        return end == 1 || !std::holds_alternative<reply_frame>(what.frame().content);
    };
    const std::string large(10'000, 'r');
    int replied = 0;
    for (int i = 0; i < 100 && !serves.take().empty(); ++i, ++replied) REQUIRE(serves.reply(large));
    CHECK(replied >= 6);
    CHECK(replied <= 8);
    CHECK(serves.stats().stored_bytes < (80u << 10));
}

TEST_CASE("a request can be answered once") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset at = asks.ask("q");
    all.settle();
    REQUIRE(serves.take() == "q");
    delivery& asked = serves.held.front();
    const settlement to{delivery_access::held(asked), asked.at(), asked.attempt(), verdict::ack};
    add_references(*to.batch, 1);  // it would go with the first reply
    REQUIRE(serves.protocol->reply(to, {.body = as_bytes(std::string_view{"a"})}));
    CHECK(serves.protocol->reply(to, {.body = as_bytes(std::string_view{"b"})}).failed(errc::unreachable));
    delivery_access::take(asked);
    release(to.batch);
    all.settle();
    CHECK(asks.reply_to(at) == "a");
}

TEST_CASE("an ack without a word is an empty reply") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset at = asks.ask("q");
    all.settle();
    REQUIRE(serves.take() == "q");
    serves.held.front().ack();
    all.settle();
    message reply;
    status why;
    REQUIRE(asks.protocol->take_reply(at, reply, why) == tried::done);
    CHECK(reply.body().empty());
}

TEST_CASE("a reply above the limit is too large, and the request can still be answered") {
    world all;
    node asks{all, pattern::req, 1}, serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    const offset at = asks.ask("q");
    all.settle();
    REQUIRE(serves.take() == "q");
    delivery& asked = serves.held.front();
    const std::string large((16u << 20) + 1, 'x');
    const settlement to{delivery_access::held(asked), asked.at(), asked.attempt(), verdict::ack};
    CHECK(serves.protocol->reply(to, {.body = as_bytes(large)}).failed(errc::too_large));
    REQUIRE(serves.reply("small"));
    all.settle();
    CHECK(asks.reply_to(at) == "small");
}
