#include "core/zmq_monitor.hpp"

#include <poll.h>

#include <cerrno>
#include <optional>
#include <string>

#include "core/socket_pairs.hpp"
#include "core/zmq_pair.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;

namespace {

// The next event of this kind, passing over others; nothing after 20 seconds of silence.
std::optional<monitor_event> next_of(zmq_monitor& monitor, int kind) {
    for (;;) {
        while (auto event = monitor.next()) {
            if (event->kind == kind) return event;
        }
        pollfd waits{monitor.descriptor(), POLLIN, 0};
        if (::poll(&waits, 1, 20'000) != 1) return std::nullopt;
    }
}

std::string bound_endpoint(const zmq_handle& socket) {
    char text[256] = {};
    std::size_t size = sizeof text;
    REQUIRE(zmq_getsockopt(socket.get(), ZMQ_LAST_ENDPOINT, text, &size) == 0);
    return text;
}

}  // namespace

TEST_CASE("a bind that fails says why although the socket is monitored") {
    const zmq_world world;
    zmq_handle owner = world.socket(ZMQ_PULL);
    REQUIRE(zmq_bind(owner.get(), "tcp://127.0.0.1:*") == 0);
    const std::string url = bound_endpoint(owner);
    zmq_handle rival = world.socket(ZMQ_PULL);
    auto monitor = zmq_monitor::open(world.context, rival.get());
    REQUIRE(monitor);
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(zmq_bind(rival.get(), url.c_str()) != 0);
        REQUIRE(zmq_errno() == EADDRINUSE);
    }
}

TEST_CASE("a monitor tells of a connection's whole life, with the endpoint and the descriptor") {
    const zmq_world world;
    zmq_handle listening = world.socket(ZMQ_PULL);
    auto monitor = zmq_monitor::open(world.context, listening.get());
    REQUIRE(monitor);
    CHECK_FALSE(monitor->next());
    REQUIRE(zmq_bind(listening.get(), "tcp://127.0.0.1:*") == 0);
    const std::string url = bound_endpoint(listening);

    zmq_handle dialling = world.socket(ZMQ_PUSH);
    auto other = zmq_monitor::open(world.context, dialling.get());  // a second one in the same context
    REQUIRE(other);
    REQUIRE(zmq_connect(dialling.get(), url.c_str()) == 0);
    const auto accepted = next_of(*monitor, ZMQ_EVENT_ACCEPTED);
    REQUIRE(accepted);
    CHECK(accepted->endpoint == url);
    CHECK(accepted->value > 2);
    const auto shaken = next_of(*monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    REQUIRE(shaken);
    CHECK(shaken->endpoint == url);
    const auto connected = next_of(*other, ZMQ_EVENT_CONNECTED);
    REQUIRE(connected);
    CHECK(connected->endpoint == url);

    dialling.reset();
    CHECK(next_of(*other, ZMQ_EVENT_MONITOR_STOPPED));
    const auto gone = next_of(*monitor, ZMQ_EVENT_DISCONNECTED);
    REQUIRE(gone);
    CHECK(gone->value == accepted->value);
    listening.reset();
    CHECK(next_of(*monitor, ZMQ_EVENT_MONITOR_STOPPED));
    CHECK_FALSE(monitor->next());
}

TEST_CASE("a monitor that is read late has kept everything, and holds up nobody") {
    const zmq_world world;
    zmq_handle listening = world.socket(ZMQ_PULL);
    auto monitor = zmq_monitor::open(world.context, listening.get());
    REQUIRE(monitor);
    REQUIRE(zmq_bind(listening.get(), "tcp://127.0.0.1:*") == 0);
    const std::string url = bound_endpoint(listening);
    constexpr int peers = 600;  // more events than libzmq's default queue holds
    for (int i = 0; i < peers; ++i) {
        zmq_handle dialling = world.socket(ZMQ_PUSH);
        dialling.set(ZMQ_LINGER, 20'000);
        REQUIRE(zmq_connect(dialling.get(), url.c_str()) == 0);
        REQUIRE(zmq_send(dialling.get(), "x", 1, 0) == 1);
        char got[8];
        REQUIRE(zmq_recv(listening.get(), got, sizeof got, 0) == 1);
    }
    for (int i = 0; i < peers; ++i) REQUIRE(next_of(*monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED));
}

TEST_CASE("a peer that speaks something else is an event with words") {
    const zmq_world world;
    const zmq_handle listening = world.socket(ZMQ_PULL);
    auto monitor = zmq_monitor::open(world.context, listening.get());
    REQUIRE(monitor);
    REQUIRE(zmq_bind(listening.get(), "tcp://127.0.0.1:*") == 0);
    const std::string url = bound_endpoint(listening);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    const unique_fd rude{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    REQUIRE(::connect(rude.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    REQUIRE(next_of(*monitor, ZMQ_EVENT_ACCEPTED));
    ::shutdown(rude.get(), SHUT_RDWR);
    const auto failed = next_of(*monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    REQUIRE(failed);
    CHECK(refusal_in_words(*failed).starts_with("the connection ended during the handshake: "));
}

TEST_CASE("refusals are told in words") {
    const auto words = [](int kind, std::uint32_t value) {
        return refusal_in_words({static_cast<std::uint16_t>(kind), value, ""});
    };
    CHECK(words(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, 400) == "the other side refused us (authentication), status 400");
    CHECK(words(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) ==
          "the two sides use different security mechanisms");
    CHECK(words(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND) ==
          "the peer broke the ZMTP 3 protocol, code 0x10000001");
    CHECK(words(ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, EPIPE).ends_with(": Broken pipe"));
}

TEST_CASE("opening a monitor on what cannot be watched is an error, not an end") {
    const zmq_world world;
    CHECK_FALSE(zmq_monitor::open(world.context, nullptr));
}
