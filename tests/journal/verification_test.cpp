// verify: what is sound is found sound, and each kind of damage is named, with its place.
#include "journal/verification.hpp"

#include <algorithm>

#include "journal/segment_writer.hpp"
#include "journal/writer_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::journal_fault;
using godwit::journal_finding;
using godwit::journal_verification;

namespace {

struct written_journal {
    sim_disk disk;
    std::vector<journal_writer::placed> where;  // of each entry
};

void write(written_journal& made, int entries, bool closed) {
    stopped_time time;
    counted_random random;
    auto opened = open_on(made.disk, {.bytes_max = 1u << 20, .segment_bytes = 2048}, time, random).value();
    for (int i = 1; i <= entries; ++i) {
        const kept_record one{stream_a, static_cast<offset>(i), "record " + std::to_string(i)};
        entry what;
        what.batches.push_back(batch_of(stream_a, {one}));
        opened.writer->append({&what, 1}, made.where).why.value();
        opened.writer->sync().value();
    }
    if (closed) {
        opened.writer->close().value();
    } else {
        opened.writer->mark().value();
    }
}

journal_verification verified(sim_disk& disk) {
    const auto before = disk.names();
    const auto where = disk.open();
    auto seen = verify(*where, {}).value();
    REQUIRE(disk.names() == before);
    return seen;
}

bool names(const journal_verification& seen, journal_fault what, const std::string& file) {
    return std::ranges::any_of(seen.findings,
                               [&](const journal_finding& one) { return one.what == what && one.file == file; });
}

}  // namespace

TEST_CASE("a journal without damage is found sound, closed, left by a crash, and beside its writer") {
    for (const bool closed : {true, false}) {
        written_journal made;
        write(made, 60, closed);
        const auto seen = verified(made.disk);
        for (const auto& one : seen.findings) UNSCOPED_INFO(one.file << ": " << one.text);
        CHECK(seen.findings.empty());
        CHECK(seen.records == 60);
        CHECK(seen.segments > 2);
        made.disk.locked = true;
        CHECK(verified(made.disk).is_sound());
        CHECK(verified(made.disk).is_written);
    }
}

TEST_CASE("verify names each kind of damage with its place") {
    written_journal made;
    write(made, 60, true);
    const auto& middle = made.where[made.where.size() / 2];
    const std::string name = segment_name(middle.segment), next = segment_name(middle.segment + 1);
    const std::size_t size = made.disk.file_content(name).size();

    auto entry = made.disk.copy();
    entry->file_content(name)[middle.position + 80] ^= std::byte{1};
    const auto seen = verified(*entry);
    REQUIRE(seen.findings.size() == 1);
    CHECK(seen.findings[0].what == journal_fault::damaged_entry);
    CHECK(seen.findings[0].file == name);
    CHECK(seen.findings[0].byte == middle.position);
    CHECK(seen.findings[0].entry > 30);
    CHECK_FALSE(seen.is_sound());

    auto header = made.disk.copy();
    header->file_content(name)[20] ^= std::byte{1};
    CHECK(names(verified(*header), journal_fault::bad_header, name));

    auto footer = made.disk.copy();
    footer->file_content(name)[size - 30] ^= std::byte{1};
    CHECK(names(verified(*footer), journal_fault::bad_footer, name));

    auto missing = made.disk.copy();
    missing->open()->remove(name).value();
    CHECK(names(verified(*missing), journal_fault::missing_segment, name));

    auto swapped = made.disk.copy();
    swapped->file_content(name) = made.disk.file_content(next);
    CHECK(names(verified(*swapped), journal_fault::bad_header, name));

    auto shorter = made.disk.copy();
    shorter->file_content(name).resize(size - 8);
    CHECK(names(verified(*shorter), journal_fault::bad_footer, name));

    auto identity = made.disk.copy();
    identity->file_content("identity")[10] ^= std::byte{1};
    CHECK(names(verified(*identity), journal_fault::bad_identity, "identity"));
    auto nameless = made.disk.copy();
    nameless->open()->remove("identity").value();
    CHECK(names(verified(*nameless), journal_fault::bad_identity, "identity"));

    written_journal other;
    write(other, 40, true);
    stopped_time time;
    auto foreign = made.disk.copy();
    segment_header another = decode_header(bytes{other.disk.file_content(name)}.first(128)).value();
    another.journal.high ^= 1;
    const auto image = encode(another);
    std::ranges::copy(image, foreign->file_content(name).begin());
    CHECK(names(verified(*foreign), journal_fault::foreign_segment, name));
}

TEST_CASE("verify names a footer that passes and does not fit, and a segment that does not follow") {
    written_journal made;
    write(made, 60, true);
    const std::string name = segment_name(made.where[30].segment), next = segment_name(made.where[30].segment + 1);
    content& image = made.disk.file_content(name);
    const auto header = decode_header(bytes{image}.first(128)).value();
    const std::uint32_t size = footer_size(image);
    auto footer = decode_footer(bytes{image}.last(size), header.seed).value();
    footer.records += 1;
    footer.rows[0].end += 1;
    const auto wrong = encode(footer, header.seed);
    std::ranges::copy(wrong, image.end() - size);
    const auto seen = verified(made.disk);
    CHECK(names(seen, journal_fault::wrong_footer, name));
    CHECK(names(seen, journal_fault::wrong_chain, next));
    CHECK(seen.findings.size() == 3);
}

TEST_CASE("verify tells what was cut, what will be, and what is only lying about") {
    written_journal made;
    write(made, 10, false);
    const std::string last = segment_name(made.where.back().segment);
    auto torn = made.disk.copy();
    content& image = torn->file_content(last);
    const auto end = static_cast<std::size_t>(made.where.back().position) + 400;
    for (std::size_t at = end; at < end + 50; ++at) image[at] = std::byte{9};
    const auto seen = verified(*torn);
    REQUIRE(seen.findings.size() == 1);
    CHECK(seen.findings[0].what == journal_fault::torn_tail);
    CHECK(seen.findings[0].file == last);
    torn->locked = true;
    CHECK(verified(*torn).findings.empty());  // somebody is at it
    torn->locked = false;
    stopped_time time;
    counted_random random;
    random.last = 99;
    open_on(*torn, {.bytes_max = 1u << 20, .segment_bytes = 2048}, time, random).value();
    const auto after = verified(*torn);
    REQUIRE(after.findings.size() == 1);
    CHECK(after.findings[0].what == journal_fault::former_cut);
    CHECK_FALSE(after.is_sound());

    auto untidy = made.disk.copy();
    for (const char* const name : {"notes.txt", "0000000000000001.segment.new"})
        (void)untidy->open()->open(name, file_use::create).value();
    const auto found = verified(*untidy);
    CHECK(names(found, journal_fault::foreign_file, "notes.txt"));
    CHECK(names(found, journal_fault::leftover, "0000000000000001.segment.new"));
    CHECK(found.is_sound());
}

TEST_CASE("no flipped byte below what was confirmed stays unseen by verify") {
    written_journal made;
    write(made, 12, true);
    for (const std::string& name : made.disk.names()) {
        const std::size_t size = made.disk.file_content(name).size();
        for (std::size_t at = 0; at < size; ++at) {
            auto damaged = made.disk.copy();
            damaged->file_content(name)[at] ^= std::byte{0x10};
            CAPTURE(name, at);
            REQUIRE_FALSE(verified(*damaged).is_sound());
        }
    }
}

TEST_CASE("verify tells how far it is, and stops when asked to") {
    written_journal made;
    write(made, 60, true);
    const auto where = made.disk.open();
    std::uint64_t done = 0, all = 0;
    REQUIRE(verify(*where, {.on_progress = [&](std::uint64_t now, std::uint64_t of) {
        done = now;
        all = of;
        return true;
    }}));
    CHECK(done == all);
    CHECK(all > 0);
    const auto stopped = verify(*where, {.on_progress = [](std::uint64_t, std::uint64_t) { return false; }});
    CHECK(stopped.failed(godwit::errc::cancelled));
}
