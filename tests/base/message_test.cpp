#include "godwit/message.hpp"

#include <string>
#include <vector>

#include "test_main.hpp"

using godwit::as_bytes;
using godwit::as_text;
using godwit::bytes;
using godwit::errc;
using godwit::message;

namespace {

std::vector<std::string> frames_of(const message& source) {
    std::vector<std::string> frames;
    for (std::size_t index = 0; index < source.frame_count(); ++index) {
        frames.emplace_back(as_text(source.frame(index)));
    }
    return frames;
}

message made(const godwit::message_parts& parts) { return message::make(parts).value(); }

}  // namespace

TEST_CASE("a message has the frames that its parts need, and no more") {
    const bytes body = as_bytes("body");
    CHECK(frames_of(message{}) == std::vector<std::string>{""});
    CHECK(frames_of(message{"body"}) == std::vector<std::string>{"body"});
    CHECK(frames_of(made({.body = body})) == std::vector<std::string>{"body"});
    CHECK(frames_of(made({})) == std::vector<std::string>{""});
    CHECK(frames_of(made({.topic = "t", .body = body})) == std::vector<std::string>{"t", "body"});
    CHECK(frames_of(made({.topic = "t"})) == std::vector<std::string>{"t", ""});
    CHECK(frames_of(made({.key = "k", .body = body})) == std::vector<std::string>{"", "body", "k"});
    CHECK(frames_of(made({.topic = "t", .key = "k", .body = body})) == std::vector<std::string>{"t", "body", "k"});
    CHECK(frames_of(made({.headers = {{"n", "v"}, {"m", ""}}, .body = body})) ==
          std::vector<std::string>{"", "body", "", "n", "v", "m", ""});
}

TEST_CASE("what was put into a message is read from it") {
    const std::string big(100'000, 'x');
    const message full =
        made({.topic = "topic", .key = "key", .headers = {{"a", "1"}, {"b", big}, {"a", "2"}}, .body = as_bytes(big)});
    CHECK(full.topic() == "topic");
    CHECK(full.key() == "key");
    CHECK(full.text() == big);
    CHECK(full.header_count() == 3);
    CHECK(full.header_at(2).name == "a");
    CHECK(full.header_at(2).value == "2");
    CHECK(full.header_value("a") == "1");
    CHECK(full.header_value("b") == big);
    CHECK(full.header_value("c").empty());
    CHECK(full.size_bytes() == 5 + big.size() + 3 + 3 + 2 + big.size());
    const message plain{"b"};
    CHECK(plain.topic().empty());
    CHECK(plain.key().empty());
    CHECK(plain.header_count() == 0);
    CHECK(plain.header_value("").empty());
    CHECK(plain.size_bytes() == 1);
    CHECK(message{}.size_bytes() == 0);
    const char binary[] = "a\0b";
    CHECK(message{bytes{reinterpret_cast<const std::byte*>(binary), 3}}.text() == std::string_view(binary, 3));
}

TEST_CASE("frames are read by their place, and a last name without a value has an empty one") {
    const auto of = [](std::initializer_list<std::string_view> texts) {
        std::vector<bytes> frames;
        for (const std::string_view each : texts) frames.push_back(as_bytes(each));
        return message::from_frames(frames).value();
    };
    CHECK(of({"only"}).text() == "only");
    CHECK(of({"only"}).topic().empty());
    CHECK(of({"t", "b"}).topic() == "t");
    CHECK(of({"t", "b"}).text() == "b");
    CHECK(of({"t", "b", "k"}).key() == "k");
    CHECK(of({"t", "b", "k"}).header_count() == 0);
    const message odd = of({"t", "b", "k", "n", "v", "last"});
    CHECK(odd.header_count() == 2);
    CHECK(odd.header_at(1).name == "last");
    CHECK(odd.header_at(1).value.empty());
    CHECK(odd.header_value("n") == "v");
    CHECK(frames_of(odd) == std::vector<std::string>{"t", "b", "k", "n", "v", "last"});
    CHECK(of({"t", "b", "k", "n", ""}).header_count() == 1);
}

TEST_CASE("limits are exact, and what is above them is too_large") {
    const std::string limit(64 << 10, 'x');
    const std::string above(limit.size() + 1, 'x');
    CHECK(message::make({.topic = limit, .key = limit, .headers = {{limit, above}}, .body = as_bytes(above)}));
    CHECK(message::make({.topic = above}).failed(errc::too_large));
    CHECK(message::make({.key = above}).failed(errc::too_large));
    CHECK(message::make({.headers = {{above, ""}}}).failed(errc::too_large));
    CHECK(message::make({.headers = {64, {"n", "v"}}}).value().header_count() == 64);
    CHECK(message::make({.headers = {65, {"n", "v"}}}).failed(errc::too_large));
    CHECK(message::from_frames(std::vector<bytes>(132)).value().frame_count() == 132);
    CHECK(message::from_frames(std::vector<bytes>(133)).failed(errc::too_large));
    CHECK(message::from_frames({}).failed(errc::invalid_argument));
}
