// Letting go of many files at once: when what kept them all is settled, they go some at a time, and a crash between is none.
#include <algorithm>

#include "journal/segment_writer.hpp"
#include "journal/store_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

constexpr offset records = 200;  // a segment each
constexpr journal_limits roomy{.bytes_max = 8u << 20, .segment_bytes = 4096};

std::size_t segments_of(const sim_disk& disk) {
    const auto names = disk.names();
    std::uint64_t number = 0;
    return static_cast<std::size_t>(
        std::ranges::count_if(names, [&](const std::string& name) { return is_segment_name(name, number); }));
}

void fill(journal_writer& on) {
    std::vector<journal_writer::placed> where;
    for (offset at = 1; at <= records; ++at) {
        entry one;
        one.batches.push_back(batch_of(stream_a, {{stream_a, at, std::string(3000, 'x')}}));
        on.append({&one, 1}, where).why.value();
    }
}

void settle_all(journal_writer& on) {
    entry said;
    const offset_range all{1, records};
    said.notes.push_back(note_of(note::kind::settlement, stream_a, ranges_as_bytes({&all, 1})));
    std::vector<journal_writer::placed> where;
    on.append({&said, 1}, where).why.value();
}

}  // namespace

TEST_CASE("when a pin goes, the files behind it go some at a time, and no segment is begun for the rest") {
    sim_disk disk;
    stopped_time time;
    counted_random random;
    auto opened = open_on(disk, roomy, time, random).value();
    journal_writer& writer = *opened.writer;
    fill(writer);
    settle_all(writer);
    REQUIRE(segments_of(disk) >= records);
    writer.trim().value();
    const std::uint64_t last = writer.header().number;
    std::size_t rounds = 1, before = segments_of(disk);
    CHECK(before > records / 2);
    for (; writer.has_unneeded(); ++rounds) {
        writer.trim().value();
        CHECK(before - segments_of(disk) <= 64);
        before = segments_of(disk);
    }
    CHECK(rounds == 4);
    CHECK(writer.header().number == last);
    CHECK(before == 1);
    CHECK(writer.bytes_used() <= 2 * roomy.segment_bytes);
}

TEST_CASE("RELIABILITY 4: a crash while many files are let go of leaves some, and the next writer takes them away") {
    for (const loss how : losses) {
        auto disk = std::make_unique<sim_disk>();
        stopped_time time;
        counted_random random;
        {
            auto opened = open_on(*disk, roomy, time, random).value();
            fill(*opened.writer);
            settle_all(*opened.writer);
            opened.writer->trim().value();
            disk->crash_at = disk->calls + 30;
            CHECK_FALSE(opened.writer->trim());
        }
        std::mt19937_64 draws{7};
        disk = disk->after_crash(draws, how);
        CAPTURE(how);
        auto again = open_on(*disk, roomy, time, random).value();
        const stream_state* const of = again.writer->state().find(stream_a);
        REQUIRE(of != nullptr);
        CHECK(of->released.first_missing(1) > records);
        CHECK(segments_of(*disk) <= 2);
    }
}

TEST_CASE("an open journal that has many files to let go of takes the rest away without another call") {
    sim_disk disk;
    store_world world;
    world.options.limits = roomy;
    const auto store = world.open(disk).value();
    const stream_id stream = store->stream_named("s").value();
    for (offset i = 0; i < records; ++i) REQUIRE(append(*store, stream, std::string(3000, 'x'), stage::stored).kept);
    REQUIRE(segments_of(disk) >= records);
    const offset_range all{1, records};
    store->release(stream, {&all, 1});
    for (int i = 0; i < 2; ++i) REQUIRE(append(*store, stream, std::string(3000, 'x'), stage::stored).kept);
    CHECK(eventually([&] { return segments_of(disk) <= 3; }));
}

TEST_CASE("RELIABILITY 31: on a full disk what is released makes room, though there is none for a whole segment") {
    sim_disk disk;
    store_world world;
    world.options.limits.segment_bytes = 16u << 10;
    disk.bytes_max = 100u << 10;  // six segments, and a little
    const auto store = world.open(disk).value();
    const stream_id stream = store->stream_named("s").value();
    offset last = 0;
    appended done;
    while ((done = append(*store, stream, std::string(3000, 'x'), stage::stored)).kept) last = *done.at;
    REQUIRE(done.kept.failed(errc::full));
    REQUIRE(last > 20);
    const offset_range most{1, last - 1};
    store->release(stream, {&most, 1});
    for (int i = 0; i < 10; ++i) {
        done = append(*store, stream, std::string(3000, 'x'), stage::stored);
        REQUIRE(done.kept);
        CHECK(*done.at == ++last);
    }
    CHECK(all_of(*store, stream).size() == 11);
}
