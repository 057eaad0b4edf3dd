#include "core/outgoing_message.hpp"

#include <string>
#include <vector>

#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

using texts = std::vector<std::string>;

texts frames_of(const outgoing& out) {
    texts all;
    for (const bytes frame : out.frames) all.emplace_back(as_text(frame));
    return all;
}

texts mapped(std::string_view topic, const send_options& options, bool topic_always = false,
             std::span<const bytes> envelope = {}) {
    const outgoing_message made{as_bytes("body"), options, topic, topic_always, envelope};
    return frames_of(made.frames());
}

send_options named(std::string_view key, std::vector<header> headers = {}) {
    send_options options;
    options.key = key;
    options.headers = std::move(headers);
    return options;
}

}  // namespace

TEST_CASE("a body, a topic, a key and headers become the fewest frames that say all") {
    CHECK(mapped("", {}) == texts{"body"});
    CHECK(mapped("t", {}) == texts{"t", "body"});
    CHECK(mapped("", named("k")) == texts{"", "body", "k"});
    CHECK(mapped("t", named("k")) == texts{"t", "body", "k"});
    CHECK(mapped("", named("", {{"n", "v"}})) == texts{"", "body", "", "n", "v"});
    CHECK(mapped("t", named("k", {{"n", "v"}, {"", ""}})) == texts{"t", "body", "k", "n", "v", "", ""});
}

TEST_CASE("a publisher's topic is always there") {
    CHECK(mapped("", {}, true) == texts{"", "body"});
    CHECK(mapped("t", {}, true) == texts{"t", "body"});
    CHECK(mapped("", named("k"), true) == texts{"", "body", "k"});
}

TEST_CASE("the envelope comes first") {
    const std::vector<bytes> envelope{as_bytes("id"), as_bytes("")};
    CHECK(mapped("", {}, false, envelope) == texts{"id", "", "body"});
    CHECK(mapped("t", named("k"), false, envelope) == texts{"id", "", "t", "body", "k"});
}

TEST_CASE("the mapping is that of a message made of the same parts, from one frame to the most there may be") {
    for (std::size_t headers = 0; headers <= 64; ++headers) {
        std::vector<header> list;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < headers; ++i) names.push_back("name" + std::to_string(i));
        for (const std::string& name : names) list.push_back({name, name});
        for (const char* const topic : {"", "t"}) {
            for (const char* const key : {"", "k"}) {
                const message same =
                    message::make({.topic = topic, .key = key, .headers = list, .body = as_bytes("body")}).value();
                const outgoing_message of_whole{same};
                REQUIRE(mapped(topic, named(key, list)) == frames_of(of_whole.frames()));
            }
        }
    }
}

TEST_CASE("frames are borrowed, not copied") {
    const std::string body(100, 'b'), topic(100, 't');
    const outgoing_message made{as_bytes(body), {}, topic};
    const outgoing out = made.frames();
    CHECK(out.frames[0].data() == as_bytes(topic).data());
    CHECK(out.frames[1].data() == as_bytes(body).data());
    CHECK(out.owner == nullptr);
}

TEST_CASE("a whole message is the owner of its frames, and may move only when that is said") {
    const message whole = message::make({.topic = "t", .body = as_bytes("b")}).value();
    outgoing_message alone{whole};
    CHECK(frames_of(alone.frames()) == texts{"t", "b"});
    CHECK(alone.frames().owner == &whole);
    CHECK(alone.frames().owner_first == 0);
    CHECK_FALSE(alone.frames().owner_may_move);
    alone.may_move();
    CHECK(alone.frames().owner_may_move);

    const std::vector<bytes> envelope{as_bytes("id"), as_bytes("")};
    const outgoing_message wrapped{whole, envelope};
    CHECK(frames_of(wrapped.frames()) == texts{"id", "", "t", "b"});
    CHECK(wrapped.frames().owner_first == 2);
    CHECK(wrapped.frames().owner == &whole);
}

TEST_CASE("an empty message is one empty frame") {
    const message empty;
    const outgoing_message made{empty};
    CHECK(frames_of(made.frames()) == texts{""});
}
