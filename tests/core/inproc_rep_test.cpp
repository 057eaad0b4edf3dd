#include <thread>

#include "core/inproc_side.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

TEST_CASE("inproc: a reply finds the req that asked, whoever binds") {
    inproc_world world;
    const bool rep_binds = GENERATE(true, false);
    auto rep = world.make(pattern::rep);
    auto first = world.make(pattern::req);
    auto second = world.make(pattern::req);
    if (rep_binds) {
        REQUIRE(rep.bind("a"));
        REQUIRE(first.connect("a"));
        REQUIRE(second.connect("a"));
    } else {
        REQUIRE(first.bind("a"));
        REQUIRE(second.bind("b"));
        REQUIRE(rep.connect("a"));
        REQUIRE(rep.connect("b"));
    }
    REQUIRE(first.send_frames({"1", "", "ask"}) == io::done);
    REQUIRE(second.send_frames({"2", "", "ask"}) == io::done);
    for (int i = 0; i < 2; ++i) {
        std::string peer;
        const auto asked = rep.recv(&peer);
        REQUIRE(asked);
        REQUIRE(peer.size() == 8);
        CHECK(rep.send_frames({as_text(asked->frame(0)), "", "answer"}, peer) == io::done);
    }
    CHECK(as_text(first.recv()->frame(0)) == "1");
    CHECK(as_text(second.recv()->frame(0)) == "2");
}

TEST_CASE("inproc: a reply to one that is gone is unreachable, to one that is full would block") {
    inproc_world world;
    auto rep = world.make(pattern::rep, queue_of(1));
    REQUIRE(rep.bind("here"));
    std::string peer;
    {
        auto req = world.make(pattern::req, queue_of(1));
        REQUIRE(req.connect("here"));
        REQUIRE(req.send("ask") == io::done);
        REQUIRE(rep.recv(&peer));
        CHECK(rep.send_frames({"answer"}, peer) == io::done);
        CHECK(rep.send_frames({"answer"}, peer) == io::done);
        CHECK(rep.send_frames({"answer"}, peer) == io::would_block);
        CHECK(req.text() == "answer");
        CHECK(rep.send_frames({"answer"}, peer) == io::done);
    }
    CHECK(rep.send_frames({"answer"}, peer) == io::unreachable);
    CHECK(rep.send_frames({"answer"}, "nonsense, too long") == io::unreachable);
    CHECK(rep.send_frames({"answer"}, "12345678") == io::unreachable);
}

TEST_CASE("inproc: a request that nobody had read is answered by the next rep, and the old rep's replies still come") {
    inproc_world world;
    auto req = world.make(pattern::req);
    REQUIRE(req.connect("here"));
    std::string peer;
    {
        auto rep = world.make(pattern::rep);
        REQUIRE(rep.bind("here"));
        REQUIRE(req.send("first") == io::done);
        REQUIRE(req.send("second") == io::done);
        REQUIRE(rep.recv(&peer)->text() == "first");
        REQUIRE(rep.send_frames({"to first"}, peer) == io::done);
    }
    auto next = world.make(pattern::rep);
    REQUIRE(next.bind("here"));
    CHECK(next.send_frames({"old name"}, peer) == io::unreachable);
    const auto asked = next.recv(&peer);
    REQUIRE(asked);
    CHECK(asked->text() == "second");
    REQUIRE(next.send_frames({"to second"}, peer) == io::done);
    CHECK(req.text().size() + req.text().size() == std::string_view{"to first"
                                                                    "to second"}
                                                       .size());
    CHECK_FALSE(req.recv());
}

TEST_CASE("inproc: a second connect of a req or a sub to one name is the first") {
    inproc_world world;
    auto rep = world.make(pattern::rep);
    auto req = world.make(pattern::req);
    REQUIRE(rep.bind("here"));
    REQUIRE(req.connect("here"));
    REQUIRE(req.connect("here"));
    CHECK(rep.peers->count() == 1);
    REQUIRE(req.carrier.disconnect("inproc://here"));
    CHECK(rep.peers->count() == 0);
}

TEST_CASE("inproc: two threads ask and answer without losing a wake-up") {
    constexpr int count = 20'000;
    inproc_world world;
    auto rep = world.make(pattern::rep);
    auto req = world.make(pattern::req);
    REQUIRE(rep.bind("here"));
    REQUIRE(req.connect("here"));
    std::thread server{[&] {
        std::string peer;
        for (int i = 0; i < count; ++i) {
            const auto asked = rep.recv_waiting(&peer);
            if (!asked || rep.send_frames({asked->text()}, peer) != io::done) return;
        }
    }};
    int wrong = 0;
    for (int i = 0; i < count; ++i) {
        req.send(std::to_string(i));
        const auto answer = req.recv_waiting();
        if (!answer) {
            wrong = -1;
            break;
        }
        wrong += answer->text() != std::to_string(i);
    }
    server.join();
    CHECK(wrong == 0);
}
