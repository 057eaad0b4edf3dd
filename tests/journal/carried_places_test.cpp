// Where copies stand, as a value; and an entry of copies as bytes.
#include "journal/carried_places.hpp"

#include "journal/segment_writer.hpp"
#include "journal/verification.hpp"
#include "journal/writer_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::journal_fault;

namespace {

carried_place place_of(offset first, offset last, std::uint64_t segment) { return {first, last, segment, 128, 7, 100}; }

range_set released(std::initializer_list<offset_range> ranges) {
    range_set all;
    for (const offset_range& one : ranges) all.add(one);
    return all;
}

batch_ref numbered(stream_id stream, offset first, offset last) {
    std::vector<kept_record> records;
    for (offset at = first; at <= last; ++at) records.push_back({stream, at, std::to_string(at)});
    return batch_of(stream, records);
}

}  // namespace

TEST_CASE("a place holds for all offsets of its copy, and goes with the last live one, or for a later copy") {
    carried_places places;
    places.put(place_of(10, 20, 5));
    places.put(place_of(40, 40, 5));
    CHECK(places.find(9) == nullptr);
    CHECK(places.find(10)->segment == 5);
    CHECK(places.find(20)->segment == 5);
    CHECK(places.find(21) == nullptr);
    places.put(place_of(12, 15, 8));
    CHECK(places.find(10) == nullptr);
    CHECK(places.find(15)->segment == 8);
    places.forget({12, 14}, released({{12, 14}}));
    CHECK(places.find(15) != nullptr);
    places.forget({15, 15}, released({{12, 15}}));
    CHECK(places.find(15) == nullptr);
    CHECK(places.find(40) != nullptr);
}

TEST_CASE("a segment is needed while a live record that came there has no place, or a copy stands in it") {
    carried_places places;
    const footer_row row{.stream = stream_a, .first = 10, .end = 31};
    CHECK(is_live_in(3, row, released({}), places));
    CHECK_FALSE(is_live_in(3, row, released({{0, 30}}), places));
    places.put(place_of(12, 20, 9));
    CHECK(is_live_in(3, row, released({{10, 29}}), places));
    CHECK_FALSE(is_live_in(3, row, released({{10, 11}, {21, 30}}), places));
    CHECK(places.count_not_carried({10, 30}, released({{10, 10}, {13, 25}})) == 6);
    const footer_row copies{.stream = stream_a, .carried_first = 5, .carried_end = 21};
    CHECK(is_live_in(9, copies, released({}), places));
    CHECK_FALSE(is_live_in(8, copies, released({}), places));
    const auto live = places.live_in(3, {10, 30}, released({{10, 10}, {25, 28}}));
    CHECK(live == std::vector<offset_range>{{11, 11}, {21, 24}, {29, 30}});
    CHECK(places.live_in(9, {12, 20}, released({{13, 19}})) == std::vector<offset_range>{{12, 12}, {20, 20}});
}

TEST_CASE("an entry of copies is by stream and offset, with the worked example's note") {
    const entry made = carried_entry(
        {{numbered(stream_b, 3, 4), 2}, {numbered(stream_a, 9, 9), 3}, {numbered(stream_a, 7, 7), 1'700'000'000'000}});
    REQUIRE(is_carried(made));
    REQUIRE(made.notes.size() == 1);
    CHECK(made.batches[0].view.first() == 7);
    CHECK(made.batches[2].view.stream() == stream_b);
    CHECK(decode_carried(made.notes[0].content) == std::vector<std::int64_t>{1'700'000'000'000, 3, 2});
    CHECK(made.notes[0].content.substr(0, 8) == std::string{"\x00\x68\xe5\xcf\x8b\x01\x00\x00", 8});
    const auto again = decode_place(encode(place_of(7, 7, 2))).value();
    CHECK(again.last == 7);
    CHECK(again.segment == 2);
    CHECK(again.position == 128);
    CHECK(again.when == 7);
    CHECK(again.bytes == 100);
    CHECK(decode_place("short").failed(errc::malformed));
    CHECK(decode_place(encode(place_of(9, 7, 2))).failed(errc::malformed));
}

TEST_CASE("copies give no offset, and a footer whose table of copies is wrong is named") {
    sim_disk disk;
    stopped_time time;
    counted_random random;
    const auto append = [](open_writer& to, const entry& what) {
        std::vector<journal_writer::placed> where;
        to.writer->append({&what, 1}, where).why.value();
    };
    {
        auto opened = open_on(disk, {.bytes_max = 1u << 20, .segment_bytes = 4096}, time, random).value();
        entry first;
        first.batches.push_back(numbered(stream_a, 1, 9));
        append(opened, first);
        append(opened, carried_entry({{numbered(stream_a, 7, 7), 1}}));
        CHECK(opened.writer->state().find(stream_a)->next == 10);
        CHECK_FALSE(opened.writer->state().find(stream_a)->released.contains(7));
        opened.writer->close().value();
    }
    const std::string name = segment_name(1);
    const auto where = disk.open();
    CHECK(verify(*where, {}).value().findings.empty());
    content& image = disk.file_content(name);
    const auto header = decode_header(bytes{image}.first(128)).value();
    const std::uint32_t size = footer_size(image);
    auto footer = decode_footer(bytes{image}.last(size), header.seed).value();
    CHECK(footer.records == 10);
    CHECK(footer.rows[0].end == 10);
    CHECK(footer.rows[0].carried_first == 7);
    CHECK(footer.rows[0].carried_end == 8);
    footer.rows[0].carried_end = 9;
    std::ranges::copy(encode(footer, header.seed), image.end() - size);
    const auto seen = verify(*where, {}).value();
    REQUIRE(seen.findings.size() == 1);
    CHECK(seen.findings[0].what == journal_fault::wrong_footer);
}
