// Row 56: two peers with one routing id.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/zmq_pair.hpp"
#include "godwit/godwit.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

namespace {

constexpr std::chrono::seconds soon{20};

detail::zmq_handle dealer(const zmq_world& world, const std::string& url) {
    detail::zmq_handle made = world.socket(ZMQ_DEALER);
    zmq_setsockopt(made.get(), ZMQ_ROUTING_ID, "same", 4);
    made.set(ZMQ_RECONNECT_IVL, 3'600'000);
    if (zmq_connect(made.get(), url.c_str()) != 0) throw std::runtime_error{url};
    return made;
}

void ask(const detail::zmq_handle& by, const std::string& text) {
    zmq_send(by.get(), "", 0, ZMQ_SNDMORE);
    zmq_send(by.get(), text.data(), text.size(), 0);
}

std::string answer(const detail::zmq_handle& to) {
    char text[64];
    if (zmq_recv(to.get(), text, sizeof text, 0) != 0) return "no envelope";
    const int size = zmq_recv(to.get(), text, sizeof text, 0);
    return {text, static_cast<std::size_t>(std::max(size, 0))};
}

event next_of(rep& in, event_kind kind) {
    while (auto one = in.next_event(soon)) {
        if (one->kind == kind) return *one;
    }
    FAIL("no " << name(kind));
    return {};
}

}  // namespace

// A poller has libzmq look for messages before it is asked for one, and forget whose routing id it was.
TEST_CASE("row 56: a second peer with one routing id is noticed, too, where a poller has looked before the reception") {
    context ctx;
    rep in{ctx};
    const auto bound = in.bind("ipc://@godwit-same-id-polled-" + std::to_string(::getpid()));
    REQUIRE(bound);
    poller looks;
    REQUIRE(looks.add(in, interest::recv));
    const zmq_world world;
    std::vector<detail::zmq_handle> both;
    for (const char* text : {"1", "2"}) {
        both.push_back(dealer(world, *bound));
        ask(both.back(), text);
        std::vector<ready> found(1);
        REQUIRE(looks.wait(found, soon));
        auto got = in.recv(soon);
        REQUIRE(got);
        REQUIRE(got->text() == text);
        REQUIRE(got->reply(text));
        REQUIRE(answer(both.back()) == text);
    }
    REQUIRE(next_of(in, event_kind::mismatch_suspected).detail.find("routing id") != std::string::npos);
    next_of(in, event_kind::peer_left);
    REQUIRE(in.wait_for_peers(1, soon));
    REQUIRE(in.peers().size() == 1);
}

TEST_CASE("row 56: of two peers with one routing id the second is served, the first one's link ends, with an event") {
    const std::string urls[] = {"tcp://127.0.0.1:*", "ipc://@godwit-same-id-" + std::to_string(::getpid())};
    for (const std::string& url : urls) {
        context ctx;
        rep in{ctx};
        const auto bound = in.bind(url);
        REQUIRE(bound);
        const zmq_world world;
        const auto first = dealer(world, *bound);
        ask(first, "1");
        auto got = in.recv(soon);
        REQUIRE(got);
        REQUIRE(got->reply("one"));
        REQUIRE(answer(first) == "one");
        next_of(in, event_kind::peer_joined);
        const auto second = dealer(world, *bound);
        ask(second, "2");
        got = in.recv(soon);
        REQUIRE(got);
        REQUIRE(got->text() == "2");
        REQUIRE(got->reply("two"));
        REQUIRE(answer(second) == "two");
        const auto seen = next_of(in, event_kind::mismatch_suspected);
        REQUIRE(seen.detail.find("routing id") != std::string::npos);
        REQUIRE(seen.endpoint == *bound);
        next_of(in, event_kind::peer_left);
        REQUIRE(in.wait_for_peers(1, soon));
        REQUIRE(in.peers().size() == 1);
    }
}
