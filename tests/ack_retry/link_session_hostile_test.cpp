#include "ack_retry/envelope.hpp"
#include "ack_retry/link_pair.hpp"
#include "ack_retry/link_random.hpp"
#include "test_main.hpp"

using namespace link_pair;
using told = std::vector<std::string>;

namespace {

// A peer that speaks the format, and says what it likes, to a pull.
struct stranger {
    stranger() {
        in.links->took(1, framed(greeting(), 0));
        tag = in.met.empty() ? 0 : answered_tag();
    }
    hello greeting() {
        hello h;
        h.own = pattern::push;
        h.tag = 77;
        h.identity = {1, 1};
        h.nonce = {2, 2};
        h.heartbeat_ms = 1000;
        h.lease_ms = 5000;
        return h;
    }
    static message framed(const link_content& content, std::uint64_t tag, const batch_ref* batch = nullptr) {
        std::vector<std::byte> envelope;
        encode({tag, content}, envelope);
        std::vector<bytes> frames{envelope};
        if (batch != nullptr) frames.push_back(batch->view.data());
        return message::from_frames(frames).value();
    }
    static std::uint64_t checksum(const batch_ref& of) {
        return envelope::load<std::uint64_t>(of.view.data().data() + batch_header_bytes - 8);
    }
    std::uint64_t answered_tag() { return std::get<hello>(decode(way->to[0].at(0).envelope)->content).tag; }
    void says(const link_content& content, const batch_ref* batch = nullptr) {
        in.links->took(1, framed(content, tag, batch));
    }
    bool was_ended() const { return in.links->count() == 0 && in.ended == std::vector<peer_number>{1}; }

    world all;
    side in{all, pattern::pull, 9}, mute{all, pattern::push, 8};
    std::shared_ptr<transport> way = [this] {
        auto made = std::make_shared<transport>();
        made->ends = {&mute, &in};
        made->names = {1, 1};
        all.transports.push_back(made);
        mute.stopped = true;
        return made;
    }();
    std::uint64_t tag = 0;
};

}  // namespace

TEST_CASE("RELIABILITY 90: a hole, a repeat and a number of nought end the link") {
    for (const std::uint64_t second : {1u, 3u, 1000u}) {
        stranger peer;
        const auto batch = batch_of(0);
        peer.says(data_frame{1, 1, 0, stranger::checksum(batch)}, &batch);
        REQUIRE(peer.in.batches.size() == 1);
        peer.says(data_frame{second, 1, 0, stranger::checksum(batch)}, &batch);
        CHECK(peer.was_ended());
        CHECK(peer.in.batches.size() == 1);
        CHECK(peer.in.links->malformed() == 1);
        CHECK(peer.in.reported("link_broken: number"));
        CHECK(peer.in.told == told{"joined 1", "left 1 lost"});
    }
}

TEST_CASE("RELIABILITY 83: an envelope with another message's batch is noticed") {
    stranger peer;
    const auto one = batch_of(0), other = batch_of(1);
    peer.says(data_frame{1, 1, 0, stranger::checksum(one)}, &other);
    CHECK(peer.was_ended());
    CHECK(peer.in.reported("another message's batch"));
}

TEST_CASE("a batch that is damaged, missing, or one too many ends the link") {
    const auto batch = batch_of(0);
    {
        stranger peer;
        peer.says(data_frame{1, 1, 0, stranger::checksum(batch)});
        CHECK(peer.was_ended());
    }
    {
        stranger peer;
        peer.says(ping_frame{}, &batch);
        CHECK(peer.was_ended());
    }
    {
        stranger peer;
        std::vector<std::byte> damaged{batch.view.data().begin(), batch.view.data().end()};
        damaged.back() ^= std::byte{1};
        std::vector<std::byte> head;
        encode({peer.tag, data_frame{1, 1, 0, stranger::checksum(batch)}}, head);
        const bytes frames[] = {head, damaged};
        peer.in.links->took(1, message::from_frames(frames).value());
        CHECK(peer.was_ended());
    }
}

TEST_CASE("RELIABILITY 82: parts that do not fit end the link, and a great total takes no memory") {
    const auto part = batch_of(0);
    const auto size = static_cast<std::uint32_t>(part.view.data().size());
    const auto after = [&](std::vector<fragment_frame> parts) {
        stranger peer;
        for (const auto& one : parts) peer.says(one, &part);
        return peer.was_ended() && peer.in.batches.empty();
    };
    const auto at = [&](std::uint32_t from, std::uint32_t total, std::uint64_t number = 1) {
        return fragment_frame{{number, 1, 0, 5}, from, total};
    };
    CHECK_FALSE(after({at(0, 4 * size)}));
    CHECK_FALSE(after({at(0, 4 * size), at(size, 4 * size)}));
    CHECK(after({at(size, 4 * size)}));                       // does not begin
    CHECK(after({at(0, 4 * size), at(0, 4 * size)}));         // repeats
    CHECK(after({at(0, 4 * size), at(2 * size, 4 * size)}));  // a hole
    CHECK(after({at(0, 4 * size), at(size, 5 * size)}));      // another total
    CHECK(after({at(0, 4 * size), at(size, 4 * size, 2)}));   // another number
    CHECK(after({at(0, size - 1)}));                          // more than all
    CHECK(after({at(0, 0xffffffff)}));                        // beyond the limit
    CHECK(after({at(0, 2 * size), at(size, 2 * size)}));      // whole, and no batch
    stranger peer;
    peer.says(at(0, 4 * size), &part);
    peer.says(data_frame{1, 1, 0, stranger::checksum(part)}, &part);  // another batch between
    CHECK(peer.was_ended());
}

TEST_CASE("what no push says to a pull ends the link") {
    const auto batch = batch_of(0);
    const link_content wrong[] = {filter_frame{true, "a"}, gap_frame{{1, 1}, {2, 3}}, cancel_frame{{1, 1}, {2, 3}}};
    for (const auto& one : wrong) {
        stranger peer;
        peer.says(one);
        CHECK(peer.was_ended());
    }
    stranger peer;
    peer.says(reply_frame{1, false, stranger::checksum(batch)}, &batch);
    CHECK(peer.was_ended());
}

TEST_CASE("RELIABILITY 90: a frame with another tag is fenced, and answered seldom") {
    stranger peer;
    const auto before = peer.way->to[0].size();
    for (int i = 0; i < 1000; ++i) peer.in.links->took(1, stranger::framed(ping_frame{}, peer.tag + 1));
    CHECK(peer.in.links->fenced() == 1000);
    CHECK(peer.way->to[0].size() == before + 1);
    CHECK(peer.in.links->count() == 1);
    // Whoever does not know our tag cannot talk us out of the link.
    peer.in.links->took(1, stranger::framed(reset_frame{78}, 0));
    CHECK(peer.in.links->count() == 1);
    peer.in.links->took(1, stranger::framed(reset_frame{77}, 0));
    CHECK(peer.in.links->count() == 0);
}

TEST_CASE("an answer that nobody asked for, and a refusal of nothing, do nothing") {
    stranger peer;
    auto h = peer.greeting();
    h.tag = 99;
    h.answers = 12345;
    peer.in.links->took(1, stranger::framed(h, 0));
    CHECK(peer.in.told == told{"joined 1"});
    world all;
    side in{all, pattern::pull, 3};
    in.links->took(4, stranger::framed(refuse_frame{errc::mismatch, "no"}, 0));
    CHECK(in.reports.empty());
    CHECK(in.links->count() == 0);
}

TEST_CASE("a peer that begins anew on its transport has a new session, and the old tag is fenced") {
    stranger peer;
    auto h = peer.greeting();
    h.tag = 78;
    peer.in.links->took(1, stranger::framed(h, 0));
    CHECK(peer.in.told == told{"joined 1", "joined 2 for 1"});
    peer.says(ping_frame{});
    CHECK(peer.in.links->fenced() == 1);
    h.tag = 79;
    h.nonce = {3, 3};
    peer.in.links->took(1, stranger::framed(h, 0));
    CHECK(peer.in.told.back() == "joined 3");
    CHECK(peer.in.saw("left 2 superseded"));
    CHECK(peer.in.links->count() == 1);
}

TEST_CASE("whatever a peer says in whatever order, the set stays whole") {
    link_random::source from{33};
    const auto batch = batch_of(0);
    for (int round = 0; round < 300; ++round) {
        stranger peer;
        for (int i = 0; i < 40; ++i) {
            auto content = link_random::a_content(from, from.below(12));
            if (auto* const h = std::get_if<hello>(&content)) {
                h->own = from.coin() ? pattern::push : h->own;
                h->lowest_version = 1;
                h->needs = from.coin() ? 0 : h->needs;
                h->identity = {1, from.below(3)};
                h->nonce = {2, from.below(3)};
                h->answers = from.coin() ? 0 : h->answers;
            }
            const bool with_batch = content.index() == 1 || content.index() == 2 || content.index() == 10;
            const auto peer_number = 1 + from.below(3);
            peer.in.links->took(peer_number, stranger::framed(content, from.coin() ? peer.tag : from.word(),
                                                              with_batch ? &batch : nullptr));
            if (from.below(8) == 0) peer.in.links->lost(peer_number);
            peer.all.time.advance(std::chrono::milliseconds{from.below(400)});
            if (from.coin()) peer.in.links->step();
        }
        peer.all.time.advance(60s);
        peer.in.links->step();
        peer.all.time.advance(60s);
        peer.in.links->step();
        std::size_t joined = 0;
        for (const auto& one : peer.in.told) joined += one.starts_with("joined");
        CHECK(joined == peer.in.met.size());
    }
}
