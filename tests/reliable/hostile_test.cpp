// Strangers at a reliable socket's door do no harm: its own peers are served, and nothing is handed out.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <random>

#include "base/unique_fd.hpp"
#include "core/zmq_pair.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;

namespace {

godwit::detail::unique_fd dial(const std::string& url) {
    godwit::detail::unique_fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) FAIL("connect");
    return fd;
}

void write_some(int fd, std::string_view text) { (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL); }

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 draw{seed};
    std::string text(size, '\0');
    for (char& each : text) each = static_cast<char>(draw());
    return text;
}

void still_serves(line& both) {
    const auto sent = must(both.out.send("fine"));
    REQUIRE(take(both.in) == "fine");
    REQUIRE(fate(sent) == "processed");
    REQUIRE(outcome(both.in.recv(0s)) == "timed_out");
}

}  // namespace

TEST_CASE("bytes that are no handshake, in any amount, do no harm") {
    line both{*find_transport("tcp_v4")};
    std::vector<godwit::detail::unique_fd> open;
    for (unsigned seed = 0; seed < 20; ++seed) {
        open.push_back(dial(both.url));
        write_some(open.back().get(), noise(seed * 997, seed));
        if (seed % 3 == 0) open.pop_back();
    }
    // A greeting of ZMTP 3 for NULL, and noise behind it.
    std::string greeting(64, '\0');
    greeting[0] = '\xff', greeting[9] = '\x7f', greeting[10] = 3;
    greeting.replace(12, 4, "NULL");
    for (unsigned seed = 0; seed < 10; ++seed) {
        open.push_back(dial(both.url));
        write_some(open.back().get(), greeting + noise(1000, seed));
    }
    still_serves(both);
}

TEST_CASE("a stranger's frames, random, huge or many, are no messages") {
    for (const char* name : {"tcp_v4", "ipc_abstract"}) {
        const godwit::testing::zmq_world world;
        line both{*find_transport(name)};
        std::vector<godwit::detail::zmq_handle> strangers;
        for (const int type : {ZMQ_DEALER, ZMQ_REQ, ZMQ_PUSH, ZMQ_SUB, ZMQ_ROUTER}) {
            strangers.push_back(world.socket(type));
            if (zmq_connect(strangers.back().get(), both.url.c_str()) != 0) FAIL("connect");
        }
        for (unsigned seed = 0; seed < 200; ++seed) {
            for (auto& each : strangers) {
                const auto head = noise(seed % 90, seed), body = noise(seed * 31 % 4000, seed + 1);
                (void)zmq_send(each.get(), head.data(), head.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT);
                (void)zmq_send(each.get(), body.data(), body.size(), ZMQ_DONTWAIT);
            }
        }
        const std::string huge(40u << 20, 'x');
        (void)zmq_send(strangers[0].get(), huge.data(), huge.size(), ZMQ_DONTWAIT);
        still_serves(both);
        REQUIRE(
            eventually([&] { return both.in.delivery_counters().malformed > 0 || both.in.stats().over_limit > 0; }));
        still_serves(both);
    }
}

TEST_CASE("a stranger where we dial is greeted in vain, said once, and others are served") {
    const godwit::testing::zmq_world world;
    for (const char* name : {"tcp_v4", "ipc_abstract"}) {
        const auto url = find_transport(name)->url();
        auto stranger = world.socket(ZMQ_ROUTER);
        if (zmq_bind(stranger.get(), url.c_str()) != 0) FAIL("bind");
        line both{*find_transport(name)};
        must(both.out.connect(url));
        char buffer[256];
        const int size = zmq_recv(stranger.get(), buffer, sizeof buffer, 0);
        REQUIRE(size > 0);
        (void)zmq_send(stranger.get(), buffer, static_cast<std::size_t>(size), ZMQ_SNDMORE);
        const auto answer = noise(500, 7);
        (void)zmq_send(stranger.get(), answer.data(), answer.size(), 0);
        still_serves(both);
        const auto end = std::chrono::steady_clock::now() + soon;
        bool named = false;
        while (!named && std::chrono::steady_clock::now() < end) {
            auto next = both.out.next_event(1s);
            named = next && (next->kind == event_kind::mismatch || next->kind == event_kind::link_broken ||
                             next->kind == event_kind::mismatch_suspected);
        }
        REQUIRE(named);
        still_serves(both);
    }
}
