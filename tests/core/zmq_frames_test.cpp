#include "core/zmq_one_frame.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "base/block.hpp"
#include "core/zmq_pair.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;

namespace {

const std::vector<std::size_t> sizes{0,    1,    33,   34,   56,   57,   255,   256,
                                     1023, 1024, 1025, 8191, 8192, 8193, 65536, 1 << 20};

std::string pattern_of(std::size_t size, std::size_t seed = 0) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 131 + seed * 17 + (i >> 8));
    return text;
}

// A buffer of the caller's, and how often it was given back.
struct lent_buffer {
    explicit lent_buffer(std::size_t size, std::size_t seed = 0) : memory{pattern_of(size, seed)} {}
    message lend() {
        return message::take(memory.data(), memory.size(), [this] { given_back.fetch_add(1); });
    }
    std::string memory;
    std::atomic<int> given_back{0};
};

std::vector<bytes> frames_of(const message& source) {
    std::vector<bytes> frames;
    for (std::size_t i = 0; i < source.frame_count(); ++i) frames.push_back(source.frame(i));
    return frames;
}
io send_whole(void* socket, message& whole, bool may_move = false) {
    const auto frames = frames_of(whole);
    return send_frames(socket, {frames, &whole, 0, may_move, {}});
}

message arrival(void* socket) {
    message content;
    REQUIRE(receive_message(socket, content) == received::message);
    return content;
}
std::vector<std::string> texts_of(const message& source) {
    std::vector<std::string> all;
    for (const bytes frame : frames_of(source)) all.emplace_back(as_text(frame));
    return all;
}

}  // namespace

TEST_CASE("a frame of any size arrives as it was sent, by each of the ways to send it") {
    zmq_pair pair;
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        const std::string body = pattern_of(size);
        const bytes frame = as_bytes(body);
        REQUIRE(send_copy(pair.near.get(), frame) == io::done);
        REQUIRE(arrival(pair.far.get()).text() == body);
        REQUIRE(send_frames(pair.near.get(), {.frames = {&frame, 1}}) == io::done);
        REQUIRE(arrival(pair.far.get()).text() == body);
        message whole{frame};
        REQUIRE(send_whole(pair.near.get(), whole) == io::done);
        REQUIRE(arrival(pair.far.get()).text() == body);
        REQUIRE(whole.text() == body);
        message content;
        REQUIRE(receive_message(pair.far.get(), content) == received::nothing);
        REQUIRE(content.frame_count() == 1);
        REQUIRE(content.text().empty());
    }
}

TEST_CASE("what was received can be copied, moved and kept after its socket is gone") {
    std::vector<message> kept;
    {
        zmq_pair pair;
        for (const std::size_t size : sizes) {
            REQUIRE(send_copy(pair.near.get(), as_bytes(pattern_of(size))) == io::done);
            message arrived = arrival(pair.far.get());
            const message copy = arrived;
            kept.push_back(copy);
            kept.push_back(std::move(arrived));
        }
    }
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i].text() == pattern_of(sizes[i / 2]));
}

TEST_CASE("messages of several frames keep their frames, whatever mixture of sizes they are") {
    zmq_pair pair;
    for (const std::size_t first : sizes) {
        for (const std::size_t second : sizes) {
            const std::vector<std::string> texts{pattern_of(first, 1), pattern_of(second, 2), "", pattern_of(40, 3)};
            std::vector<bytes> frames;
            for (const std::string& text : texts) frames.push_back(as_bytes(text));
            REQUIRE(send_frames(pair.near.get(), {.frames = frames}) == io::done);
            const message plain = arrival(pair.far.get());
            REQUIRE(texts_of(plain) == texts);
            message whole = message::from_frames(frames).value();
            REQUIRE(send_whole(pair.near.get(), whole) == io::done);
            REQUIRE(texts_of(arrival(pair.far.get())) == texts);
            REQUIRE(texts_of(whole) == texts);
        }
    }
}

TEST_CASE("the most frames that a message has, and more from a peer, arrive") {
    zmq_pair pair;
    for (const std::size_t count : {2u, 8u, 9u, 132u, 1000u}) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < count; ++i) texts.push_back(pattern_of(i * 20, i));
        std::vector<bytes> frames;
        for (const std::string& text : texts) frames.push_back(as_bytes(text));
        REQUIRE(send_frames(pair.near.get(), {.frames = frames}) == io::done);
        REQUIRE(texts_of(arrival(pair.far.get())) == texts);
    }
}

TEST_CASE("a message with too many frames is refused whole, and the next one is whole again") {
    zmq_pair pair;
    const std::vector<bytes> most(received_frames_max, as_bytes("f")), above(received_frames_max + 1, as_bytes("f"));
    for (const auto& frames : {most, above, most})
        REQUIRE(send_frames(pair.near.get(), {.frames = frames}) == io::done);
    CHECK(arrival(pair.far.get()).frame_count() == received_frames_max);
    message content;
    CHECK(receive_message(pair.far.get(), content) == received::refused);
    CHECK(arrival(pair.far.get()).frame_count() == received_frames_max);
}

TEST_CASE("a lent buffer goes without a copy from 8 KiB on, and is given back exactly once, by whoever is last") {
    for (const std::size_t size : {8191u, 8192u, 1u << 20}) {
        for (const bool sender_first : {true, false}) {
            CAPTURE(size, sender_first);
            lent_buffer owner{size};
            {
                zmq_pair pair;
                message whole = owner.lend();
                REQUIRE(send_whole(pair.near.get(), whole) == io::done);
                message arrived = arrival(pair.far.get());
                REQUIRE(arrived.text() == owner.memory);
                const bool shared = arrived.text().data() == owner.memory.data();
                CHECK(shared == (size >= share_from_bytes));
                message& first = sender_first ? whole : arrived;
                message& last = sender_first ? arrived : whole;
                first = message{};
                CHECK(owner.given_back == (shared || !sender_first ? 0 : 1));
                last = message{};
            }
            CHECK(owner.given_back == 1);
        }
    }
}

TEST_CASE("shared frames that nobody receives are given back once, when the sockets go") {
    lent_buffer owner{1 << 20};
    {
        zmq_pair pair;
        message whole = owner.lend();
        for (int i = 0; i < 3; ++i) REQUIRE(send_whole(pair.near.get(), whole) == io::done);
        whole = message{};
        CHECK(owner.given_back == 0);
    }
    CHECK(owner.given_back == 1);
}

TEST_CASE("a frame that is refused is taken back: nothing is lost, and nothing given back early") {
    lent_buffer owner{1 << 16};
    zmq_world world;
    message whole = owner.lend();
    {
        const zmq_handle lonely = world.socket(ZMQ_PUSH);
        for (const bool may_move : {false, true}) {
            REQUIRE(send_whole(lonely.get(), whole, may_move) == io::would_block);
            CHECK(send_copy(lonely.get(), as_bytes("x")) == io::would_block);
        }
    }
    CHECK(whole.text() == owner.memory);
    CHECK(owner.given_back == 0);
    whole = message{};
    CHECK(owner.given_back == 1);
}

TEST_CASE("a received message that may move goes on without a copy, and leaves its sender empty") {
    zmq_pair first, second;
    for (const std::size_t size : sizes) {
        CAPTURE(size);
        const std::string body = pattern_of(size);
        REQUIRE(send_copy(first.near.get(), as_bytes(body)) == io::done);
        message passing = arrival(first.far.get());
        const void* const where = passing.text().data();
        REQUIRE(send_whole(second.near.get(), passing, true) == io::done);
        message arrived = arrival(second.far.get());
        REQUIRE(arrived.text() == body);
        if (size > 64) {
            CHECK(arrived.text().data() == where);
            CHECK(passing.text().empty());
        }
    }
}

TEST_CASE("a received message that others share, or that must stay, is sent and stays") {
    zmq_pair first, second;
    const std::string body = pattern_of(1 << 16);
    for (const bool shared : {true, false}) {
        REQUIRE(send_copy(first.near.get(), as_bytes(body)) == io::done);
        message passing = arrival(first.far.get());
        const message copy = shared ? passing : message{};
        REQUIRE(send_whole(second.near.get(), passing, shared) == io::done);
        REQUIRE(arrival(second.far.get()).text() == body);
        CHECK(passing.text() == body);
        if (shared) CHECK(copy.text() == body);
    }
}

TEST_CASE("a hundred rounds of one message through two sockets change nothing in it") {
    zmq_pair pair;
    for (const std::size_t size : {40u, 1000u, 100'000u}) {
        message ball{as_bytes(pattern_of(size))};
        for (int round = 0; round < 100; ++round) {
            void* const from = round % 2 == 0 ? pair.near.get() : pair.far.get();
            void* const to = round % 2 == 0 ? pair.far.get() : pair.near.get();
            REQUIRE(send_whole(from, ball, true) == io::done);
            ball = arrival(to);
        }
        CHECK(ball.text() == pattern_of(size));
    }
}

TEST_CASE("an envelope is copied, and the owner's frames behind it are shared") {
    zmq_pair pair;
    lent_buffer owner{1 << 16};
    message whole = owner.lend();
    const std::vector<bytes> frames{as_bytes("id"), as_bytes(""), whole.frame(0)};
    REQUIRE(send_frames(pair.near.get(), {frames, &whole, 2, true, {}}) == io::done);
    const message arrived = arrival(pair.far.get());
    CHECK(texts_of(arrived) == std::vector<std::string>{"id", "", owner.memory});
    CHECK(arrived.frame(2).data() == as_bytes(owner.memory).data());
    CHECK(whole.text() == owner.memory);
}

TEST_CASE("a router's peer is told, answered, and unreachable when it is not there") {
    zmq_pair pair{ZMQ_ROUTER, ZMQ_DEALER};
    pair.near.set(ZMQ_ROUTER_MANDATORY, 1);
    REQUIRE(send_copy(pair.far.get(), as_bytes("question")) == io::done);
    message question;
    std::string peer;
    REQUIRE(receive_from(pair.near.get(), question, peer) == received::message);
    CHECK(question.text() == "question");
    CHECK(peer.size() == 5);
    const bytes answer = as_bytes("answer");
    REQUIRE(send_frames(pair.near.get(), {.frames = {&answer, 1}, .peer = peer}) == io::done);
    CHECK(arrival(pair.far.get()).text() == "answer");
    CHECK(send_frames(pair.near.get(), {.frames = {&answer, 1}, .peer = "nobody"}) == io::unreachable);
    CHECK(receive_from(pair.near.get(), question, peer) == received::nothing);
}

TEST_CASE("a full queue takes nothing of a message of several frames") {
    zmq_pair pair{ZMQ_PUSH, ZMQ_PULL, 2};
    const std::vector<bytes> frames{as_bytes("a"), as_bytes("b"), as_bytes("c")};
    int sent = 0;
    while (sent < 1000 && send_frames(pair.near.get(), {.frames = frames}) == io::done) ++sent;
    REQUIRE(sent < 1000);
    message content;
    int arrived = 0;
    while (receive_message(pair.far.get(), content) == received::message) {
        ++arrived;
        REQUIRE(texts_of(content) == std::vector<std::string>{"a", "b", "c"});
        content = message{};
    }
    CHECK(arrived == sent);
    REQUIRE((pair.near.get_int(ZMQ_EVENTS) & ZMQ_POLLOUT) != 0);  // libzmq hears of the room only when asked
    CHECK(send_frames(pair.near.get(), {.frames = frames}) == io::done);
}
