// send_many and recv_many: several messages a call, and honest counts when not all of them fit.
#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

GODWIT_EACH_TRANSPORT("many are sent and received in order") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    std::vector<godwit::message> batch;
    std::vector<std::string> texts;
    std::vector<godwit::bytes> bodies;
    for (int i = 0; i < 100; ++i) texts.push_back(std::to_string(i));
    for (const auto& text : texts) {
        batch.emplace_back(text);
        bodies.push_back(godwit::as_bytes(text));
    }
    SECTION("as messages") { REQUIRE(must(out.send_many(batch)) == 100); }
    SECTION("as bodies") { REQUIRE(must(out.send_many(bodies)) == 100); }
    std::vector<godwit::delivery> got(64);
    std::size_t came = 0;
    while (came < 100) {
        const auto some = must(in.recv_many(got, soon));
        REQUIRE(some >= 1);
        REQUIRE(some <= 64);
        for (std::size_t i = 0; i < some; ++i) REQUIRE(got[i].text() == texts[came + i]);
        came += some;
    }
    REQUIRE(came == 100);
    REQUIRE(outcome(in.recv_many(got, 0s)) == "timed_out");
    REQUIRE(out.stats().sent == 100);
    REQUIRE(in.stats().received == 100);
    for (std::size_t i = 0; i < 100; ++i) REQUIRE(batch[i].text() == texts[i]);
}

GODWIT_EACH_TRANSPORT("send_many takes what fits and recv_many no more than asked") {
    godwit::context ctx;
    const godwit::socket_options small{.queue_messages_max = 8, .send_timeout = 50ms};
    godwit::push out{ctx, small};
    godwit::pull in{ctx, small};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.wait_for_peers(1, soon));
    const std::vector<godwit::message> batch(3000, godwit::message{pattern_of(64 << 10)});
    std::size_t taken = must(out.send_many(batch));
    REQUIRE(taken >= 8);
    REQUIRE(taken < 3000);
    // The system may find room for some more; in the end there is none.
    REQUIRE(eventually([&] {
        const auto more = out.send_many(batch, {.within = 10ms});
        if (more) taken += *more;
        return more.failed(godwit::errc::timed_out);
    }));
    std::vector<godwit::delivery> got(5);
    std::size_t came = 0;
    while (came < taken) {
        const auto some = must(in.recv_many(got, soon));
        REQUIRE(some >= 1);
        REQUIRE(some <= 5);
        came += some;
    }
    REQUIRE(came == taken);
    REQUIRE(outcome(in.recv_many(got, 30ms)) == "timed_out");
    REQUIRE(outcome(in.recv_many(std::span<godwit::delivery>{}, 0s)) != "closed");
}

GODWIT_EACH_TRANSPORT("send_many stops before a message that is too large") {
    godwit::context ctx;
    godwit::push out{ctx, {.message_bytes_max = 10}};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    const std::vector<godwit::message> batch{godwit::message{"one"}, godwit::message{"two"},
                                             godwit::message{"far too large"}, godwit::message{"four"}};
    REQUIRE(must(out.send_many(batch)) == 2);
    REQUIRE(outcome(out.send_many(std::span{batch}.subspan(2))) == "too_large");
    REQUIRE(must(out.send_many(std::span{batch}.subspan(3))) == 1);
    for (const auto* text : {"one", "two", "four"}) REQUIRE(receive(in) == text);
}

GODWIT_EACH_TRANSPORT("nothing to send is sent at once") {
    godwit::context ctx;
    godwit::push out{ctx};
    must(out.bind(over.url()));
    REQUIRE(must(out.send_many(std::span<const godwit::message>{})) == 0);
}

GODWIT_EACH_TRANSPORT("many are published to all subscribers") {
    godwit::context ctx;
    godwit::pub out{ctx};
    const auto url = over.url();
    must(out.bind(url));
    std::vector<godwit::sub> ins;
    for (int i = 0; i < 2; ++i) {
        ins.emplace_back(ctx);
        must(ins.back().connect(url));
        must(ins.back().subscribe("t"));
    }
    must(out.wait_for_subscribers("t", 2, soon));
    std::vector<godwit::message> batch;
    for (int i = 0; i < 50; ++i) {
        const auto text = std::to_string(i);
        batch.push_back(
            must(godwit::message::make({.topic = i % 2 == 0 ? "t" : "other", .body = godwit::as_bytes(text)})));
    }
    REQUIRE(must(out.send_many(batch)) == 50);
    for (auto& in : ins) {
        std::vector<godwit::delivery> got(50);
        std::size_t came = 0;
        while (came < 25) came += must(in.recv_many(std::span{got}.subspan(came), soon));
        for (std::size_t i = 0; i < 25; ++i) REQUIRE(got[i].text() == std::to_string(2 * i));
        REQUIRE(outcome(in.recv(0s)) == "timed_out");
    }
}
