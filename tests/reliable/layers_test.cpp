// Layers of a stranger's: batches that are encoded on their way, and a receiver that cannot decode them.
#include <atomic>
#include <memory>

#include "reliable/reliable.hpp"

using namespace reliable;

namespace {

struct seen {
    std::atomic<int> batches = 0, encoded = 0, decoded = 0, acked = 0;
};

// Each byte the other way round.
class flipping final : public godwit::layer {
public:
    explicit flipping(std::shared_ptr<seen> what) : what_{std::move(what)} {}
    std::string_view name() const noexcept override { return "flipping"; }
    godwit::layer_place place() const noexcept override { return godwit::layer_place::codec; }
    std::uint8_t codec() const noexcept override { return 201; }
    std::vector<std::byte> encode(godwit::bytes records) override { return ++what_->encoded, flipped(records); }
    godwit::result<std::vector<std::byte>> decode(godwit::bytes encoded, std::size_t) override {
        return ++what_->decoded, flipped(encoded);
    }
    void outgoing(godwit::stream_id, godwit::offset_range, std::size_t, std::size_t) override { ++what_->batches; }
    void settled(godwit::stream_id, godwit::offset, bool acked) override { what_->acked += acked ? 1 : 0; }

private:
    static std::vector<std::byte> flipped(godwit::bytes of) {
        std::vector<std::byte> all(of.begin(), of.end());
        for (std::byte& one : all) one = ~one;
        return all;
    }
    const std::shared_ptr<seen> what_;
};

struct flip {
    std::shared_ptr<seen> what = std::make_shared<seen>();
    void install(godwit::assembly& into) const { into.add(std::make_shared<flipping>(what)); }
};

}  // namespace

OVER_EACH_LINK("batches are encoded on their way, also cut and large ones, and decoded before they are handed out") {
    const flip sender, receiver;
    godwit::context ctx;
    godwit::push out{ctx, sender, quick(), brisk()};
    godwit::pull in{ctx, quick(), receiver, brisk()};
    must(out.connect(must(in.bind(over.url()))));
    const std::string large(600'000, 'x');
    must(out.send("with a topic and a key", {.topic = "t", .key = "k", .priority = 9}));
    must(out.send("plain"));
    must(out.send(large));
    std::size_t bytes = 0;
    for (int count = 0; count < 3; ++count) bytes += take(in).size();
    CHECK(bytes == 22 + 5 + large.size());
    must(out.flush(stage::processed, soon));
    CHECK(sender.what->batches > 0);
    CHECK(sender.what->encoded > 0);
    CHECK(receiver.what->decoded > 0);
    CHECK(receiver.what->acked == 3);
}

OVER_EACH_LINK("a receiver without the codec is named on both sides, and requests are encoded like messages") {
    const flip module;
    godwit::context ctx;
    godwit::req client{ctx, quick(), module, brisk()};
    godwit::rep without{ctx, quick(), brisk()};
    godwit::rep server{ctx, quick(), module, brisk()};
    const auto told = [](godwit::socket& socket) {
        while (const auto event = socket.next_event(soon)) {
            if (event->kind == event_kind::mismatch) return event->detail;
        }
        return std::string{};
    };
    must(client.connect(must(without.bind(over.url()))));
    CHECK(told(client).find("codec 201") != std::string::npos);
    CHECK(told(without).find("codec 201") != std::string::npos);
    must(client.connect(must(server.bind(over.url()))));
    auto asked = must(client.send("what?"));
    auto question = must(server.recv(soon));
    CHECK(question.text() == "what?");
    must(question.reply("that"));
    CHECK(must(asked.wait(soon)).text() == "that");
    CHECK(module.what->encoded > 0);
}

TEST_CASE("a pub refuses a codec at its first endpoint, by name") {
    godwit::context ctx;
    godwit::pub out{ctx, quick(), flip{}};
    const auto bound = out.bind("inproc://pub-with-a-codec");
    REQUIRE(bound.failed(godwit::errc::unsupported));
    CHECK(bound.error().value() == "flipping");
}
