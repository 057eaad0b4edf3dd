// Links over ipc and tcp. The same over inproc: link_carrier_test.cpp.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/zmq_link_side.hpp"
#include "core/zmq_pair.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

namespace {

std::string any_url() {
    static std::atomic<int> number{0};
    const std::string unique = std::to_string(::getpid()) + "-" + std::to_string(++number);
    return GENERATE_COPY(as<std::string>{}, "tcp://127.0.0.1:*", "ipc://@godwit-zmq-link-" + unique);
}

struct zmq_links {
    ~zmq_links() { (void)home.close(std::chrono::steady_clock::now() + std::chrono::seconds{20}); }
    std::shared_ptr<zmq_link_side> make() { return zmq_link_side::make(home); }
    context_state home{context_options{}};
};

// Sends until it would block; how many were taken.
int fill(zmq_link_side& by, const std::string& peer, std::string_view text) {
    int taken = 0;
    while (taken < 10'000 && by.send(peer, text) == io::done) ++taken;
    return taken;
}

bool becomes_writable(zmq_link_side& by, const std::string& peer) {
    return by.wait([&] {
        std::vector<std::string> names;
        by.carried->take_writable(names);
        return std::find(names.begin(), names.end(), peer) != names.end();
    });
}

void send_at_last(zmq_link_side& by, const std::string& peer, const std::string& text) {
    while (by.send(peer, text) != io::done) REQUIRE(becomes_writable(by, peer));
}

bool changes(zmq_link_side& by) {
    return by.wait([&] { return by.carried->take_changes(); });
}

}  // namespace

TEST_CASE("zmq link: one that is bound talks with several that dial, each by its name") {
    const std::string wished = any_url();
    zmq_links world;
    const auto binder = world.make(), first = world.make(), second = world.make();
    const std::string url = binder->bind(wished);
    const std::string to_binder = first->dial(url), too = second->dial(url);
    CHECK(first->dial(url) == to_binder);
    REQUIRE(first->send(to_binder, "1") == io::done);
    const auto one = binder->recv();
    CHECK(one.second == "1");
    REQUIRE(second->send(too, "2") == io::done);
    const auto two = binder->recv();
    CHECK(two.second == "2");
    REQUIRE(one.first != two.first);
    CHECK(binder->send(two.first, "to two") == io::done);
    CHECK(binder->send(one.first, "to one") == io::done);
    CHECK(first->recv() == std::pair<std::string, std::string>{to_binder, "to one"});
    CHECK(second->recv() == std::pair<std::string, std::string>{too, "to two"});
    CHECK(binder->peers->wait_for(2, std::chrono::seconds{20}, {}));
}

TEST_CASE("zmq link: one socket dials several, and those that it dials do not hear each other") {
    zmq_links world;
    const auto dialer = world.make(), left = world.make(), right = world.make();
    const std::string to_left = dialer->dial(left->bind("tcp://127.0.0.1:*"));
    const std::string to_right = dialer->dial(right->bind("tcp://127.0.0.1:*"));
    REQUIRE(to_left != to_right);
    REQUIRE(dialer->send(to_right, "r") == io::done);
    REQUIRE(dialer->send(to_left, "l") == io::done);
    CHECK(left->recv().second == "l");
    CHECK(right->recv().second == "r");
}

TEST_CASE("zmq link: the body of a message is shared, and let go when it is out") {
    const std::string wished = any_url();
    zmq_links world;
    const auto binder = world.make(), dialer = world.make();
    const std::string peer = dialer->dial(binder->bind(wished));
    message body{std::string(100'000, 'x')};
    const std::vector<bytes> frames{as_bytes("envelope"), body.frame(0)};
    {
        const std::lock_guard hold{dialer->turn};
        REQUIRE(dialer->carried->try_send({.frames = frames, .owner = &body, .owner_first = 1, .peer = peer}) ==
                io::done);
    }
    CHECK(binder->recv().second.size() == 100'000);
}

TEST_CASE("zmq link: a full peer would block, the others do not, and room for it wakes the sleeper") {
    const std::string wished = any_url();
    zmq_links world;
    const auto binder = world.make(), slow = world.make(), quick = world.make();
    const std::string url = binder->bind(wished);
    slow->send(slow->dial(url), "hello");
    const std::string full = binder->recv().first;
    quick->send(quick->dial(url), "hello");
    const std::string other = binder->recv().first;
    const std::string large(200'000, 'x');
    int sent = fill(*binder, full, large);
    REQUIRE(sent < 10'000);
    CHECK(binder->send(other, "small") == io::done);
    CHECK(quick->recv().second == "small");
    std::thread reader{[&] {
        for (int i = 0; i < sent; ++i) (void)slow->recv();
    }};
    CHECK(becomes_writable(*binder, full));
    reader.join();
    // After a question without a message, both get what is theirs, and nothing else.
    send_at_last(*binder, other, "next");
    CHECK(quick->recv().second == "next");
    send_at_last(*binder, full, "also");
    CHECK(slow->recv().second == "also");
}

TEST_CASE("zmq link: room is told although another send has found it first") {
    const std::string wished = any_url();
    zmq_links world;
    const auto binder = world.make(), slow = world.make();
    slow->send(slow->dial(binder->bind(wished)), "hello");
    const std::string full = binder->recv().first;
    const std::string large(200'000, 'x');
    const bytes frame = as_bytes(large);
    const auto send = [&] { return binder->carried->try_send({.frames = {&frame, 1}, .peer = full}); };
    std::thread reader;
    {
        const std::lock_guard hold{binder->turn};  // nobody else asks for room meanwhile
        int sent = 0;
        while (sent < 10'000 && send() == io::done) ++sent;
        REQUIRE(sent < 10'000);
        reader = std::thread{[&slow, sent] {
            for (int i = 0; i <= sent; ++i) (void)slow->recv();
        }};
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (send() != io::done && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    }
    CHECK(becomes_writable(*binder, full));
    reader.join();
}

TEST_CASE("zmq link: nothing says that there is room while a full peer stays full") {
    zmq_links world;
    const auto binder = world.make(), slow = world.make(), quick = world.make();
    const std::string url = binder->bind("tcp://127.0.0.1:*");
    slow->send(slow->dial(url), "hello");
    const std::string full = binder->recv().first;
    quick->send(quick->dial(url), "hello");
    (void)binder->recv();
    const std::string large(200'000, 'x');
    // The kernel takes what it can, bit by bit; then nothing changes, as long as nobody reads at the other side.
    constexpr int silent_rounds = 1000;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    int silent = 0;
    while (silent < silent_rounds && std::chrono::steady_clock::now() < give_up) {
        const std::lock_guard hold{binder->turn};
        std::vector<std::string> names;
        if (binder->carried->refresh().out) {
            silent = 0;
            binder->carried->take_writable(names);
        } else {
            ++silent;
        }
        const bytes frame = as_bytes(large);
        if (silent == 0) (void)binder->carried->try_send({.frames = {&frame, 1}, .peer = full});
    }
    CHECK(silent == silent_rounds);
}

TEST_CASE("zmq link: a peer that left is a change, and unreachable") {
    const std::string wished = any_url();
    zmq_links world;
    const auto binder = world.make();
    auto dialer = world.make();
    dialer->send(dialer->dial(binder->bind(wished)), "hello");
    const std::string peer = binder->recv().first;
    REQUIRE(changes(*binder));
    CHECK(binder->send(peer, "x") == io::done);
    CHECK(dialer->recv().second == "x");
    REQUIRE(dialer->close(std::chrono::seconds{20}));
    CHECK(changes(*binder));
    CHECK(binder->wait([&] {
        const bytes frame = as_bytes("x");
        return binder->carried->try_send({.frames = {&frame, 1}, .peer = peer}) == io::unreachable;
    }));
    CHECK(binder->send("nonsense", "x") == io::unreachable);
    CHECK(binder->send("", "x") == io::unreachable);
}

TEST_CASE("zmq link: what is dialled keeps its name over a reconnection") {
    const std::string wished = any_url();
    zmq_links world;
    const auto dialer = world.make();
    auto binder = world.make();
    const std::string url = binder->bind(wished);
    const std::string name = dialer->dial(url);
    REQUIRE(dialer->send(name, "hello") == io::done);
    CHECK(binder->recv().second == "hello");
    REQUIRE(changes(*dialer));
    REQUIRE(binder->close(std::chrono::seconds{20}));
    REQUIRE(changes(*dialer));
    const auto next = world.make();
    REQUIRE(next->bind(url) == url);
    REQUIRE(changes(*dialer));
    REQUIRE(dialer->send(name, "again") == io::done);
    const auto [back, text] = next->recv();
    CHECK(text == "again");
    REQUIRE(next->send(back, "answer") == io::done);
    CHECK(dialer->recv() == std::pair<std::string, std::string>{name, "answer"});
}

TEST_CASE("zmq link: what is dialled keeps its name when it is dialled again, and when its host name moves") {
    zmq_links world;
    const auto dialer = world.make(), binder = world.make(), elsewhere = world.make();
    const std::string url = binder->bind("tcp://127.0.0.1:*");
    const std::string name = dialer->dial(url);
    REQUIRE(dialer->send(name, "1") == io::done);
    CHECK(binder->recv().second == "1");
    for (int i = 0; i < 20; ++i) REQUIRE(dialer->dial_again(url));
    REQUIRE(dialer->send(name, "2") == io::done);
    const auto [back, text] = binder->recv();
    CHECK(text == "2");
    REQUIRE(binder->send(back, "answer") == io::done);
    CHECK(dialer->recv().first == name);
    const std::string moved = elsewhere->bind("tcp://127.0.0.1:*");
    {
        const std::lock_guard hold{dialer->turn};
        REQUIRE(static_cast<zmq_carrier&>(*dialer->carried).redirect(url, moved));
    }
    REQUIRE(dialer->send(name, "3") == io::done);
    const auto there = elsewhere->recv();
    CHECK(there.second == "3");
    REQUIRE(elsewhere->send(there.first, "from there") == io::done);
    CHECK(dialer->recv() == std::pair<std::string, std::string>{name, "from there"});
    const std::lock_guard hold{dialer->turn};
    REQUIRE(dialer->carried->disconnect(url));
    const bytes frame = as_bytes("x");
    CHECK(dialer->carried->try_send({.frames = {&frame, 1}, .peer = name}) == io::unreachable);
}

TEST_CASE("zmq link: what waits for a peer that is not there is little, and close does not wait for it") {
    zmq_links world;
    const auto dialer = world.make();
    const std::string name = dialer->dial("ipc://@godwit-nobody-" + std::to_string(::getpid()));
    CHECK(fill(*dialer, name, "x") == static_cast<int>(link_send_messages_max));
    CHECK(dialer->close(std::chrono::hours{1}));
    CHECK_FALSE(dialer->peers->next_event(std::chrono::seconds{0}, {}));
}

TEST_CASE("zmq link: a stranger that announces a routing id is sent away, and takes nobody's name") {
    zmq_links world;
    const auto binder = world.make(), other = world.make();
    const std::string url = binder->bind("tcp://127.0.0.1:*");
    const std::string name = binder->dial(other->bind("tcp://127.0.0.1:*"));
    const zmq_world strange;
    const zmq_handle dealer = strange.socket(ZMQ_DEALER);
    const std::string claimed = GENERATE_REF(from_range(std::vector<std::string>{name, "me"}));
    zmq_setsockopt(dealer.get(), ZMQ_ROUTING_ID, claimed.data(), claimed.size());
    REQUIRE(zmq_connect(dealer.get(), url.c_str()) == 0);
    REQUIRE(zmq_send(dealer.get(), "mine", 4, 0) == 4);
    std::string peer, text;
    REQUIRE(binder->wait([&] {
        CHECK_FALSE(binder->received(peer, text));
        return binder->peers->refused.load() > 0;
    }));
    CHECK(binder->wait_for(event_kind::mismatch_suspected, "routing id"));
    REQUIRE(binder->send(name, "still there") == io::done);
    CHECK(other->recv().second == "still there");
    if (claimed != name) CHECK(binder->send(claimed, "x") == io::unreachable);
}

TEST_CASE("zmq link: a plain peer is suspected, whoever dials, and we dial again") {
    const int type = GENERATE(ZMQ_PUSH, ZMQ_PULL, ZMQ_SUB);
    const bool we_dial = GENERATE(true, false);
    zmq_links world;
    const auto side = world.make();
    const zmq_world strange;
    const zmq_handle plain = strange.socket(type);
    zmq_handle again;
    if (we_dial) {
        REQUIRE(zmq_bind(plain.get(), "tcp://127.0.0.1:*") == 0);
        char url[256] = {};
        std::size_t size = sizeof url;
        REQUIRE(zmq_getsockopt(plain.get(), ZMQ_LAST_ENDPOINT, url, &size) == 0);
        side->dial(url);
    } else {
        // libzmq gives up at the first refusal; one may be anybody's.
        const std::string url = side->bind("tcp://127.0.0.1:*");
        again = strange.socket(type);
        for (void* const each : {plain.get(), again.get()}) REQUIRE(zmq_connect(each, url.c_str()) == 0);
    }
    CAPTURE(type, we_dial);
    bool suspected = false;
    while (!suspected) {
        const auto happened = side->peers->next_event(std::chrono::seconds{20}, {});
        REQUIRE(happened);
        suspected = happened->kind == event_kind::mismatch_suspected || happened->kind == event_kind::handshake_refused;
    }
    if (we_dial) CHECK(side->wait([&] { return side->redials >= 2; }));
    CHECK(side->peers->count() == 0);
}

TEST_CASE("zmq link: a peer that is ended has left, and one that we dial comes back by its name") {
    const std::string wished = any_url();
    zmq_links world;
    const auto binder = world.make(), dialer = world.make();
    const std::string name = dialer->dial(binder->bind(wished));
    REQUIRE(dialer->send(name, "hello") == io::done);
    const std::string peer = binder->recv().first;
    REQUIRE(binder->peers->wait_for(1, std::chrono::seconds{20}, {}));
    {
        const std::lock_guard hold{binder->turn};
        CHECK(binder->carried->who(peer).key == public_key{});
        binder->carried->end_peer(peer, "it broke the rules");
    }
    CHECK(binder->wait_for(event_kind::peer_left, "it broke the rules"));
    REQUIRE(dialer->peers->wait_for(1, std::chrono::seconds{20}, {}));
    // Something may have been lost with the first link.
    std::string text;
    std::string back;
    CHECK(binder->wait([&] {
        dialer->send(name, "again");
        while (binder->received(back, text)) {
            if (back != peer) return true;
        }
        return false;
    }));
    for (const event_kind kind : {event_kind::peer_joined, event_kind::peer_left, event_kind::peer_joined}) {
        REQUIRE(dialer->wait_for(kind));
    }
    {
        const std::lock_guard hold{dialer->turn};
        dialer->carried->end_peer(name, "nonsense");
    }
    CHECK(dialer->wait_for(event_kind::peer_left, "nonsense"));
    CHECK(dialer->wait_for(event_kind::peer_joined));
}
