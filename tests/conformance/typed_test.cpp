// Typed messages: a value goes in, the same value comes out, other bytes are malformed.
#include <godwit/msgpack.hpp>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"

using namespace conformance;

namespace {

struct order {
    std::uint64_t id = 0;
    std::string sku;
    std::vector<double> prices;
    MSGPACK_DEFINE(id, sku, prices)
    bool operator==(const order&) const = default;
};

struct by_name {
    int first = 0;
    std::string second;
    MSGPACK_DEFINE_MAP(first, second)
    bool operator==(const by_name&) const = default;
};

const order tern{7, "tern", {1.5, -2.25}};

}  // namespace

GODWIT_EACH_TRANSPORT("typed messages go through every pattern") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.send(tern));
    REQUIRE(must(must(in.recv(soon)).as<order>()) == tern);
    const by_name named{-3, "three"};
    must(out.send(named, {.topic = "t", .key = "k"}));
    const auto got = must(in.recv(soon));
    REQUIRE(must(got.as<by_name>()) == named);
    REQUIRE(got.topic() == "t");
    REQUIRE(got.key() == "k");

    godwit::pub news{ctx};
    godwit::sub reader{ctx};
    const auto news_url = over.url();
    must(news.bind(news_url));
    must(reader.connect(news_url));
    must(reader.subscribe("orders"));
    must(news.wait_for_subscribers("orders", 1, soon));
    must(news.send("orders", tern));
    REQUIRE(must(must(reader.recv(soon)).as<order>()) == tern);

    godwit::req ask{ctx};
    godwit::rep answer{ctx};
    const auto ask_url = over.url();
    must(answer.bind(ask_url));
    must(ask.connect(ask_url));
    auto asked = must(ask.send(tern));
    auto request = must(answer.recv(soon));
    REQUIRE(must(request.as<order>()) == tern);
    must(request.reply(named));
    REQUIRE(must(must(asked.wait(soon)).as<by_name>()) == named);
}

GODWIT_EACH_TRANSPORT("bytes of another type are malformed and the next message is fine") {
    godwit::context ctx;
    godwit::push out{ctx};
    godwit::pull in{ctx};
    const auto url = over.url();
    must(in.bind(url));
    must(out.connect(url));
    must(out.send("not an order"));
    must(out.send(""));
    must(out.send(tern));
    REQUIRE(outcome(must(in.recv(soon)).as<order>()) == "malformed");
    REQUIRE(outcome(must(in.recv(soon)).as<order>()) == "malformed");
    REQUIRE(must(must(in.recv(soon)).as<order>()) == tern);
}
