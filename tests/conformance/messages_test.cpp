// Messages on their way: parts, sizes around every boundary, limits, forwarding.
#include <optional>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

namespace {

godwit::message with_parts(std::string_view topic, std::string_view key, std::vector<godwit::header> headers,
                           std::string_view body) {
    return must(godwit::message::make(
        {.topic = topic, .key = key, .headers = std::move(headers), .body = godwit::as_bytes(body)}));
}

std::vector<godwit::message> all_shapes() {
    std::vector<godwit::header> many;
    static const std::vector<std::string> names = [] {
        std::vector<std::string> each;
        for (int i = 0; i < 64; ++i) each.push_back("name " + std::to_string(i));
        return each;
    }();
    for (const auto& one : names) many.push_back({one, one});
    return {
        godwit::message{},
        godwit::message{"body only"},
        with_parts("topic", "", {}, "body"),
        with_parts("topic", "", {}, ""),
        with_parts("", "key", {}, "body"),
        with_parts("topic", "key", {}, "body"),
        with_parts("", "", {{"name", "value"}}, "body"),
        with_parts("topic", "key", {{"a", "1"}, {"b", ""}, {"a", "2"}}, "body"),
        with_parts("t", "k", std::move(many), pattern_of(100)),
        with_parts(pattern_of(64 << 10), pattern_of(64 << 10, 1), {{"big", pattern_of(10'000)}}, pattern_of(10'000)),
        with_parts(std::string_view{"\0\xff", 2}, std::string_view{"\0", 1}, {{"\xfe", "\xfd"}},
                   std::string_view{"\0", 1})};
}

void require_same(const godwit::message& got, const godwit::message& sent) {
    REQUIRE(got.topic() == sent.topic());
    REQUIRE(got.key() == sent.key());
    REQUIRE(got.text() == sent.text());
    REQUIRE(got.header_count() == sent.header_count());
    for (std::size_t i = 0; i < sent.header_count(); ++i) {
        REQUIRE(got.header_at(i).name == sent.header_at(i).name);
        REQUIRE(got.header_at(i).value == sent.header_at(i).value);
        REQUIRE(got.header_value(sent.header_at(i).name) == sent.header_value(sent.header_at(i).name));
    }
    REQUIRE(got.header_value("no such header").empty());
}

const std::vector<std::size_t> sizes{0,    1,    32,   33,   34,   55,    56,    57,      255,          256,
                                     4095, 8191, 8192, 8193, 8194, 65535, 65536, 1 << 20, (1 << 20) + 1};

}  // namespace

GODWIT_EACH_TRANSPORT("every part of a message arrives by push") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    for (const auto& sent : all_shapes()) {
        must(out.send(sent));
        require_same(must(in.recv(soon)).message(), sent);
    }
    must(out.send(std::string_view{"b"}, {.topic = "t", .key = "k", .headers = {{"n", "v"}}}));
    require_same(must(in.recv(soon)).message(), with_parts("t", "k", {{"n", "v"}}, "b"));
}

GODWIT_EACH_TRANSPORT("every part of a message arrives by pub") {
    godwit::context ctx;
    godwit::pub out{ctx};
    godwit::sub in{ctx};
    const auto url = over.url();
    must(out.bind(url));
    must(in.connect(url));
    must(in.subscribe(""));
    must(out.wait_for_subscribers("", 1, soon));
    for (const auto& sent : all_shapes()) {
        must(out.send(sent));
        require_same(must(in.recv(soon)).message(), sent);
    }
    must(out.send("t", godwit::as_bytes("b"), {.topic = "unused", .key = "k", .headers = {{"n", "v"}}}));
    require_same(must(in.recv(soon)).message(), with_parts("t", "k", {{"n", "v"}}, "b"));
}

GODWIT_EACH_TRANSPORT("every part of a message arrives by req and comes back by reply") {
    godwit::context ctx;
    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto url = over.url();
    must(answer.bind(url));
    must(ask.connect(url));
    for (const auto& sent : all_shapes()) {
        auto asked = must(ask.send(sent));
        auto got = must(answer.recv(soon));
        require_same(got.message(), sent);
        must(got.reply(got.message()));
        require_same(must(asked.wait(soon)), sent);
    }
    auto asked = must(ask.send(godwit::as_bytes("b"), {.topic = "t", .key = "k", .headers = {{"n", "v"}}}));
    auto got = must(answer.recv(soon));
    require_same(got.message(), with_parts("t", "k", {{"n", "v"}}, "b"));
    must(got.reply(""));
    REQUIRE(must(asked.wait(soon)).text().empty());
}

GODWIT_EACH_TRANSPORT("bodies of every size arrive unchanged by every way of sending") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    for (const auto size : sizes) {
        INFO(size);
        const auto body = pattern_of(size, size);
        must(out.send(body));  // copied
        const godwit::message shared{body};
        must(out.send(shared));                 // shared
        must(out.send(godwit::message{body}));  // moved
        std::atomic<int> given_back{0};
        must(out.send(godwit::message::take(body.data(), body.size(), [&] { ++given_back; })));  // the caller's memory
        for (int i = 0; i < 4; ++i) {
            const auto got = must(in.recv(soon));
            REQUIRE(got.body().size() == size);
            REQUIRE((got.text() == body));
        }
        REQUIRE(shared.text() == body);
        REQUIRE(eventually([&] { return given_back == 1; }));
    }
}

GODWIT_EACH_TRANSPORT("a frame at the limit passes and one above it is too_large") {
    godwit::context ctx;
    const std::size_t limit = GENERATE(std::size_t{10}, std::size_t{4096}, std::size_t{16} << 20);
    INFO(limit);
    const godwit::socket_options limited{.message_bytes_max = limit};
    const auto fits = pattern_of(limit);
    const auto above = pattern_of(limit + 1);

    godwit::push out{ctx, limited};
    godwit::pull in{ctx, limited};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    REQUIRE(outcome(out.send(above)) == "too_large");
    REQUIRE(outcome(out.send(godwit::message{above})) == "too_large");
    must(out.send(fits));
    REQUIRE((receive(in) == fits));

    godwit::pub news{ctx, limited};
    godwit::sub reader{ctx, limited};
    const auto news_url = over.url();
    must(news.bind(news_url));
    must(reader.connect(news_url));
    must(reader.subscribe("t"));
    must(news.wait_for_subscribers("t", 1, soon));
    REQUIRE(outcome(news.send("t", above)) == "too_large");
    must(news.send("t", fits));
    REQUIRE((receive(reader) == fits));

    godwit::req ask{ctx, limited};
    godwit::rep answer{ctx, limited};
    const auto ask_url = over.url();
    must(answer.bind(ask_url));
    must(ask.connect(ask_url));
    REQUIRE(outcome(ask.send(above)) == "too_large");
    auto asked = must(ask.send(fits));
    auto got = must(answer.recv(soon));
    REQUIRE(outcome(got.reply(above)) == "too_large");
    must(got.reply(fits));
    REQUIRE((must(asked.wait(soon)).text() == fits));
    REQUIRE(outcome(in.recv(0s)) == "timed_out");
}

GODWIT_EACH_TRANSPORT("a sender above its receiver's limit harms the others not at all") {
    godwit::context ctx;
    godwit::pull in{ctx, {.message_bytes_max = 5000}};
    const auto url = over.url();
    must(in.bind(url));
    godwit::push loud{ctx, {.redial_min = 10ms, .redial_max = 20ms}};
    godwit::push calm{ctx};
    must(loud.connect(url));
    must(calm.connect(url));
    must(in.wait_for_peers(2, soon));
    must(loud.send(pattern_of(5001)));
    must(calm.send("calm"));
    REQUIRE(receive(in) == "calm");
    REQUIRE(outcome(in.recv(0ms)) == "timed_out");  // a carrier may judge a message when its turn comes
    event_of(in, godwit::event_kind::peer_left);
    must(in.wait_for_peers(2, soon));
    must(loud.wait_for_peers(1, soon));
    must(loud.send("sorry"));
    REQUIRE(receive(in) == "sorry");
}

GODWIT_EACH_TRANSPORT("a received message is forwarded by copy and by move") {
    godwit::context ctx;
    godwit::push first{ctx};
    godwit::pull middle_in{ctx};
    godwit::push middle_out{ctx};
    godwit::pull last{ctx};
    const auto one = over.url();
    const auto two = over.url();
    must(middle_in.bind(one));
    must(first.connect(one));
    must(last.bind(two));
    must(middle_out.connect(two));
    for (const auto size : sizes) {
        INFO(size);
        const auto body = pattern_of(size, 3);
        const auto sent = with_parts("topic", "key", {{"n", "v"}}, body);
        for (int i = 0; i < 2; ++i) must(first.send(sent));
        const auto kept = must(middle_in.recv(soon));
        must(middle_out.send(kept.message()));
        auto moved = must(middle_in.recv(soon));
        must(middle_out.send(std::move(moved).message()));
        for (int i = 0; i < 2; ++i) require_same(must(last.recv(soon)).message(), sent);
        require_same(kept.message(), sent);
        require_same(kept.message().detached(), sent);
    }
}

GODWIT_EACH_TRANSPORT("a received message outlives its socket and its context") {
    std::optional<godwit::context> ctx{std::in_place};
    std::vector<godwit::delivery> kept;
    const auto text = pattern_of(20'000);
    {
        godwit::push out{*ctx};
        godwit::pull in{*ctx};
        const auto url = over.url();
        must(in.bind(url));
        must(out.connect(url));
        for (const std::size_t size : {10u, 60u, 20'000u}) {
            must(out.send(std::string_view{text}.substr(0, size)));
            kept.push_back(must(in.recv(soon)));
        }
    }
    ctx.reset();
    for (const auto& each : kept) REQUIRE(text.starts_with(each.text()));
    REQUIRE(kept[2].text() == text);
}

GODWIT_EACH_TRANSPORT("frames of another framing arrive as they are") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    for (const std::size_t count : {1u, 2u, 3u, 4u, 5u, 131u, 132u}) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < count; ++i) texts.push_back(pattern_of(i, i));
        std::vector<godwit::bytes> frames;
        for (const auto& text : texts) frames.push_back(godwit::as_bytes(text));
        must(out.send(must(godwit::message::from_frames(frames))));
        const auto got = must(in.recv(soon));
        REQUIRE(got.message().frame_count() == count);
        for (std::size_t i = 0; i < count; ++i) REQUIRE((godwit::as_text(got.message().frame(i)) == texts[i]));
    }
}
