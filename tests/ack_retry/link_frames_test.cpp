#include "ack_retry/link_frames.hpp"

#include <cstring>

#include "ack_retry/envelope.hpp"
#include "ack_retry/link_random.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using buffer = std::vector<std::byte>;

namespace {

buffer encoded(const link_content& content, std::uint64_t tag = 7) {
    buffer made;
    encode({tag, content}, made);
    return made;
}

// As a peer that knows the format, but means harm, would sign it.
void sign(buffer& envelope) { envelope::store(envelope.data() + envelope::checksum_at, envelope::checksum(envelope)); }

template <class T>
buffer with(const link_content& content, std::size_t at, T value) {
    auto made = encoded(content);
    envelope::store(made.data() + at, value);
    sign(made);
    return made;
}

errc refusal(const buffer& envelope) {
    const auto frame = decode(envelope);
    REQUIRE_FALSE(frame);
    return frame.error().code();
}

hello plain_hello() {
    hello h;
    h.tag = 1;
    h.heartbeat_ms = 1000;
    h.lease_ms = 5000;
    return h;
}

}  // namespace

TEST_CASE("every kind of frame comes back as it was sent") {
    link_random::source from{20};
    buffer once, again;
    for (int round = 0; round < 3000; ++round) {
        const auto kind = static_cast<std::size_t>(round) % std::variant_size_v<link_content>;
        const auto frame = link_random::a_frame(from, kind);
        encode(frame, once);
        const auto back = decode(once);
        REQUIRE(back);
        REQUIRE(back->tag == frame.tag);
        REQUIRE(back->content.index() == kind);
        encode(*back, again);
        REQUIRE(again == once);
    }
}

TEST_CASE("what a frame says is what was put into it") {
    ack_frame ack{41, 17, 300, 1u << 20, {}};
    ack.ranges.push_back({{1, 2}, {5, 9}, 3, ack_frame::settled::how::nacked, 250, "not now"});
    const auto back = decode(encoded(ack));
    REQUIRE(back);
    const auto& read = std::get<ack_frame>(back->content);
    CHECK(read.received == 41);
    CHECK(read.handed == 17);
    CHECK(read.window_messages == 300);
    CHECK(read.window_bytes == 1u << 20);
    REQUIRE(read.ranges.size() == 1);
    CHECK(read.ranges[0].stream == stream_id{1, 2});
    CHECK(read.ranges[0].what == offset_range{5, 9});
    CHECK(read.ranges[0].attempt == 3);
    CHECK(read.ranges[0].outcome == ack_frame::settled::how::nacked);
    CHECK(read.ranges[0].delay_ms == 250);
    CHECK(read.ranges[0].why == "not now");
}

TEST_CASE("an envelope that was cut anywhere, or has one byte more, is refused") {
    link_random::source from{21};
    for (std::size_t kind = 0; kind < std::variant_size_v<link_content>; ++kind) {
        const auto whole = encoded(link_random::a_content(from, kind));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            REQUIRE_FALSE(decode(bytes{whole.data(), size}));
            if (size < envelope::head_bytes) continue;
            // Also with a size and a checksum that fit.
            buffer cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
            envelope::store(cut.data() + envelope::bytes_at, static_cast<std::uint32_t>(size));
            sign(cut);
            REQUIRE(refusal(cut) == errc::malformed);
        }
        auto longer = whole;
        longer.push_back(std::byte{0});
        REQUIRE(refusal(longer) == errc::malformed);
        envelope::store(longer.data() + envelope::bytes_at, static_cast<std::uint32_t>(longer.size()));
        sign(longer);
        REQUIRE(refusal(longer) == errc::malformed);
    }
}

TEST_CASE("RELIABILITY 83: every flipped bit is noticed") {
    link_random::source from{22};
    for (std::size_t kind = 0; kind < std::variant_size_v<link_content>; ++kind) {
        auto envelope = encoded(link_random::a_content(from, kind));
        for (std::size_t bit = 0; bit < 8 * envelope.size(); ++bit) {
            const auto mask = std::byte{1} << (bit % 8);
            envelope[bit / 8] ^= mask;
            REQUIRE_FALSE(decode(envelope));
            envelope[bit / 8] ^= mask;
        }
        REQUIRE(decode(envelope));
    }
}

TEST_CASE("a version that this side does not speak is told apart from nonsense") {
    const auto other = decode(with<std::uint8_t>(ping_frame{}, envelope::version_at, 2));
    REQUIRE(other.failed(errc::unsupported));
    CHECK(other.error().value() == "version 2");
    const auto foreign = decode(as_bytes("a plain ZeroMQ peer says something of more than 32 bytes"));
    REQUIRE(foreign.failed(errc::malformed));
    CHECK(foreign.error().value() == "magic");
    CHECK_FALSE(looks_like_link(as_bytes("GWL")));
    CHECK(looks_like_link(as_bytes("GWL1")));
}

TEST_CASE("the head has no values that mean nothing") {
    const link_content ping = ping_frame{};
    CHECK(refusal(with<std::uint16_t>(ping, envelope::flags_at, 1)) == errc::malformed);
    CHECK(refusal(with<std::uint32_t>(ping, envelope::reserved_at, 1)) == errc::malformed);
    CHECK(refusal(with<std::uint8_t>(ping, envelope::kind_at, 0)) == errc::malformed);
    CHECK(refusal(with<std::uint8_t>(ping, envelope::kind_at, envelope::kind_max + 1)) == errc::malformed);
}

TEST_CASE("RELIABILITY 77: numbers outside of their bounds are refused, with the field's name") {
    const auto field = [](const link_content& content) {
        return std::string{decode(encoded(content)).error().value()};
    };
    CHECK(field(data_frame{0, 1, 0, 0}) == "number");
    CHECK(field(data_frame{1, 0, 0, 0}) == "attempt");
    CHECK(field(data_frame{1, 1, offset_max + 1, 0}) == "floor");
    CHECK(field(fragment_frame{{1, 1, 0, 0}, 5, 5}) == "at");
    CHECK(field(fragment_frame{{1, 1, 0, 0}, 0, 0}) == "total");
    CHECK(field(gap_frame{{1, 1}, {5, 4}}) == "last");
    CHECK(field(cancel_frame{{1, 1}, {offset_max + 1, offset_max + 1}}) == "first");
    CHECK(field(refuse_frame{errc{}, ""}) == "code");
    auto h = plain_hello();
    h.tag = 0;
    CHECK(field(h) == "tag");
    h = plain_hello();
    h.lowest_version = 3;
    CHECK(field(h) == "highest_version");
    h = plain_hello();
    h.lease_ms = 999;
    CHECK(field(h) == "lease_ms");
    CHECK(field(hello{}) == "tag");
    // A bool is 0 or 1: the last byte of a ping.
    CHECK(refusal(with<std::uint8_t>(ping_frame{}, envelope::head_bytes + 16, 2)) == errc::malformed);
}

TEST_CASE("RELIABILITY 82: lists and texts have limits, and a length that the bytes do not hold costs no memory") {
    auto h = plain_hello();
    h.codecs.assign(17, 1);
    CHECK(refusal(encoded(h)) == errc::too_large);
    h = plain_hello();
    h.below_floor.assign(link_ranges_max, {1, 2});
    CHECK(decode(encoded(h)));
    h.below_floor.push_back({1, 2});
    CHECK(refusal(encoded(h)) == errc::too_large);
    h = plain_hello();
    h.name.assign(129, 'x');
    CHECK(refusal(encoded(h)) == errc::too_large);
    CHECK(refusal(encoded(bye_frame{std::string(link_why_bytes_max + 1, 'x'), false})) == errc::too_large);
    CHECK(refusal(encoded(filter_frame{true, std::string(65'536, 'x')})) == errc::too_large);
    CHECK(refusal(buffer(64, std::byte{0})) == errc::malformed);

    h = plain_hello();
    h.filters.assign(20, std::string(60'000, 'x'));
    CHECK(refusal(encoded(h)) == errc::too_large);  // above 1 MiB in all

    const auto ranges_at = envelope::head_bytes + 28;
    CHECK(refusal(with<std::uint32_t>(ack_frame{}, ranges_at, 4096)) == errc::malformed);
    CHECK(refusal(with<std::uint32_t>(ack_frame{}, ranges_at, 0xffffffff)) == errc::too_large);
}
