// What a requester does when its servers die, lie and come back.
#include "ack_retry/req_rep_world.hpp"

#include "test_main.hpp"

using namespace req_rep;

namespace {

ack_retry quick() {
    ack_retry options;
    options.backoff_min = options.backoff_max = 10ms;
    return options;
}

}  // namespace

TEST_CASE("a server dies before it has handed out: its requests go elsewhere at once, and none is in doubt") {
    world all;
    node asks{all, pattern::req, 1};
    auto dies = std::make_unique<node>(all, pattern::rep, 2);
    all.connect(asks, *dies);
    const offset first = asks.ask("first");
    std::vector<offset> others;
    for (int i = 0; i < 20; ++i) others.push_back(asks.ask("other"));
    all.settle();
    REQUIRE(dies->take() == "first");
    all.run_for(20ms);
    node lives{all, pattern::rep, 3};
    all.connect(asks, lives);
    CHECK(lives.take().empty());
    dies->die();
    for (int i = 0; i < 10; ++i) {
        all.settle();
        lives.serve();
    }
    for (const offset at : others) CHECK(asks.reply_to(at) == "other!");
    CHECK(asks.reply_to(first).empty());  // its server may come back
}

TEST_CASE("row 58: a server dies with a request in hand: `unknown` when its lease is over, before the deadline") {
    world all;
    node asks{all, pattern::req, 1}, lives{all, pattern::rep, 3};
    auto dies = std::make_unique<node>(all, pattern::rep, 2);
    all.connect(asks, *dies);
    const offset at = asks.ask_within("once", 60s);
    all.settle();
    REQUIRE(dies->take() == "once");
    all.connect(asks, lives);
    dies->die();
    all.run_for(11s);
    CHECK(asks.reply_to(at).starts_with("unknown"));
    CHECK(lives.take().empty());
    CHECK(asks.stats().unsettled == 0);
    CHECK(asks.stats().stored_bytes == 0);
}

TEST_CASE("row 58: the deadline comes before the lease is over: `unknown` by the deadline") {
    world all;
    node asks{all, pattern::req, 1};
    auto dies = std::make_unique<node>(all, pattern::rep, 2);
    all.connect(asks, *dies);
    const offset at = asks.ask_within("once", 1s);
    all.settle();
    REQUIRE(dies->take() == "once");
    dies->die();
    all.run_for(1100ms);
    CHECK(asks.reply_to(at) == "unknown: deadline");
}

TEST_CASE("an idempotent request in hand is repeated elsewhere, and that counts as an attempt") {
    world all;
    node asks{all, pattern::req, 1, quick()}, lives{all, pattern::rep, 3};
    auto dies = std::make_unique<node>(all, pattern::rep, 2);
    all.connect(asks, *dies);
    const offset at = asks.ask_within("often", 60s, true);
    all.settle();
    REQUIRE(dies->take() == "often");
    all.connect(asks, lives);
    dies->die();
    all.run_for(50ms);
    REQUIRE(lives.take() == "often");
    CHECK(lives.held.back().attempt() == 2);
    REQUIRE(lives.reply("done"));
    all.settle();
    CHECK(asks.reply_to(at) == "done");
}

TEST_CASE("an idempotent request that may have been executed is never called expired") {
    world all;
    node asks{all, pattern::req, 1, quick()};
    auto dies = std::make_unique<node>(all, pattern::rep, 2);
    all.connect(asks, *dies);
    const offset at = asks.ask_within("often", 1s, true);
    all.settle();
    REQUIRE(dies->take() == "often");
    dies->die();
    all.run_for(1100ms);
    CHECK(asks.reply_to(at).starts_with("unknown"));
}

TEST_CASE("a server dies after its reply: the caller has it, whatever the server has heard") {
    world all;
    node asks{all, pattern::req, 1};
    auto dies = std::make_unique<node>(all, pattern::rep, 2);
    all.connect(asks, *dies);
    const offset at = asks.ask("q");
    all.settle();
    REQUIRE(dies->take() == "q");
    REQUIRE(dies->reply("a"));
    all.settle();
    dies->die();
    all.run_for(11s);
    CHECK(asks.reply_to(at) == "a");
}

TEST_CASE("a server that is started anew has nothing of the old one's: `unknown` at once") {
    world all;
    ack_retry named;
    named.identity = "the server";
    node asks{all, pattern::req, 1};
    auto dies = std::make_unique<node>(all, pattern::rep, 2, named);
    all.connect(asks, *dies);
    const offset at = asks.ask_within("once", 60s);
    const offset waits = asks.ask("waits");
    all.settle();
    REQUIRE(dies->take() == "once");
    all.run_for(20ms);
    dies->die();
    all.settle();
    node again{all, pattern::rep, 4, named};
    all.connect(asks, again);
    all.settle();
    CHECK(asks.reply_to(at).starts_with("unknown"));
    REQUIRE(again.take() == "waits");
    REQUIRE(again.reply("done"));
    all.settle();
    CHECK(asks.reply_to(waits) == "done");
}

TEST_CASE("row 54: a server that was cut off never executes what has gone elsewhere") {
    world all;
    node asks{all, pattern::req, 1}, cut_off{all, pattern::rep, 2}, other{all, pattern::rep, 3};
    const auto way = all.connect(asks, cut_off);
    const offset first = asks.ask("first"), second = asks.ask("second");
    all.settle();
    REQUIRE(cut_off.take() == "first");
    all.run_for(20ms);
    // The requester takes it for lost; it has noticed nothing, and goes on asking for work.
    cut_off.stopped = true;
    all.connect(asks, other);
    all.run_for(15s);
    REQUIRE(other.take() == "second");
    REQUIRE(other.reply("2"));
    all.settle();
    CHECK(asks.reply_to(second) == "2");
    CHECK(cut_off.take_now().empty());
    CHECK(asks.reply_to(first).starts_with("unknown"));
    cut_off.stopped = false;
    all.run_for(3s);
    CHECK(cut_off.take().empty());
    CHECK(way->up);
}

TEST_CASE("the first of two replies is the reply; the second is dropped and counted") {
    world all;
    node asks{all, pattern::req, 1, quick()}, slow{all, pattern::rep, 2}, quick_one{all, pattern::rep, 3};
    const auto way = all.connect(asks, slow);
    const offset at = asks.ask("often", {.idempotent = true});
    all.settle();
    REQUIRE(slow.take() == "often");
    all.connect(asks, quick_one);
    all.cut(*way);
    all.run_for(50ms);
    REQUIRE(quick_one.take() == "often");
    all.connect(asks, slow);
    all.settle();
    REQUIRE(slow.reply("from the first"));
    all.settle();
    CHECK(asks.reply_to(at) == "from the first");
    REQUIRE(quick_one.reply("from the second"));
    all.settle();
    CHECK(asks.stats().stale_settlements >= 1);
    CHECK(asks.stats().unsettled == 0);
    CHECK(asks.stats().in_flight == 0);
}

TEST_CASE("row 91: a reply from who was never asked is ignored and counted") {
    world all;
    node asks{all, pattern::req, 1}, honest{all, pattern::rep, 2}, liar{all, pattern::rep, 3};
    all.connect(asks, honest);
    const offset at = asks.ask("secret");
    all.settle();
    REQUIRE(honest.take() == "secret");
    const stream_id stream = honest.held.front().stream();
    const auto way = all.connect(asks, liar);
    const offset mine = asks.ask("for the liar");
    all.settle();
    REQUIRE(liar.take() == "for the liar");
    // Its reply frame is changed on the way: it answers another's request.
    batch_builder forged{stream};
    forged.add(at, {.body = as_bytes(std::string_view{"forged"})}, 1u << 20);
    const batch_ref batch = forged.seal({});
    REQUIRE(liar.reply("honest for once"));
    for (in_flight& frame : way->to[0]) {
        link_frame decoded = frame.frame();
        auto* const reply = std::get_if<reply_frame>(&decoded.content);
        if (reply == nullptr) continue;
        std::memcpy(&reply->batch_checksum, batch.view.data().data() + batch_header_bytes - 8, 8);
        encode(decoded, frame.envelope);
        frame.body = message{batch.view.data()};
    }
    all.settle();
    CHECK(asks.reply_to(at).empty());
    CHECK(asks.reply_to(mine).empty());
    CHECK(asks.stats().stale_settlements >= 1);
    REQUIRE(honest.reply("true"));
    all.settle();
    CHECK(asks.reply_to(at) == "true");
}

TEST_CASE("requests wait for a server, and go to the first that comes") {
    world all;
    node asks{all, pattern::req, 1};
    const offset at = asks.ask("early");
    all.run_for(100ms);
    node serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    CHECK(serves.serve() == 1);
    all.settle();
    CHECK(asks.reply_to(at) == "early!");
}

TEST_CASE("a request that is given up while it waits is never sent") {
    world all;
    node asks{all, pattern::req, 1};
    const offset at = asks.ask("never"), next = asks.ask("next");
    asks.protocol->give_up(at);
    node serves{all, pattern::rep, 2};
    all.connect(asks, serves);
    REQUIRE(serves.take() == "next");
    CHECK(serves.take().empty());
    REQUIRE(serves.reply("n"));
    all.run_for(20ms);
    CHECK(asks.reply_to(next) == "n");
    CHECK(asks.stats().stored_bytes == 0);
}

TEST_CASE("with the log full a request would block, until some are answered") {
    world all;
    node asks{all, pattern::req, 1};
    const std::string large(1u << 20, 'x');
    std::size_t taken = 0;
    std::vector<offset> asked;
    for (; taken < 200; ++taken) {
        const offset at = asks.ask(large);
        if (at == 0) break;
        asked.push_back(at);
    }
    CHECK(taken >= 60);
    CHECK(taken <= 70);
    CHECK_FALSE(asks.protocol->ready().out);
    asks.protocol->give_up(asked.front());
    asks.protocol->give_up(asked[1]);
    asks.protocol->give_up(asked[2]);
    all.settle();
    CHECK(asks.protocol->ready().out);
    CHECK(asks.ask(large) != 0);
}

TEST_CASE("a deadline that is over is refused before anything is taken") {
    world all;
    node asks{all, pattern::req, 1};
    offset given = 0;
    status why;
    CHECK(asks.protocol->request({}, {.deadline = all.time.now() - 1ms}, given, why) == tried::failed);
    CHECK(why.failed(errc::expired));
    CHECK(asks.stats().unsettled == 0);
}
