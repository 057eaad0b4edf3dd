// Links that are cut, frozen, blocked, slowed down and garbled on their way: what arrives is whole, what waits ends by
// its deadline, and what cannot go out stays within its limits.
#include <netinet/tcp.h>

#include <set>

#include "conformance/worker.hpp"
#include "system/relayed.hpp"

using namespace system_tests;

namespace {

// Numbered, of five frames, so that a part of it is seen: in what it lacks, or in the digits that do not agree.
godwit::message numbered_message(int number) {
    const auto text = std::to_string(number);
    const auto key = "key " + text;
    const godwit::message_parts parts{
        .topic = text, .key = key, .headers = {{"name", text}}, .body = godwit::as_bytes(text)};
    return must(godwit::message::make(parts));
}

std::string in_words(const godwit::message& message) {
    std::string words;
    for (std::size_t i = 0; i < message.frame_count(); ++i)
        words += std::string{godwit::as_text(message.frame(i))} + "|";
    return words;
}

bool is_whole(const godwit::message& message, std::set<int>& seen) {
    const int number = std::stoi("0" + std::string{message.text()});
    return in_words(message) == in_words(numbered_message(number)) && seen.insert(number).second;
}

}  // namespace

TEST_CASE("a relay passes bytes both ways until it cuts, flips, blocks or freezes") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::rep answer{ctx};
    godwit::req ask{ctx, eager};
    must(answer.bind(way.there()));
    must(ask.connect(way.here()));
    worker server{[&] {
        while (auto got = answer.recv())
            if (auto done = got->reply(got->body()); !done && !done.failed(godwit::errc::unreachable))
                return outcome(done);
        return std::string{"closed"};
    }};
    REQUIRE(must(ask.request("ping", soon)).text() == "ping");
    REQUIRE(way->links() == 1);
    REQUIRE(way->passed(side::dialler) > 64);
    REQUIRE(way->passed(side::listener) > 64);
    const auto text = pattern_of(1'000'000);
    REQUIRE(must(ask.request(text, soon)).text() == text);
    event_of(ask, godwit::event_kind::peer_joined);
    way->cut();
    event_of(ask, godwit::event_kind::peer_left);
    event_of(ask, godwit::event_kind::peer_joined);
    REQUIRE(must(ask.request("pong", soon)).text() == "pong");
    REQUIRE(way->accepted() >= 2);
    must(answer.close());
    REQUIRE(server.saw() == "closed");
}

TEST_CASE("row 44, D1: cut at every byte, a message is delivered whole or not at all, and the next ones are whole") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx};
    must(in.bind(way.there()));
    std::set<int> seen;
    int number = 0;
    // What one link says: greeting, handshake and one message.
    std::uint64_t bytes = 0;
    {
        godwit::push out{ctx, eager};
        must(out.connect(way.here()));
        must(out.send(numbered_message(++number)));
        REQUIRE(is_whole(must(in.recv(soon)).message(), seen));
        bytes = way->passed(side::dialler);
    }
    REQUIRE(bytes > 100);
    const std::uint64_t step = sanitized ? 3 : 1;
    for (std::uint64_t byte = 0; byte <= bytes + 1; byte += step) {
        INFO("cut at " << byte);
        way->cut_next_at(side::dialler, byte);
        const auto links_before = way->accepted();
        godwit::push out{ctx, {.linger = 0ms, .redial_min = 1ms, .redial_max = 1ms}};
        must(out.connect(way.here()));
        must(out.send(numbered_message(++number)));
        // Until one comes by a link that was made after the cut.
        const auto end = std::chrono::steady_clock::now() + soon;
        for (bool through = false; !through;) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            must(out.send(numbered_message(++number)));
            while (auto got = in.recv(2ms)) {
                REQUIRE(is_whole(got->message(), seen));
                through = way->accepted() > links_before + 1;
            }
        }
    }
    REQUIRE(in.stats().stray_messages == 0);
}

TEST_CASE("row 44: cut at every byte of a reply, it is whole or the request times out, and the next one is answered") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::rep answer{ctx};
    must(answer.bind(way.there()));
    worker server{[&] {
        while (auto got = answer.recv())
            if (auto done = got->reply(got->message()); !done && !done.failed(godwit::errc::unreachable))
                return outcome(done);
        return std::string{"closed"};
    }};
    std::uint64_t bytes = 0;
    {
        godwit::req ask{ctx, eager};
        must(ask.connect(way.here()));
        REQUIRE(in_words(must(ask.request(numbered_message(1), soon))) == in_words(numbered_message(1)));
        bytes = way->passed(side::listener);
    }
    const std::uint64_t step = sanitized ? 5 : 1;
    for (std::uint64_t byte = bytes > 70 ? bytes - 70 : 0; byte < bytes; byte += step) {
        INFO("cut at " << byte << " of " << bytes);
        way->cut_next_at(side::listener, byte);
        godwit::req ask{ctx, {.linger = 0ms, .redial_min = 1ms, .redial_max = 1ms}};
        must(ask.connect(way.here()));
        const auto first = ask.request(numbered_message(2), 5ms);
        if (first) REQUIRE(in_words(*first) == in_words(numbered_message(2)));
        if (!first) REQUIRE(outcome(first) == "timed_out");
        REQUIRE(eventually([&] {
            const auto next = ask.request(numbered_message(3), 50ms);
            return next && in_words(*next) == in_words(numbered_message(3));
        }));
        REQUIRE(ask.stats().stray_messages == 0);
    }
    INFO("over " << kind << ", links " << way->links() << " peers " << answer.stats().peers);
    must(answer.close());
    REQUIRE(server.saw() == "closed");
}

TEST_CASE("a flipped byte in the framing ends the link and is no message of another shape") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx, {.handshake_max = 100ms}};
    must(in.bind(way.there()));
    // The signature, the version, the mechanism's name, and the handshake's command: its flags, its size, its name.
    for (const std::uint64_t byte : {0, 9, 10, 12, 15, 64, 65, 66, 70}) {
        INFO("flipped " << byte);
        way->flip_next_at(side::dialler, byte);
        godwit::push out{ctx, {.linger = 0ms, .redial_min = 1ms, .redial_max = 1ms, .handshake_max = 100ms}};
        must(out.connect(way.here()));
        // What went out by the garbled link is lost with it.
        REQUIRE(eventually([&] {
            must(out.send("whole"));
            const auto got = in.recv(2ms);
            if (got) REQUIRE(got->text() == "whole");
            return got.has_value();
        }));
        while (auto got = in.recv(0s)) REQUIRE(got->text() == "whole");
    }
}

TEST_CASE("row 45, D1: behind a frozen link sends, receives, requests and closes end by their deadlines") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx, {.queue_messages_max = 10, .send_timeout = 50ms}};
    must(in.bind(way.there()));
    must(out.connect(way.here()));
    must(out.send("before"));
    REQUIRE(receive(in) == "before");
    way->freeze();
    // A plain socket has no heartbeat: a peer that is only silent stays a peer, and what is bounded is the queue.
    const godwit::message body{pattern_of(64 << 10)};
    std::size_t sent = 0;
    while (out.send(body)) ++sent;
    REQUIRE(sent >= 5);
    REQUIRE(sent < 1000);
    REQUIRE(out.stats().peers == 1);
    REQUIRE(outcome(in.recv(20ms)) == "timed_out");
    REQUIRE(outcome(out.close(50ms)) == "timed_out");
    must(in.close());
}

TEST_CASE("row 45: a frozen link that thaws goes on with every message, in order") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx, {.queue_messages_max = 10, .send_timeout = 50ms}};
    must(in.bind(way.there()));
    must(out.connect(way.here()));
    must(out.wait_for_peers(1, soon));
    way->freeze();
    std::size_t sent = 0;
    const auto body = pattern_of(32 << 10);
    while (out.send(std::to_string(sent) + ":" + body)) ++sent;
    way->freeze(false);
    for (std::size_t i = 0; i < sent; ++i) REQUIRE(receive(in) == std::to_string(i) + ":" + body);
    REQUIRE(out.stats().peers == 1);
}

TEST_CASE("row 45: a tcp link carries the kernel's keepalive of about 15 s, and none when the option is off") {
    const bool on = GENERATE(true, false);
    relayed way{"tcp_v4"};
    godwit::context ctx;
    godwit::pull in{ctx, {.keepalive = on}};
    godwit::push out{ctx, {.keepalive = on}};
    must(in.bind(way.there()));
    must(out.connect(way.here()));
    must(in.wait_for_peers(1, soon));
    must(out.wait_for_peers(1, soon));
    // Both ends are of this process; the relay's own sockets set nothing.
    std::size_t kept = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        const int fd = std::stoi(entry.path().filename().string());
        int alive = 0, idle = 0, interval = 0, count = 0, connected = 0;
        socklen_t size = sizeof alive;
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        if (::getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &alive, &size) != 0 || alive == 0) continue;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
        connected = 1;
        REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size) == 0);
        REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, &size) == 0);
        REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, &size) == 0);
        REQUIRE(idle + interval * count == 15);
        kept += static_cast<std::size_t>(connected);
    }
    // Each link's descriptor is there, and our duplicate of it.
    REQUIRE((on ? kept >= 2 : kept == 0));
}

TEST_CASE("row 45, D6: a link that never shakes hands is ended within handshake_max and dialled again") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx, {.redial_min = 10ms, .redial_max = 50ms, .handshake_max = 100ms}};
    must(in.bind(way.there()));
    way->hang();
    must(out.connect(way.here()));
    must(out.send("kept"));
    REQUIRE(eventually([&] { return way->accepted() >= 3; }));
    REQUIRE(out.stats().peers == 0);
    way->hang(false);
    REQUIRE(receive(in) == "kept");
}

TEST_CASE("row 46, D1: replies that do not come back time out, and count as late when they come after all") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::rep answer{ctx};
    godwit::req ask{ctx, eager};
    must(answer.bind(way.there()));
    must(ask.connect(way.here()));
    must(ask.wait_for_peers(1, soon));
    way->block(side::listener);
    worker caller{[&] { return outcome(ask.request("lost", 100ms)); }};
    auto got = must(answer.recv(soon));
    must(got.reply("unheard"));
    REQUIRE(caller.saw() == "timed_out");
    // The request went once: a plain one is never sent again.
    REQUIRE(outcome(answer.recv(20ms)) == "timed_out");
    way->block(side::listener, false);
    worker second{[&] {
        const auto reply = ask.request("heard", soon);
        return reply ? std::string{reply->text()} : outcome(reply);
    }};
    auto again = must(answer.recv(soon));
    REQUIRE(again.text() == "heard");
    must(again.reply("of the second"));
    REQUIRE(second.saw() == "of the second");
    REQUIRE(ask.stats().late_replies == 1);
}

TEST_CASE("row 50, D1: a receiver of some bytes a second is held back at the queue, memory is flat and others go on") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    const auto quick_url = find_transport(kind)->url();
    godwit::context ctx;
    godwit::pull slow{ctx};
    godwit::pull quick{ctx, {.queue_messages_max = 10}};
    constexpr std::size_t size = 16 << 10;
    constexpr std::size_t queue = 100;
    godwit::push out{ctx, {.queue_messages_max = queue, .send_timeout = 20ms, .linger = 0ms}};
    must(slow.bind(way.there()));
    must(out.connect(way.here()));
    must(out.wait_for_peers(1, soon));
    way->throttle(100);
    const godwit::message body{pattern_of(size)};
    while (out.send(body)) {}
    const auto full = resident_bytes();
    for (int i = 0; i < 20; ++i) REQUIRE(outcome(out.send(body)) == "timed_out");
    if (!sanitized) REQUIRE(resident_bytes() < full + (2u << 20));
    // Another peer is served at its own pace.
    must(quick.bind(quick_url));
    must(out.connect(quick_url));
    must(out.wait_for_peers(2, soon));
    for (int i = 0; i < 1000; ++i) {
        must(out.send(body));
        REQUIRE(receive(quick).size() == size);
    }
    if (!sanitized) REQUIRE(resident_bytes() < full + (16u << 20));
}

TEST_CASE("a delayed link loses and reorders nothing") {
    const auto kind = tcp_or_ipc();
    relayed way{kind};
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx, eager};
    must(in.bind(way.there()));
    way->delay(20ms);
    must(out.connect(way.here()));
    for (int i = 0; i < 500; ++i) must(out.send(std::to_string(i)));
    for (int i = 0; i < 500; ++i) REQUIRE(receive(in) == std::to_string(i));
}
