// Strangers at a bound endpoint: nothing of theirs reaches the application, their links are ended, others are served.
#include <deque>
#include <memory>
#include <thread>

#include "conformance/transports.hpp"
#include "system/process.hpp"
#include "system/raw_link.hpp"
#include "system/relayed.hpp"

using namespace system_tests;
using namespace std::string_literals;

namespace {

std::string ipc_or_tcp_url() { return find_transport(GENERATE(as<std::string>(), "ipc_file", "tcp_v4"))->url(); }

constexpr std::size_t mib = 1u << 20;

template <class Socket>
void serves(Socket& in, const std::string& url) {
    godwit::context ctx;
    godwit::push out{ctx};
    must(out.connect(url));
    must(out.send("honest"));
    REQUIRE(receive(in) == "honest");
}

// Sends until the other side ends the link, at most so much.
bool is_cut(raw_link& link, const std::string& piece, std::size_t at_most) {
    for (std::size_t sent = 0; sent < at_most; sent += piece.size())
        if (!link.write(piece)) return true;
    return false;
}

}  // namespace

TEST_CASE("RELIABILITY 80: noise at a bound endpoint reaches nobody, and its link is ended") {
    const auto url = ipc_or_tcp_url();
    godwit::context ctx;
    godwit::pull in{ctx, {.message_bytes_max = mib, .handshake_max = 500ms}};
    const auto bound = must(in.bind(url));
    const std::string noises[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + pattern_of(200),
        pattern_of(3000, 7),
        "",
        "\xff"s,
        greeting().substr(0, 40),
        greeting(),
        greeting() + ready("PUSH").substr(0, 10),
        greeting("CURVE") + ready("PUSH"),
        greeting() + ready("SUB"),
        "\x01\x00\x06\x00Hello"s,                              // ZMTP 1.0: no identity, a message
        "\xff\0\0\0\0\0\0\0\x01\x7f\x01\x08\0\0\0\x05Hello"s,  // ZMTP 2.0, a PUSH
        greeting() + frame_header(std::uint64_t{1} << 63),
        greeting() + frame_header(std::uint64_t{1} << 63, command),
        greeting() + frame("x"),
    };
    for (const std::string& noise : noises) {
        CAPTURE(noise);
        raw_link stranger{bound};
        stranger.write(noise);
        CHECK(stranger.ended());
    }
    CHECK(in.stats().received == 0);
    CHECK(in.peers().empty());
    serves(in, bound);
    CHECK(in.stats().joined == 1);
}

TEST_CASE("RELIABILITY 82, D6: a claimed length beyond the limit is refused from the header, whatever it claims") {
    const auto url = ipc_or_tcp_url();
    constexpr std::size_t limit = 64 * mib;
    godwit::context ctx;
    godwit::pull in{ctx, {.message_bytes_max = limit}};
    const auto bound = must(in.bind(url));
    const std::size_t before = resident_bytes();
    for (const std::uint64_t claimed :
         {std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{1} << 31, std::uint64_t{limit + 1}}) {
        CAPTURE(claimed);
        for (const char flags : {last, more}) {
            raw_link stranger{bound};
            REQUIRE(stranger.shake_hands("PUSH"));
            stranger.write(frame_header(claimed, flags));
            CHECK(stranger.ended());
        }
    }
    if (!sanitized) CHECK(resident_bytes() < before + 8 * mib);
    CHECK(in.stats().received == 0);
    serves(in, bound);
}

TEST_CASE("D6: who talks without end before its handshake is cut, and who shakes hands and sends at once is not") {
    godwit::context ctx;
    godwit::pull in{ctx, {.handshake_max = 60s}};
    const auto bound = must(in.bind(find_transport("tcp_v4")->url()));
    const std::string claimed = greeting() + frame_header(16 * mib, command);
    raw_link talker{bound}, patient{bound};
    REQUIRE(patient.write(claimed + pattern_of(16 * 1024)));
    REQUIRE(talker.write(claimed));
    talker.write(pattern_of(64 * 1024));
    CHECK(talker.ended());  // long before the 60 s
    CHECK(event_of(in, godwit::event_kind::over_limit).detail.starts_with("more than 32768 bytes without"));
    const std::string body = pattern_of(4 * mib);
    for (int round = 0; round < 8; ++round) {
        godwit::context others;
        godwit::push out{others};
        must(out.connect(bound));
        must(out.send(body));
        REQUIRE(receive(in).size() == body.size());
    }
    CHECK(in.stats().over_limit == 1);
}

TEST_CASE("RELIABILITY 81: of ten thousand connections that never shake hands few are kept, and others are served") {
    constexpr int connections = 10'000, kept = 50;
    godwit::context ctx;
    godwit::pull in{ctx, {.handshake_max = 60s, .handshakes_max = kept}};
    const auto bound = must(in.bind(find_transport("tcp_v4")->url()));
    godwit::context others;
    godwit::push steady{others};
    must(steady.connect(bound));
    must(in.wait_for_peers(1, soon));
    const auto memory_before = resident_bytes();
    const auto descriptors_before = descriptors();
    std::deque<raw_link> crowd;
    for (int i = 0; i < connections; ++i) {
        crowd.emplace_back(bound);
        if (i % 3 == 1) crowd.back().write(greeting().substr(0, 11));
        if (crowd.size() == 4 * kept) {
            // libzmq has closed what was ended, so that the far side has been told.
            REQUIRE(crowd.front().ended());
            crowd.pop_front();
        }
        if (i % 100 == 0) {
            must(steady.send("still here"));
            REQUIRE(receive(in) == "still here");
            // Of each link here: two ends and our duplicate; some more are on their way out.
            REQUIRE(descriptors() < descriptors_before + 4 * kept * 3 + 64);
        }
    }
    REQUIRE(eventually([&] { return in.stats().over_limit >= connections - kept; }));
    CHECK(in.stats().over_limit == connections - kept);
    if (!sanitized) CHECK(resident_bytes() < memory_before + 32 * mib);
    serves(in, bound);
    must(steady.send("to the end"));
    REQUIRE(receive(in) == "to the end");
    CHECK(in.stats().joined == 2);
}

TEST_CASE("one message of endless parts is cut where it is larger than allowed") {
    const auto reader_waits = GENERATE(true, false);
    CAPTURE(reader_waits);
    godwit::context ctx;
    godwit::pull in{ctx, {.message_bytes_max = mib}};
    const auto bound = must(in.bind(find_transport("tcp_v4")->url()));
    std::jthread reader;
    if (reader_waits) {
        reader = std::jthread{[&](const std::stop_token& stop) { (void)in.recv(godwit::timeout::never, stop); }};
    }
    const std::size_t before = resident_bytes();
    raw_link stranger{bound};
    REQUIRE(stranger.shake_hands("PUSH"));
    const std::string part = frame(pattern_of(64 * 1024), more);
    CHECK(is_cut(stranger, part, 4096 * mib));
    CHECK(event_of(in, godwit::event_kind::over_limit).detail.find("unfinished") != std::string::npos);
    if (!sanitized) CHECK(resident_bytes() < before + 1500 * mib);
    if (reader.joinable()) {
        reader.request_stop();
        reader.join();
    }
    serves(in, bound);
    CHECK(in.stats().received == 1);
    CHECK(in.stats().over_limit == 1);
}

TEST_CASE("endless parts and messages at a push and a pub are cut, too") {
    const auto pattern = GENERATE(as<std::string>(), "push", "pub");
    CAPTURE(pattern);
    godwit::context ctx;
    std::unique_ptr<godwit::socket> out;
    if (pattern == "push") {
        out = std::make_unique<godwit::push>(ctx);
    } else {
        out = std::make_unique<godwit::pub>(ctx);
    }
    const auto bound = must(out->bind(find_transport("tcp_v4")->url()));
    raw_link stranger{bound};
    REQUIRE(stranger.shake_hands(pattern == "push" ? "PULL" : "XSUB"));
    std::string parts;
    while (parts.size() < mib) parts += frame(pattern_of(4000), more);
    CHECK(is_cut(stranger, parts, 2048 * mib));
    CHECK(event_of(*out, godwit::event_kind::over_limit).detail.find("unfinished") != std::string::npos);
}

TEST_CASE("RELIABILITY 86: what is taken from one peer and not received is bounded in bytes") {
    godwit::context ctx;
    godwit::pull in{ctx, {.queue_messages_max = 1'000'000, .message_bytes_max = mib, .unread_bytes_max = 16 * mib}};
    const auto bound = must(in.bind(find_transport("tcp_v4")->url()));
    raw_link flood{bound};
    REQUIRE(flood.shake_hands("PUSH"));
    CHECK(is_cut(flood, frame(pattern_of(64 * 1024)), 4096 * mib));
    CHECK(event_of(in, godwit::event_kind::over_limit).detail.starts_with("unread_bytes_max = 16777216, by "));
}

TEST_CASE("honest peers are not cut: a slow reader, large messages of many frames, a flood while reading") {
    godwit::context ctx;
    godwit::pull in{ctx, {.message_bytes_max = mib}};
    const auto bound = must(in.bind(find_transport("tcp_v4")->url()));
    godwit::context others;
    std::vector<std::unique_ptr<godwit::push>> outs;
    for (int i = 0; i < 3; ++i) {
        outs.push_back(std::make_unique<godwit::push>(others));
        must(outs.back()->connect(bound));
    }
    SECTION("nobody reads for a while, then slowly") {
        const std::string body = pattern_of(200 * 1024);
        for (int i = 0; i < 500; ++i) must(outs[static_cast<std::size_t>(i % 3)]->send(body));
        for (int i = 0; i < 500; ++i) {
            REQUIRE(receive(in).size() == body.size());
            if (i % 100 == 0) std::this_thread::sleep_for(30ms);
        }
    }
    SECTION("messages of 120 frames and up to twice the limit") {
        const std::string piece = pattern_of(17 * 1024);
        std::vector<godwit::bytes> frames(120, godwit::as_bytes(piece));
        const auto whole = must(godwit::message::from_frames(frames));
        for (int i = 0; i < 60; ++i) {
            must(outs[0]->send(whole));
            REQUIRE(must(in.recv(soon)).message().size_bytes() == 120 * piece.size());
        }
    }
    SECTION("a flood") {
        std::vector<std::jthread> senders;
        for (auto& out : outs)
            senders.emplace_back([&out] {
                const std::string body = pattern_of(8000);
                for (int i = 0; i < 10'000; ++i) (void)out->send(body);
            });
        for (int i = 0; i < 30'000 - 3; ++i) (void)receive(in);
    }
    CHECK(in.stats().over_limit == 0);
    CHECK(in.stats().joined == 3);
}

TEST_CASE("RELIABILITY 85: a subscriber beyond the limits is ended, and every other one is served on") {
    const auto url = ipc_or_tcp_url();
    godwit::context ctx;
    godwit::pub out{ctx, {.subscriptions_max = 1000, .subscription_bytes_max = 100'000}};
    const auto bound = must(out.bind(url));
    godwit::context others;
    godwit::sub in{others};
    must(in.subscribe("a"));
    must(in.connect(bound));
    must(out.wait_for_subscribers("a", 1, soon));
    const std::size_t before = resident_bytes();

    const auto expect_end = [&](raw_link& stranger, const std::string& why) {
        CHECK(stranger.ended(5s));
        CHECK(event_of(out, godwit::event_kind::over_limit).detail.starts_with(why));
    };
    {
        raw_link million{bound};
        REQUIRE(million.shake_hands("SUB"));
        std::string all;
        for (int i = 0; i < 1'000'000; ++i) all += frame("\x01t" + std::to_string(i));
        million.write(all);
        expect_end(million, "subscriptions_max = 1000");
    }
    {
        raw_link long_ones{bound};
        REQUIRE(long_ones.shake_hands("SUB"));
        for (std::size_t i = 0; i < 100; ++i) long_ones.write(frame("\x01" + pattern_of(4000, i)));
        expect_end(long_ones, "subscription_bytes_max = 100000");
    }
    {
        raw_link megabyte{bound};
        REQUIRE(megabyte.shake_hands("SUB"));
        megabyte.write(frame("\x01" + pattern_of(mib)));
        CHECK(megabyte.ended());
    }
    if (!sanitized) CHECK(resident_bytes() < before + 100 * mib);
    REQUIRE(eventually([&] { return out.subscribers("t5") == 0; }));
    must(out.send("a", "served"));
    CHECK(receive(in) == "served");
    CHECK(in.subscribe(pattern_of(4001)).failed(godwit::errc::too_large));
    must(in.subscribe(pattern_of(4000)));
    must(out.wait_for_subscribers(pattern_of(4000), 1, soon));
    CHECK(out.stats().over_limit == 2);
}

TEST_CASE("RELIABILITY 86: a peer that floods does not starve one that sends little") {
    const auto url = ipc_or_tcp_url();
    godwit::context ctx;
    godwit::pull in{ctx};
    const auto bound = must(in.bind(url));
    godwit::context others;
    godwit::push flood{others};
    godwit::push modest{others};
    must(flood.connect(bound));
    must(in.wait_for_peers(1, soon));
    std::jthread flooder{[&](const std::stop_token& stop) {
        const std::string body(100, 'f');
        while (!stop.stop_requested()) (void)flood.send(body, {.within = 50ms, .stop = stop});
    }};
    for (int i = 0; i < 1000; ++i) REQUIRE(receive(in).front() == 'f');
    must(modest.connect(bound));
    must(in.wait_for_peers(2, soon));
    // One that sends at once has its messages taken in turn with the flood's: none waits for more than a few hundred.
    for (int i = 0; i < 50; ++i) {
        must(modest.send("m"));
        int passed = 0;
        while (receive(in) != "m") ++passed;
        CHECK(passed < 200'000);
    }
    // What waits in two queues is received in turn: nobody's whole queue goes first.
    while (receive(in).front() != 'f') {}
    int flooded = 0;
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 500; ++i) must(modest.send("m"));
        for (int modest_ones = 0; modest_ones < 500;) receive(in) == "m" ? ++modest_ones : ++flooded;
    }
    CAPTURE(flooded);
    CHECK(flooded < 1'000'000);
    flooder.request_stop();
    flooder.join();
}
