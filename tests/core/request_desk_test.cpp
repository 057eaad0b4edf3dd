// The desk behind a req, with a raw ROUTER opposite that answers as a Godwit rep never would.
#include "core/request_desk.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "core/zmq_pair.hpp"
#include "godwit/godwit.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;
using namespace std::chrono_literals;

namespace {

using frames = std::vector<std::string>;

struct rude_server {
    rude_server() {
        REQUIRE(zmq_bind(router.get(), "tcp://127.0.0.1:*") == 0);
        char url[256] = {};
        std::size_t size = sizeof url;
        REQUIRE(zmq_getsockopt(router.get(), ZMQ_LAST_ENDPOINT, url, &size) == 0);
        REQUIRE(client.connect(url));
    }
    // [peer, id, "", body…]
    frames take() {
        frames all;
        int more = 1;
        while (more != 0) {
            zmq_msg_t frame;
            zmq_msg_init(&frame);
            REQUIRE(zmq_msg_recv(&frame, router.get(), 0) >= 0);
            all.emplace_back(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
            more = zmq_msg_more(&frame);
            zmq_msg_close(&frame);
        }
        return all;
    }
    void give(const frames& all) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            const int more = i + 1 < all.size() ? ZMQ_SNDMORE : 0;
            REQUIRE(zmq_send(router.get(), all[i].data(), all[i].size(), more) == static_cast<int>(all[i].size()));
        }
    }
    // A request and its reply: all that was given before has then been sorted, too.
    void pass_by() {
        auto asked = client.send("flush").value();
        frames question = take();
        question.back() = "flushed";
        give(question);
        CHECK(asked.wait(20s).value().text() == "flushed");
    }

    zmq_world world;
    detail::zmq_handle router = world.socket(ZMQ_ROUTER);
    context ctx;
    req client{ctx};
};

std::uint64_t number_of(const std::string& id) {
    std::uint64_t number = 0;
    REQUIRE(id.size() == sizeof number);
    std::memcpy(&number, id.data(), sizeof number);
    return number;
}
std::string id_of(std::uint64_t number) { return {reinterpret_cast<const char*>(&number), sizeof number}; }

}  // namespace

TEST_CASE("each request gets its own reply, whatever the order of the replies") {
    rude_server server;
    std::vector<pending> asked;
    std::vector<frames> questions;
    constexpr std::size_t requests = 50;
    for (std::size_t i = 0; i < requests; ++i) {
        asked.push_back(server.client.send(std::to_string(i)).value());
        questions.push_back(server.take());
        REQUIRE(questions.back().size() == 4);
        CHECK(questions.back()[2].empty());
        CHECK(questions.back()[3] == std::to_string(i));
        if (i > 0) CHECK(number_of(questions[i][1]) == number_of(questions[i - 1][1]) + 1);
    }
    for (std::size_t i = requests; i-- > 0;) {
        questions[i].back() = "reply to " + std::to_string(i);
        server.give(questions[i]);
    }
    CHECK(asked[0].wait(20s).value().text() == "reply to 0");
    for (std::size_t i = 1; i < requests; ++i) {
        CHECK(asked[i].ready());
        CHECK(asked[i].wait(0s).value().text() == "reply to " + std::to_string(i));
    }
    CHECK(server.client.stats().received == requests);
    CHECK(server.client.stats().stray_messages == 0);
    CHECK(server.client.stats().late_replies == 0);
}

TEST_CASE("a reply's frames are the message's, without the envelope") {
    rude_server server;
    auto asked = server.client.send("question").value();
    const frames question = server.take();
    server.give({question[0], question[1], "", "topic", "body", "key", "name", "value"});
    const message reply = asked.wait(20s).value();
    CHECK(reply.frame_count() == 5);
    CHECK(reply.topic() == "topic");
    CHECK(reply.text() == "body");
    CHECK(reply.key() == "key");
    CHECK(reply.header_value("name") == "value");
}

TEST_CASE("what has not the envelope of a request that was made is a stray, and disturbs nobody") {
    rude_server server;
    auto asked = server.client.send("question").value();
    const frames question = server.take();
    const std::string& peer = question[0];
    const std::uint64_t id = number_of(question[1]);
    const std::vector<frames> strays{
        {peer, ""},
        {peer, "body alone"},
        {peer, question[1]},
        {peer, question[1], ""},  // no body
        {peer, question[1], "not empty", "body"},
        {peer, "", "", "body"},
        {peer, question[1].substr(1), "", "body"},
        {peer, question[1] + "x", "", "body"},
        {peer, id_of(id + 1000), "", "from the future"},
        {peer, id_of(id - 1), "", "of a predecessor"},
        {peer, id_of(0), "", "body"},
        {peer, id_of(~std::uint64_t{0}), "", "body"},
    };
    for (const frames& stray : strays) server.give(stray);
    server.pass_by();
    CHECK(server.client.stats().stray_messages == strays.size());
    CHECK(server.client.stats().late_replies == 0);
    CHECK_FALSE(asked.ready());
    server.give({peer, question[1], "", "reply"});
    CHECK(asked.wait(20s).value().text() == "reply");
}

TEST_CASE("replies to what was given up, or answered before, are late, and not strays") {
    rude_server server;
    auto given_up = server.client.send("one").value();
    const frames first = server.take();
    auto answered = server.client.send("two").value();
    const frames second = server.take();
    given_up.cancel();
    server.give({first[0], first[1], "", "late"});
    for (int i = 0; i < 3; ++i) server.give({second[0], second[1], "", "reply " + std::to_string(i)});
    server.pass_by();
    CHECK(answered.wait(0s).value().text() == "reply 0");
    CHECK(answered.wait(0s).failed(errc::invalid_argument));
    CHECK(given_up.wait(0s).failed(errc::invalid_argument));
    CHECK(server.client.stats().late_replies == 3);
    CHECK(server.client.stats().stray_messages == 0);
}

TEST_CASE("a request that timed out stays open, and its reply is not late") {
    rude_server server;
    auto asked = server.client.send("question").value();
    const frames question = server.take();
    CHECK(asked.wait(0s).failed(errc::timed_out));
    CHECK(asked.wait(5ms).failed(errc::timed_out));
    server.give({question[0], question[1], "", "reply"});
    CHECK(asked.wait(20s).value().text() == "reply");
    CHECK(server.client.stats().late_replies == 0);
}

TEST_CASE("ids of two reqs do not begin at the same number") {
    rude_server one, two;
    auto first = one.client.send("a").value();
    auto second = two.client.send("a").value();
    CHECK(one.take()[1] != two.take()[1]);
}
