// Links over inproc: frames both ways between named peers. The same over libzmq: zmq_link_test.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include "core/inproc_side.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

namespace {

struct link_side : inproc_side {
    explicit link_side(const inproc_world& world, pattern shown = pattern::push)
        : inproc_side{world.registry, pattern::link, socket_options{}, shown} {}

    std::string dial(const std::string& name) { return carrier.dial(inproc_at(name), {}).value(); }
    std::vector<std::string> gone() {
        std::vector<std::string> names;
        carrier.take_gone(names);
        return names;
    }
    std::vector<std::string> writable() {
        std::vector<std::string> names;
        carrier.take_writable(names);
        return names;
    }
    std::string heard_from() {
        std::string peer;
        return recv_waiting(&peer) ? peer : "nobody";
    }
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("inproc link: one that is bound talks with several that dial, each by its name") {
    inproc_world world;
    link_side binder{world}, first{world}, second{world};
    const std::string to_binder = first.dial("here"), same = second.dial("here");
    REQUIRE(binder.bind("here"));
    CHECK(to_binder != same);
    REQUIRE(first.send_frames({"hello", "1"}, to_binder) == io::done);
    const std::string one = binder.heard_from();
    REQUIRE(second.send_frames({"hello", "2"}, same) == io::done);
    const std::string two = binder.heard_from();
    REQUIRE(one != two);
    CHECK(binder.send_frames({"to", "two"}, two) == io::done);
    CHECK(binder.send_frames({"to one"}, one) == io::done);
    std::string peer;
    const auto got = first.recv(&peer);
    REQUIRE(got);
    CHECK(got->text() == "to one");
    CHECK(peer == to_binder);
    const auto other = second.recv(&peer);
    REQUIRE(other);
    CHECK(other->frame_count() == 2);
    CHECK(peer == same);
    CHECK(binder.peers->count() == 2);
}

TEST_CASE("inproc link: a large body is shared, not copied") {
    inproc_world world;
    link_side binder{world}, dialer{world};
    REQUIRE(binder.bind("here"));
    const std::string to = dialer.dial("here");
    message body{std::string(100'000, 'x')};
    const std::vector<bytes> frames{as_bytes("envelope"), body.frame(0)};
    REQUIRE(dialer.carrier.try_send({.frames = frames, .owner = &body, .owner_first = 1, .peer = to}) == io::done);
    std::string peer;
    const auto got = binder.recv(&peer);
    REQUIRE(got);
    REQUIRE(got->frame_count() == 2);
    CHECK(got->frame(1).data() == body.frame(0).data());
}

TEST_CASE("inproc link: a full peer would block, the others do not, and room for it rings and is told once") {
    inproc_world world;
    link_side binder{world}, slow{world}, quick{world};
    REQUIRE(binder.bind("here"));
    slow.send_frames({"hello"}, slow.dial("here"));
    const std::string full = binder.heard_from();
    quick.send_frames({"hello"}, quick.dial("here"));
    const std::string other = binder.heard_from();
    for (std::size_t i = 0; i < link_receive_messages_max; ++i) REQUIRE(binder.send_frames({"x"}, full) == io::done);
    CHECK(binder.send_frames({"x"}, full) == io::would_block);
    CHECK(binder.send_frames({"x"}, other) == io::done);
    CHECK_FALSE(binder.carrier.refresh().out);
    CHECK(binder.writable().empty());
    for (int i = 0; i < 4; ++i) REQUIRE(slow.recv());
    REQUIRE(binder.sleep_until(&readiness::out));
    CHECK(binder.writable() == names{full});
    CHECK_FALSE(binder.carrier.refresh().out);
    CHECK(binder.send_frames({"x"}, full) == io::done);
}

TEST_CASE("inproc link: room is told although another send has found it first") {
    inproc_world world;
    link_side binder{world}, slow{world};
    REQUIRE(binder.bind("here"));
    slow.send_frames({"hello"}, slow.dial("here"));
    const std::string full = binder.heard_from();
    while (binder.send_frames({"x"}, full) == io::done) {}
    for (int i = 0; i < 4; ++i) REQUIRE(slow.recv());
    CHECK(binder.send_frames({"x"}, full) == io::done);
    CHECK(binder.writable() == names{full});
}

TEST_CASE("inproc link: a peer that left is told, and is unreachable, when all that it sent is read") {
    inproc_world world;
    link_side binder{world};
    REQUIRE(binder.bind("here"));
    std::string peer;
    {
        link_side dialer{world};
        dialer.send_frames({"hello"}, dialer.dial("here"));
        REQUIRE(binder.recv(&peer));
        CHECK(binder.carrier.take_changes());
        CHECK_FALSE(binder.carrier.take_changes());
        dialer.send_frames({"last words"}, dialer.dial("here"));
    }
    CHECK_FALSE(binder.carrier.refresh().news);
    CHECK_FALSE(binder.carrier.take_changes());
    CHECK(binder.gone().empty());
    CHECK(binder.send_frames({"x"}, peer) == io::would_block);
    CHECK(binder.text() == "last words");
    CHECK(binder.carrier.refresh().news);
    CHECK(binder.carrier.take_changes());
    CHECK(binder.gone() == names{peer});
    CHECK(binder.send_frames({"x"}, peer) == io::unreachable);
    CHECK_FALSE(binder.carrier.refresh().news);
    CHECK(binder.gone().empty());
}

TEST_CASE("inproc link: what is dialled keeps its name over binders, and no frame goes from one to the next") {
    inproc_world world;
    link_side dialer{world};
    const std::string name = dialer.dial("here");
    CHECK(dialer.send_frames({"too early"}, name) == io::would_block);
    CHECK(dialer.writable().empty());
    {
        link_side binder{world};
        REQUIRE(binder.bind("here"));
        CHECK(dialer.carrier.refresh().out);
        CHECK(dialer.writable() == names{name});
        CHECK(dialer.carrier.take_changes());
        REQUIRE(dialer.send_frames({"never read"}, name) == io::done);
        REQUIRE(dialer.send_frames({"never read"}, name) == io::done);
        dialer.send_frames({"hello"}, name);
        const std::string back = binder.heard_from();
        REQUIRE(binder.send_frames({"of the first binder"}, back) == io::done);
    }
    CHECK(dialer.send_frames({"x"}, name) == io::would_block);
    link_side next{world};
    REQUIRE(next.bind("here"));
    CHECK(dialer.carrier.take_changes());
    CHECK(dialer.gone() == names{name});
    CHECK(dialer.text() == "(nothing)");
    CHECK(next.text() == "(nothing)");
    REQUIRE(dialer.send_frames({"new"}, name) == io::done);
    const std::string back = next.heard_from();
    REQUIRE(next.send_frames({"answer"}, back) == io::done);
    CHECK(dialer.heard_from() == name);
    CHECK(dialer.dial("here") == name);
}

TEST_CASE("inproc link: a peer that is ended is gone on both sides until one dials again") {
    inproc_world world;
    link_side binder{world}, dialer{world};
    REQUIRE(binder.bind("here"));
    const std::string name = dialer.dial("here");
    dialer.send_frames({"nonsense"}, name);
    const std::string peer = binder.heard_from();
    binder.carrier.end_peer(peer, "not of this protocol");
    CHECK(binder.gone() == names{peer});
    CHECK(binder.send_frames({"x"}, peer) == io::unreachable);
    CHECK(dialer.gone() == names{name});
    CHECK(dialer.send_frames({"x"}, name) == io::would_block);
    CHECK(dialer.peers->count() == 0);
    CHECK(dialer.dial("here") == name);
    CHECK(dialer.writable() == names{name});
    CHECK(dialer.send_frames({"x"}, name) == io::done);
    CHECK(binder.heard_from() != peer);
}

TEST_CASE("inproc link: what is dialled no more is gone, and unreachable") {
    inproc_world world;
    link_side binder{world}, dialer{world};
    REQUIRE(binder.bind("here"));
    const std::string name = dialer.dial("here");
    dialer.gone();
    REQUIRE(dialer.carrier.disconnect("inproc://here"));
    CHECK(dialer.gone() == names{name});
    CHECK(dialer.send_frames({"x"}, name) == io::unreachable);
    CHECK(dialer.send_frames({"x"}, "") == io::unreachable);
    CHECK(dialer.dial("here") != name);
}

TEST_CASE("inproc link: a link and a plain socket never pair, and both are told what the users see") {
    inproc_world world;
    link_side link{world, pattern::push};
    auto plain = world.make(pattern::pull);
    if (GENERATE(true, false)) {
        REQUIRE(plain.bind("here"));
        link.dial("here");
    } else {
        REQUIRE(link.bind("here"));
        REQUIRE(plain.connect("here"));
    }
    for (inproc_side* const each : {static_cast<inproc_side*>(&link), &plain}) {
        const auto told = each->next_event();
        REQUIRE(told);
        CHECK(told->kind == event_kind::mismatch_suspected);
        CHECK(told->detail.find("push with modules") != std::string::npos);
        CHECK(each->peers->count() == 0);
    }
    REQUIRE(link.dial("here") != "");
}

TEST_CASE("inproc link: a socket does not pair with itself") {
    inproc_world world;
    link_side link{world};
    REQUIRE(link.bind("here"));
    const std::string name = link.dial("here");
    CHECK(link.next_event()->kind == event_kind::mismatch_suspected);
    CHECK(link.send_frames({"x"}, name) == io::would_block);
}

TEST_CASE("inproc link: a frame above the link's limit ends the link") {
    inproc_world world;
    link_side binder{world}, dialer{world};
    REQUIRE(binder.bind("here"));
    const std::string name = dialer.dial("here");
    const std::size_t most = link_frame_bytes_max(binder.options.message_bytes_max);
    const std::string large(most + 1, 'x');
    REQUIRE(dialer.send_frames({std::string_view{large}.substr(1)}, name) == io::done);
    REQUIRE(binder.recv());
    binder.gone();
    REQUIRE(dialer.send_frames({large}, name) == io::done);
    CHECK_FALSE(binder.recv());
    CHECK(binder.gone().size() == 1);
    CHECK(dialer.gone() == names{name});
}
