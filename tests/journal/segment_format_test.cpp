#include "journal/segment_format.hpp"

#include "journal/identity.hpp"
#include "journal/writer_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

segment_header some_header() {
    segment_header header;
    header.journal = {1, 2};
    header.number = 7;
    header.epoch = 3;
    header.nonce = {4, 5};
    header.first = 99;
    header.seal_before = 6;
    header.lowest = 5;
    header.made = 1'700'000'000'000;
    return header;
}

// Flips each bit of an image in turn; `passes` says whether it is still believed.
template <class Passes>
void no_flip_passes(std::span<std::byte> image, Passes&& passes) {
    for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
        image[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
        CAPTURE(bit);
        CHECK_FALSE(passes());
        image[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    }
    CHECK(passes());
}

}  // namespace

TEST_CASE("a segment's header is read as it was written, and no flipped bit of it passes") {
    segment_header header = some_header();
    header.behind_quarantine = true;
    header_image image = encode(header);
    const auto read = decode_header(image).value();
    CHECK(read.journal == header.journal);
    CHECK(read.number == 7);
    CHECK(read.epoch == 3);
    CHECK(read.nonce == header.nonce);
    CHECK(read.first == 99);
    CHECK(read.seal_before == 6);
    CHECK(read.lowest == 5);
    CHECK(read.made == header.made);
    CHECK(read.behind_quarantine);
    CHECK(read.seed == header.seed);
    no_flip_passes(image, [&] { return decode_header(image).has_value(); });
    CHECK(decode_header(bytes{image}.first(127)).failed(errc::malformed));
}

TEST_CASE("an entry is read as it was written, and no flipped bit of it passes") {
    const std::uint64_t seed = 17;
    const std::vector<batch_ref> batches{batch_of(stream_a, {{stream_a, 3, "three"}, {stream_a, 4, "four"}}),
                                         batch_of(stream_b, {{stream_b, 9, "nine"}})};
    const std::vector<note> notes{{note::kind::settlement, stream_a, "0123456789abcdef"},
                                  {note::kind::mark, stream_b, ""}};
    encoded_entry written;
    REQUIRE(encode(batches, notes, {.number = 5, .durable = 4, .chain = 77, .when = 88}, seed, written));
    content image;
    for (const bytes part : written.parts) image.insert(image.end(), part.begin(), part.end());
    REQUIRE(image.size() == encoded_bytes(batches, notes));
    REQUIRE(image.size() == written.head.size);
    REQUIRE(image.size() % 8 == 0);
    decoded_entry read;
    REQUIRE(decode_head(image, seed, read.head));
    CHECK(read.head.number == 5);
    CHECK(read.head.durable == 4);
    CHECK(read.head.chain == 77);
    CHECK(read.head.when == 88);
    REQUIRE(content_passes(image, seed, read.head));
    decode_content(image, read).value();
    REQUIRE(read.batches.size() == 2);
    CHECK(read.batches[0].count() == 2);
    CHECK(read.batches[1].first() == 9);
    REQUIRE(read.notes.size() == 2);
    CHECK(read.notes[0].content == "0123456789abcdef");
    CHECK(read.notes[1].what == note::kind::mark);
    CHECK(read.notes[1].stream == stream_b);
    no_flip_passes(image,
                   [&] { return decode_head(image, seed, read.head) && content_passes(image, seed, read.head); });
    CHECK_FALSE(decode_head(image, seed + 1, read.head));
}

TEST_CASE("a footer is found by its end, and no flipped bit of it passes") {
    segment_footer footer;
    footer.last = 12;
    footer.last_checksum = 13;
    footer.records = 14;
    footer.earliest = 15;
    footer.latest = 16;
    footer.how = segment_footer::ending::clean;
    footer.checkpoint = 128;
    footer.rows = {{stream_a, 1, 5, 0, 0}, {stream_b, 0, 0, 7, 9}};
    content image = encode(footer, 21);
    CHECK(footer_size(image) == image.size());
    const auto read = decode_footer(image, 21).value();
    CHECK(read.last == 12);
    CHECK(read.records == 14);
    CHECK(read.how == segment_footer::ending::clean);
    CHECK(read.checkpoint == 128);
    CHECK(read.seal == footer.seal);
    REQUIRE(read.rows.size() == 2);
    CHECK(read.rows[1].carried_end == 9);
    no_flip_passes(image, [&] { return decode_footer(image, 21).has_value(); });
}

TEST_CASE("an identity is read as it was written, and no flipped bit of it passes") {
    journal_identity identity;
    identity.id = {1, 2};
    identity.made = 3;
    identity.place = {4, 5};
    identity.formers = {{{6, 7}, 8}};
    content image = encode(identity);
    const auto read = decode_identity(image).value();
    CHECK(read.id == identity.id);
    CHECK(read.place == identity.place);
    REQUIRE(read.formers.size() == 1);
    CHECK(read.formers[0].last_segment == 8);
    no_flip_passes(image, [&] { return decode_identity(image).has_value(); });
}
