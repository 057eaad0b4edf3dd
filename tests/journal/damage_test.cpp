// RELIABILITY rows 18 to 20, 23: each single bit of a small journal is flipped, and files are taken away: what was confirmed
// is there, or the opening says that it is damaged; nothing wrong is ever read.
#include <algorithm>

#include "journal/segment_writer.hpp"
#include "journal/writer_world.hpp"
#include "one_in.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::errc;

namespace {

constexpr journal_limits small{.bytes_max = 1u << 20, .segment_bytes = 2048};

struct written_journal {
    sim_disk disk;
    std::vector<kept_record> records;
    std::uint64_t confirmed_end = 0;  // bytes of the last segment below a durable mark
    std::uint64_t last_segment = 0;
};

// Some entries, all of them synced and below a mark; never closed.
void write(written_journal& made, int entries) {
    stopped_time time;
    counted_random random;
    auto opened = open_on(made.disk, small, time, random).value();
    for (int i = 1; i <= entries; ++i) {
        const kept_record one{stream_a, static_cast<offset>(i), "record " + std::to_string(i)};
        made.records.push_back(one);
        entry what;
        what.batches.push_back(batch_of(stream_a, {one}));
        std::vector<journal_writer::placed> where;
        opened.writer->append({&what, 1}, where).why.value();
        opened.writer->sync().value();
        made.last_segment = where.back().segment;
        made.confirmed_end = where.back().position + encoded_bytes(what.batches, {});
    }
    opened.writer->mark().value();
}

std::string opened_after(sim_disk& disk) {
    stopped_time time;
    counted_random random;
    random.last = 1000;
    const auto opened = open_on(disk, small, time, random);
    return opened ? "ok" : std::string{godwit::name(opened.error().code())};
}

bool all_are_of(const std::vector<kept_record>& found, const std::vector<kept_record>& written) {
    return std::ranges::all_of(found, [&](const auto& one) { return std::ranges::count(written, one) == 1; });
}

}  // namespace

TEST_CASE("RELIABILITY 18 to 20: each bit of a small journal is flipped, and nothing wrong is read or cut") {
    written_journal made;
    write(made, 5);
    const std::string last = segment_name(made.last_segment);
    for (const std::string& name : made.disk.names()) {
        const std::size_t size = made.disk.file_content(name).size();
        for (std::size_t bit = 0; bit < size * 8; bit += one_in) {
            auto damaged = made.disk.copy();
            damaged->file_content(name)[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
            const std::string said = opened_after(*damaged);
            CAPTURE(name, bit / 8, bit % 8, said);
            if (name == last && bit / 8 >= made.confirmed_end + 256 && bit % 8 != 0) continue;  // zeros: one bit a byte
            const bool is_confirmed = name != last || bit / 8 < made.confirmed_end;
            if (is_confirmed) {
                REQUIRE(said != "ok");
                REQUIRE(damaged->names() == made.disk.names());  // nothing was changed
            } else {
                REQUIRE(said == "ok");
                REQUIRE(all_records(*damaged) == made.records);
            }
        }
    }
}

TEST_CASE("RELIABILITY 18, 22: damage in an older segment hides nothing behind it, and nothing wrong is read") {
    written_journal made;
    write(made, 40);
    REQUIRE(made.last_segment > 2);
    const std::string name = segment_name(made.last_segment - 1);
    const std::size_t size = made.disk.file_content(name).size();
    for (std::size_t at = 0; at < size; at += 7) {
        auto damaged = made.disk.copy();
        damaged->file_content(name)[at] ^= std::byte{0x10};
        CAPTURE(at);
        const std::string said = opened_after(*damaged);
        if (said != "ok") continue;
        REQUIRE(all_are_of(all_records(*damaged), made.records));
    }
    auto shorter = made.disk.copy();
    shorter->file_content(name).resize(size - 8);
    CHECK(opened_after(*shorter) == "corrupt");
}

TEST_CASE("RELIABILITY 23: a segment that is missing, empty or a stranger's is named, and nothing is changed") {
    written_journal made;
    write(made, 40);
    REQUIRE(made.last_segment > 2);
    const std::string name = segment_name(made.last_segment - 1);
    auto missing = made.disk.copy();
    missing->open()->remove(name).value();
    CHECK(opened_after(*missing) == "corrupt");
    auto empty = made.disk.copy();
    empty->file_content(name).clear();
    CHECK(opened_after(*empty) == "corrupt");
    auto swapped = made.disk.copy();
    std::swap(swapped->file_content(name), swapped->file_content(segment_name(made.last_segment - 2)));
    CHECK(opened_after(*swapped) == "corrupt");
    auto nameless = made.disk.copy();
    nameless->open()->remove("identity").value();
    CHECK(opened_after(*nameless) == "corrupt");
}

TEST_CASE(
    "RELIABILITY 18, 23: what recovery would remove is still there when it refuses a journal for something else") {
    written_journal made;
    write(made, 40);
    REQUIRE(made.last_segment > 3);
    const std::string behind = segment_name(made.last_segment + 1);
    const auto with_unused_header = [&] {
        auto disk = made.disk.copy();
        auto unused = disk->open()->open(behind, file_use::create).value();
        const content garbage(journal_format::header_bytes, std::byte{7});
        const bytes whole{garbage};
        unused->write(0, {&whole, 1}).value();
        return disk;
    };
    CHECK(opened_after(*with_unused_header()) == "ok");
    const auto damaged = with_unused_header();
    damaged->file_content(segment_name(made.last_segment))[journal_format::header_bytes + 80] ^= std::byte{1};
    const auto names = damaged->names();
    CHECK(opened_after(*damaged) == "corrupt");
    CHECK(damaged->names() == names);
    const auto nameless = with_unused_header();
    nameless->open()->remove("identity").value();
    const auto names_without = nameless->names();
    CHECK(opened_after(*nameless) == "corrupt");
    CHECK(nameless->names() == names_without);
}
