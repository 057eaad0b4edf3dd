#include <algorithm>
#include <thread>

#include "core/inproc_side.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

namespace {

void join(inproc_side& binder, inproc_side& connecter, bool bind_first) {
    if (bind_first) REQUIRE(binder.bind("here"));
    REQUIRE(connecter.connect("here"));
    if (!bind_first) REQUIRE(binder.bind("here"));
}

}  // namespace

TEST_CASE("inproc: push and pull join in any order and with either side bound") {
    inproc_world world;
    const bool bind_first = GENERATE(true, false);
    const bool push_binds = GENERATE(true, false);
    auto out = world.make(pattern::push);
    auto in = world.make(pattern::pull);
    push_binds ? join(out, in, bind_first) : join(in, out, bind_first);

    CHECK_FALSE(in.carrier.refresh().in);
    CHECK(out.send("one") == io::done);
    CHECK(out.send_frames({"two", "", "three"}) == io::done);
    CHECK(in.carrier.refresh().in);
    CHECK(in.text() == "one");
    const auto second = in.recv();
    REQUIRE(second);
    REQUIRE(second->frame_count() == 3);
    CHECK(as_text(second->frame(0)) == "two");
    CHECK(as_text(second->frame(2)) == "three");
    CHECK_FALSE(in.recv());
    CHECK(in.peers->count() == 1);
    CHECK(out.peers->rows().at(0).endpoint == "inproc://here");
    CHECK(out.peers->rows().at(0).address == "inproc://here");
}

TEST_CASE("inproc: a name has one binder, and what is not there is not found") {
    inproc_world world;
    auto first = world.make(pattern::pull);
    auto second = world.make(pattern::pull);
    REQUIRE(first.carrier.bind(inproc_at("here")).value() == "inproc://here");
    CHECK(second.bind("here").failed(errc::address_in_use));
    CHECK(first.bind("here").failed(errc::address_in_use));
    CHECK(second.carrier.unbind("inproc://here").failed(errc::not_found));
    CHECK(second.carrier.disconnect("inproc://here").failed(errc::not_found));
    CHECK(first.carrier.unbind("inproc://here"));
    CHECK(second.bind("here"));
}

TEST_CASE("inproc: messages queue for a binder that is not there yet, unless the sender waits for peers") {
    inproc_world world;
    auto options = queue_of(3);
    auto patient = world.make(pattern::push, options);
    options.wait_for_peer = true;
    auto careful = world.make(pattern::push, options);
    CHECK(patient.send("nowhere to go") == io::would_block);
    REQUIRE(patient.connect("here"));
    REQUIRE(careful.connect("here"));
    for (int i = 0; i < 3; ++i) CHECK(patient.send("early") == io::done);
    CHECK(patient.send("one too many") == io::would_block);
    CHECK(patient.carrier.unsent() == 3);
    CHECK(careful.send("early") == io::would_block);
    CHECK_FALSE(careful.carrier.refresh().out);

    auto in = world.make(pattern::pull);
    REQUIRE(in.bind("here"));
    CHECK(careful.carrier.refresh().out);
    CHECK(careful.send("late") == io::done);
    CHECK(patient.send("late") == io::done);
    CHECK(patient.carrier.unsent() == 0);
    int received = 0;
    while (in.recv()) ++received;
    CHECK(received == 5);
}

TEST_CASE("inproc: what a connected push queued goes to the next binder, in order") {
    inproc_world world;
    auto out = world.make(pattern::push);
    REQUIRE(out.connect("here"));
    {
        auto first = world.make(pattern::pull);
        REQUIRE(first.bind("here"));
        for (const char* text : {"1", "2", "3"}) REQUIRE(out.send(text) == io::done);
        CHECK(first.text() == "1");
    }
    CHECK(out.peers->count() == 0);
    CHECK(out.send("4") == io::done);
    auto second = world.make(pattern::pull);
    REQUIRE(second.bind("here"));
    for (const char* text : {"2", "3", "4"}) CHECK(second.text() == text);

    // joined, left, joined
    int joined = 0, left = 0;
    while (const auto happened = out.next_event()) {
        joined += happened->kind == event_kind::peer_joined;
        left += happened->kind == event_kind::peer_left;
    }
    CHECK(joined == 2);
    CHECK(left == 1);
}

TEST_CASE("inproc: an unbind ends the links that came by it, and what was sent waits for the next bind") {
    inproc_world world;
    auto binder = world.make(pattern::pull);
    auto early = world.make(pattern::push), late = world.make(pattern::push);
    REQUIRE(binder.bind("here"));
    REQUIRE(early.connect("here"));
    REQUIRE(early.send("1") == io::done);
    CHECK(binder.text() == "1");
    REQUIRE(binder.carrier.unbind("inproc://here"));
    REQUIRE(late.connect("here"));
    REQUIRE(late.send("late") == io::done);
    CHECK(early.peers->count() == 0);
    CHECK(late.peers->count() == 0);
    CHECK_FALSE(binder.recv());
    REQUIRE(binder.bind("here"));
    CHECK(binder.text() == "late");
    CHECK(binder.peers->count() == 2);
}

TEST_CASE("inproc: what a closed sender left behind is still read, and then its place is free") {
    inproc_world world;
    auto in = world.make(pattern::pull);
    REQUIRE(in.bind("here"));
    for (int i = 0; i < 3; ++i) {
        auto out = world.make(pattern::push);
        REQUIRE(out.connect("here"));
        REQUIRE(out.send(std::to_string(i)) == io::done);
    }
    CHECK(in.peers->count() == 0);
    std::string all;
    for (int i = 0; i < 3; ++i) all += in.text();
    std::sort(all.begin(), all.end());
    CHECK(all == "012");
    CHECK_FALSE(in.recv());
}

TEST_CASE("inproc: patterns that do not fit never pair, and both sides are told why") {
    inproc_world world;
    auto out = world.make(pattern::push);
    auto rep = world.make(pattern::rep);
    REQUIRE(rep.bind("here"));
    REQUIRE(out.connect("here"));
    const auto seen_here = out.next_event();
    const auto seen_there = rep.next_event();
    REQUIRE((seen_here && seen_there));
    CHECK(seen_here->kind == event_kind::mismatch_suspected);
    CHECK(seen_here->endpoint == "inproc://here");
    CHECK(seen_here->detail.find("push") != std::string::npos);
    CHECK(seen_here->detail.find("rep") != std::string::npos);
    CHECK(seen_there->kind == event_kind::mismatch_suspected);
    CHECK(out.peers->count() == 0);

    rep.carrier.shut({});
    auto in = world.make(pattern::pull);
    REQUIRE(in.bind("here"));
    REQUIRE(out.send("fits") == io::done);
    CHECK(in.text() == "fits");
}

TEST_CASE("inproc: push goes round its pulls and skips the full ones") {
    inproc_world world;
    auto out = world.make(pattern::push, queue_of(1));
    REQUIRE(out.bind("here"));
    auto small = world.make(pattern::pull, queue_of(1));
    auto large = world.make(pattern::pull, queue_of(5));
    REQUIRE(small.connect("here"));
    REQUIRE(large.connect("here"));
    for (int i = 0; i < 8; ++i) CHECK(out.send("x") == io::done);
    CHECK(out.send("x") == io::would_block);
    CHECK_FALSE(out.carrier.refresh().out);
    int at_small = 0, at_large = 0;
    while (small.recv()) ++at_small;
    CHECK(out.carrier.refresh().out);
    while (large.recv()) ++at_large;
    CHECK(at_small == 2);
    CHECK(at_large == 6);
    REQUIRE(small.carrier.disconnect("inproc://here"));
    CHECK(out.send("y") == io::done);
    CHECK(large.text() == "y");
    large.carrier.shut({});
    CHECK(out.send("z") == io::would_block);
}

TEST_CASE("inproc: pull takes from all pushes") {
    inproc_world world;
    auto in = world.make(pattern::pull);
    REQUIRE(in.bind("here"));
    auto busy = world.make(pattern::push);
    auto quiet = world.make(pattern::push);
    REQUIRE(busy.connect("here"));
    REQUIRE(quiet.connect("here"));
    for (int i = 0; i < 1000; ++i) REQUIRE(busy.send("busy") == io::done);
    REQUIRE(quiet.send("quiet") == io::done);
    int before = 0;
    while (in.text() != "quiet") REQUIRE(++before <= 200);
}

TEST_CASE("inproc: a message above the receiver's limit is not delivered, and both sides see the link end") {
    inproc_world world;
    auto out = world.make(pattern::push);
    socket_options options;
    options.message_bytes_max = 10;
    auto in = world.make(pattern::pull, options);
    join(in, out, true);
    REQUIRE(out.send("0123456789") == io::done);
    REQUIRE(out.send("0123456789A") == io::done);
    REQUIRE(out.send("next") == io::done);
    CHECK(in.text() == "0123456789");
    CHECK(in.text() == "next");
    for (auto* side : {&in, &out}) {
        CHECK(side->peers->count() == 1);
        CHECK(side->next_event()->kind == event_kind::peer_joined);
        const auto left = side->next_event();
        REQUIRE(left);
        CHECK(left->kind == event_kind::peer_left);
        CHECK(left->detail.find("message_bytes_max") != std::string::npos);
        CHECK(side->next_event()->kind == event_kind::peer_joined);
    }
}

TEST_CASE("inproc: a message is shared, not copied, and its memory is returned") {
    inproc_world world;
    bool returned = false;
    const std::string large(100'000, 'x');
    {
        auto out = world.make(pattern::push);
        auto in = world.make(pattern::pull);
        join(in, out, true);
        REQUIRE(out.send_whole(message::take(large.data(), large.size(), [&] { returned = true; })) == io::done);
        auto received = in.recv();
        REQUIRE(received);
        CHECK(static_cast<const void*>(received->body().data()) == large.data());
        CHECK_FALSE(returned);
        received.reset();
        CHECK(returned);

        returned = false;
        message body = message::take(large.data(), large.size(), [&] { returned = true; });
        const std::vector<bytes> frames{as_bytes("envelope"), {}, body.body()};
        REQUIRE(out.carrier.try_send({.frames = frames, .owner = &body, .owner_first = 2}) == io::done);
        body = {};
        received = in.recv();
        REQUIRE(received);
        REQUIRE(received->frame_count() == 3);
        CHECK(as_text(received->frame(0)) == "envelope");
        CHECK(static_cast<const void*>(received->frame(2).data()) == large.data());
        CHECK_FALSE(returned);
        received.reset();
        CHECK(returned);

        returned = false;
        REQUIRE(out.send_whole(message::take(large.data(), large.size(), [&] { returned = true; })) == io::done);
        in.carrier.shut({});
        CHECK_FALSE(returned);  // it waits for the next binder
    }
    CHECK(returned);
}

TEST_CASE("inproc: what waits for a connected pull that closes is released at once") {
    inproc_world world;
    bool returned = false;
    const std::string large(100'000, 'x');
    auto out = world.make(pattern::push);
    auto in = world.make(pattern::pull);
    join(out, in, true);
    REQUIRE(out.send_whole(message::take(large.data(), large.size(), [&] { returned = true; })) == io::done);
    in.carrier.shut({});
    CHECK(returned);
}

TEST_CASE("inproc: no wake-up is lost between two threads, however small the queue") {
    const std::size_t limit = GENERATE(1u, 2u, 7u, 1000u);
    const bool push_binds = GENERATE(true, false);
    constexpr int count = 100'000;
    inproc_world world;
    auto out = world.make(pattern::push, queue_of(limit));
    auto in = world.make(pattern::pull, queue_of(limit));
    push_binds ? join(out, in, true) : join(in, out, false);
    bool all_sent = true;
    std::thread sender{[&] {
        for (int i = 0; i < count && all_sent; ++i) all_sent = out.send_waiting(std::to_string(i));
    }};
    int wrong = 0, received = 0;
    for (; received < count; ++received) {
        const auto next = in.recv_waiting();
        if (!next) break;
        wrong += next->text() != std::to_string(received);
    }
    sender.join();
    CHECK(all_sent);
    CHECK(received == count);
    CHECK(wrong == 0);
}

TEST_CASE("inproc: binders come and go under a sender at full speed, and nothing it queued is lost or doubled") {
    constexpr int count = 20'000;
    inproc_world world;
    auto out = world.make(pattern::push, queue_of(50));
    REQUIRE(out.connect("here"));
    bool all_sent = true;
    std::thread sender{[&] {
        for (int i = 0; i < count && all_sent; ++i) all_sent = out.send_waiting(std::to_string(i));
    }};
    int wrong = 0, received = 0;
    while (received < count) {
        auto in = world.make(pattern::pull, queue_of(50));
        REQUIRE(in.bind("here"));
        for (int i = 0; i < 100 && received < count; ++i, ++received) {
            const auto next = in.recv_waiting();
            if (!next) break;
            wrong += next->text() != std::to_string(received);
        }
    }
    sender.join();
    CHECK(all_sent);
    CHECK(wrong == 0);
}

TEST_CASE("inproc: connecters come and go under a receiver, and each delivers all it sent") {
    constexpr int rounds = 300, each = 20;
    inproc_world world;
    auto in = world.make(pattern::pull);
    REQUIRE(in.bind("here"));
    const auto come_and_go = [&] {
        for (int round = 0; round < rounds; ++round) {
            auto out = world.make(pattern::push);
            if (!out.connect("here")) return;
            for (int i = 0; i < each; ++i) out.send_waiting("x");
        }
    };
    std::thread first{come_and_go}, second{come_and_go};
    int received = 0;
    while (received < 2 * rounds * each && in.recv_waiting()) ++received;
    first.join();
    second.join();
    CHECK(received == 2 * rounds * each);
    CHECK_FALSE(in.recv());
    CHECK(in.peers->count() == 0);
}

TEST_CASE("inproc: closing says whether messages were given up for want of a binder") {
    inproc_world world;
    auto alone = world.make(pattern::push);
    REQUIRE(alone.connect("nobody"));
    REQUIRE(alone.send("lost") == io::done);
    alone.carrier.shut({});
    CHECK(alone.goodbye->wait_until(std::chrono::steady_clock::now()).failed(errc::timed_out));

    auto out = world.make(pattern::push);
    auto in = world.make(pattern::pull);
    join(in, out, false);
    REQUIRE(out.send("kept") == io::done);
    out.carrier.shut({});
    CHECK(out.goodbye->wait_until(std::chrono::steady_clock::now()));
    CHECK(in.text() == "kept");
}
