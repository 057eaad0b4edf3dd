// What an opening reads, and what it refuses: RELIABILITY rows 25, 26 and 28, and how little of a journal that was closed it
// looks at.
#include <algorithm>

#include "base/checksum.hpp"
#include "base/position_note.hpp"
#include "godwit/journal.hpp"
#include "godwit/journal_reader.hpp"
#include "journal/identity.hpp"
#include "journal/journal_sight.hpp"
#include "journal/scratch_folder.hpp"
#include "journal/segment_writer.hpp"
#include "journal/verification.hpp"
#include "journal/writer_world.hpp"
#include "one_in.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::errc;

namespace {

constexpr journal_limits small{.bytes_max = 1u << 20, .segment_bytes = 2048};
const std::string subscriber = "audit";
constexpr offset acked_below = 5;

// So many records, and where a subscriber of theirs is; closed.
void write(sim_disk& disk, int records, const journal_limits& limits = small) {
    stopped_time time;
    counted_random random;
    auto opened = open_on(disk, limits, time, random).value();
    std::vector<journal_writer::placed> where;
    for (int i = 1; i <= records; ++i) {
        entry what;
        what.batches.push_back(batch_of(stream_a, {{stream_a, static_cast<offset>(i), std::string(100, 'x')}}));
        if (i == 2)
            what.notes.push_back(note_of(note::kind::position, stream_a,
                                         encode(position_note{.name = subscriber, .next = acked_below})));
        opened.writer->append({&what, 1}, where).why.value();
    }
    opened.writer->close().value();
}

result<open_writer> open_again(sim_disk& disk, const journal_limits& limits = small) {
    static stopped_time time;
    static counted_random random;
    random.last += 1000;
    return open_on(disk, limits, time, random);
}

std::map<std::string, content> files_of(sim_disk& disk) {
    std::map<std::string, content> all;
    for (const std::string& name : disk.names()) all[name] = disk.file_content(name);
    return all;
}

std::string last_segment(const sim_disk& disk) {
    std::string last;
    std::uint64_t number = 0;
    for (const std::string& name : disk.names()) {
        if (is_segment_name(name, number)) last = name;
    }
    return last;
}

// As a later release would have written it: all is right but the number.
void make_newer(content& what, std::size_t checked) {
    what[4] = std::byte{2};
    const std::uint64_t sum = digest(bytes{what}.first(checked));
    std::copy_n(reinterpret_cast<const std::byte*>(&sum), sizeof sum,
                what.begin() + static_cast<std::ptrdiff_t>(checked));
}

}  // namespace

TEST_CASE("RELIABILITY 25: without an identity that passes nothing is made anew, and nothing is removed") {
    sim_disk disk;
    write(disk, 40);
    const std::size_t size = disk.file_content("identity").size();
    for (std::size_t left = 0; left < size; ++left) {
        const auto shorter = disk.copy();
        shorter->file_content("identity").resize(left);
        const auto before = files_of(*shorter);
        CAPTURE(left);
        REQUIRE(open_again(*shorter).failed(errc::corrupt));
        REQUIRE(files_of(*shorter) == before);
    }
    const auto nameless = disk.copy();
    nameless->open()->remove("identity").value();
    const auto before = files_of(*nameless);
    REQUIRE(open_again(*nameless).failed(errc::corrupt));
    REQUIRE(files_of(*nameless) == before);
}

TEST_CASE("RELIABILITY 25: a checkpoint that is damaged is refused: positions and settlements never come out empty") {
    sim_disk disk;
    write(disk, 40);
    const std::string name = last_segment(disk);
    const std::size_t size = disk.file_content(name).size();
    std::size_t refused = 0;
    for (std::size_t at = 0; at < size; at += one_in) {
        const auto damaged = disk.copy();
        damaged->file_content(name)[at] ^= std::byte{4};
        const auto before = files_of(*damaged);
        const auto opened = open_again(*damaged);
        CAPTURE(at);
        if (!opened) {
            ++refused;
            REQUIRE(opened.failed(errc::corrupt));
            REQUIRE(files_of(*damaged) == before);
            continue;
        }
        const stream_state* const of = opened->writer->state().find(stream_a);
        REQUIRE(of != nullptr);
        REQUIRE(of->next >= 41);  // or 2^32 above, where the footer does not say any more that all ended well
        REQUIRE(of->delivery.positions().at(subscriber).next == acked_below);
    }
    CHECK(refused * one_in > 300);  // its header, its last checkpoint, its footer
}

TEST_CASE("RELIABILITY 25: what a journal does not know is left alone, and what was never finished is taken away") {
    sim_disk disk;
    write(disk, 4);
    const auto where = disk.open();
    for (const char* const name :
         {"identity.new", "0000000000000009.segment.new", "notes.txt", "0000000000000001.torn.1"})
        where->open(name, file_use::create).value();
    REQUIRE(open_again(disk));
    const auto names = disk.names();
    CHECK(std::ranges::count(names, "notes.txt") == 1);
    CHECK(std::ranges::count(names, "0000000000000001.torn.1") == 1);
    CHECK(std::ranges::none_of(names, [](const std::string& name) { return name.ends_with(".new"); }));
}

TEST_CASE("RELIABILITY 26: who reads on from beyond all that was ever given is told so, and not left to wait") {
    scratch_folder folder;
    auto store = godwit::journal::open(folder.path()).value();
    auto stream = store.stream("s").value();
    CHECK(stream.read(1).value() == std::nullopt);
    const offset last = stream.append(godwit::message{"only"}).value();
    CHECK(stream.read(last + 1).value() == std::nullopt);  // the next one
    const auto ahead = stream.read_many(last + 2, 10);
    REQUIRE(ahead.failed(errc::conflict));
    CHECK(std::string{ahead.error().what()}.find(std::to_string(last + 2)) != std::string::npos);
}

TEST_CASE("RELIABILITY 28: a newer format is refused by its number, wherever it stands, and nothing is changed") {
    sim_disk disk;
    write(disk, 40);
    const std::string last = last_segment(disk), first = segment_name(1);
    REQUIRE(last != first);
    for (const std::string& name : {std::string{"identity"}, first, last}) {
        const auto newer = disk.copy();
        content& what = newer->file_content(name);
        make_newer(what, name == "identity" ? what.size() - 8 : journal_format::header_bytes - 8);
        const auto before = files_of(*newer);
        CAPTURE(name);
        const auto opened = open_again(*newer);
        REQUIRE(opened.failed(errc::unsupported));
        const std::string words = opened.error().what();
        CAPTURE(words);
        CHECK(words.find("format 2") != std::string::npos);
        CHECK(words.find("format 1") != std::string::npos);
        CHECK(files_of(*newer) == before);
        const auto seen = journal_sight::open(newer->open());
        if (name == "identity") CHECK(seen.failed(errc::unsupported));
        const auto verified = verify(*newer->open(), {});
        CHECK((verified.failed(errc::unsupported) || !verified->is_sound()));
        CHECK(files_of(*newer) == before);
    }
}

TEST_CASE("RELIABILITY 28: a journal of format 1, as it was written when that was new, is read whole") {
    const std::filesystem::path then = GODWIT_VECTORS "/journal_1";
    const auto reader = godwit::journal_reader::open(then).value();
    REQUIRE(reader.streams().size() == 2);
    auto orders = reader.read({.stream = reader.stream("orders")->id}).value();
    for (int i = 1; i <= 12; ++i) {
        if (i == 10) continue;  // it was released
        const auto one = orders.next().value();
        REQUIRE(one);
        CHECK(one->at == static_cast<offset>(i));
        CHECK(one->content.topic() == "t" + std::to_string(i % 3));
        CHECK(one->content.key() == "k" + std::to_string(i));
        CHECK(one->content.header_at(0).value == "v");
        CHECK(one->content.text() == "order " + std::to_string(i) + std::string(400, '.'));
    }
    CHECK_FALSE(orders.next().value());
    CHECK(reader.read({.stream = reader.stream("notes")->id}).value().next_many(9).value().size() == 3);
    CHECK(godwit::verify_journal(then).value().is_sound());
}

TEST_CASE("a journal that was closed is opened by the ends of its segments and its last checkpoint alone") {
    constexpr journal_limits larger{.bytes_max = 64u << 20, .segment_bytes = 64u << 10};
    struct cost {
        std::uint64_t segments = 0, reads = 0, read_bytes = 0, all_bytes = 0;
    };
    const auto cost_of = [&](int records) {
        sim_disk disk;
        write(disk, records, larger);
        cost seen;
        for (const auto& [name, what] : files_of(disk)) {
            std::uint64_t number = 0;
            seen.segments += is_segment_name(name, number) ? 1u : 0u;
            seen.all_bytes += what.size();
        }
        disk.reads = disk.read_bytes = 0;
        REQUIRE(open_again(disk, larger));
        seen.reads = disk.reads;
        seen.read_bytes = disk.read_bytes;
        return seen;
    };
    const cost few = cost_of(2'000), many = cost_of(20'000);
    REQUIRE(many.segments > few.segments + 30);
    const std::uint64_t more = many.segments - few.segments;
    CHECK((many.reads - few.reads) <= 3 * more);
    const std::uint64_t ends = journal_format::header_bytes + journal_format::footer_fixed_bytes +
                               journal_format::footer_row_bytes + 2 * journal_format::tail_bytes;
    CHECK(many.read_bytes <= few.read_bytes + ends * more + (64u << 10));  // as much as a segment may differ
    CHECK(many.read_bytes < many.all_bytes / 10);
}
