// RELIABILITY rows 13, 14, 21, 24, 27, 32, 55: bytes that pass for entries, and are of another place or time; what is cut and
// kept; what is read wrong while a journal is opened.
#include <algorithm>

#include "journal/segment_writer.hpp"
#include "journal/writer_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

constexpr journal_limits roomy{.bytes_max = 1u << 20, .segment_bytes = 64u << 10};

// A writer that goes on where a copy of its disk goes on, too: with the same seeds, other contents, and the same lengths.
struct world {
    explicit world(std::unique_ptr<sim_disk> on) : disk{std::move(on)} {}
    void open(const journal_limits& limits = roomy) {
        opened = {};
        opened = std::move(*open_on(*disk, limits, time, random));
    }
    journal_writer::placed append(const std::string& body) {
        entry one;
        one.batches.push_back(batch_of(stream_a, {{stream_a, ++last, body}}));
        std::vector<journal_writer::placed> where;
        opened.writer->append({&one, 1}, where).why.value();
        opened.writer->sync().value();
        return where.back();
    }
    std::string opened_after() {
        auto restarted = disk->copy();
        random.last += 1000;
        const auto again = open_on(*restarted, roomy, time, random);
        if (!again) return std::string{godwit::name(again.error().code())};
        found = all_records(*restarted);
        recovered = again->writer->recovered().cut_bytes;
        kept_as = again->writer->recovered().kept_as;
        return "ok";
    }
    std::unique_ptr<sim_disk> disk;
    stopped_time time;
    counted_random random;
    open_writer opened;
    offset last = 0;
    std::vector<kept_record> found;
    std::uint64_t recovered = 0;
    std::string kept_as;
};

}  // namespace

TEST_CASE("RELIABILITY 21: an entry of the same place and number, from another history, does not pass") {
    world one{std::make_unique<sim_disk>()}, two{std::make_unique<sim_disk>()};
    for (world* each : {&one, &two}) {
        each->open();
        each->append("both");
        each->append(each == &one ? "one" : "two");
    }
    const auto first = one.append("first"), second = two.append("other");
    REQUIRE(first.position == second.position);
    one.append("last");
    const std::string name = segment_name(1);
    content& into = one.disk->file_content(name);
    const content& stale = two.disk->file_content(name);
    const auto from = stale.begin() + static_cast<std::ptrdiff_t>(second.position);
    std::copy(from, stale.end(), into.begin() + static_cast<std::ptrdiff_t>(second.position));
    CHECK(one.opened_after() == "ok");
    CHECK(one.found.size() == 2);
    CHECK(std::ranges::none_of(one.found, [](const auto& each) { return each.body == "other" || each.body == "two"; }));
}

TEST_CASE("RELIABILITY 21: a sealed segment of the same number, from another history, is refused") {
    constexpr journal_limits small{.bytes_max = 1u << 20, .segment_bytes = 4096};
    world one{std::make_unique<sim_disk>()}, two{std::make_unique<sim_disk>()};
    for (world* each : {&one, &two}) {
        each->open(small);
        for (int i = 0; i < 8; ++i) each->append((each == &one ? "one" : "two") + std::string(1000, 'x'));
    }
    REQUIRE(one.opened_after() == "ok");
    one.disk->file_content(segment_name(2)) = two.disk->file_content(segment_name(2));
    CHECK(one.opened_after() == "corrupt");
}

TEST_CASE("RELIABILITY 24: bytes of another journal in a torn end are no proof of what was confirmed") {
    world one{std::make_unique<sim_disk>()}, two{std::make_unique<sim_disk>()};
    two.random.last = 77;  // another journal, of other seeds
    one.open(), two.open();
    for (int i = 0; i < 50; ++i) two.append("other");
    const auto from = two.append("far");
    one.append("kept");
    const auto at = one.append("under way");
    const content& stale = two.disk->file_content(segment_name(1));
    content& into = one.disk->file_content(segment_name(1));
    into[at.position + 8] ^= std::byte{1};
    std::copy_n(stale.begin() + static_cast<std::ptrdiff_t>(from.position), 256,
                into.begin() + static_cast<std::ptrdiff_t>(at.position + 256));
    CHECK(one.opened_after() == "ok");
    CHECK(one.found == std::vector<kept_record>{{stream_a, 1, "kept"}});
}

TEST_CASE("RELIABILITY 13, 14: what is torn is cut, kept beside as it was, and counted") {
    world one{std::make_unique<sim_disk>()};
    one.open();
    one.append("kept");
    const auto at = one.append("torn");
    const std::string name = segment_name(1);
    content& torn = one.disk->file_content(name);
    torn[at.position + 80] ^= std::byte{1};
    const content before = torn;
    auto restarted = one.disk->copy();
    one.random.last += 1000;
    const auto again = open_on(*restarted, roomy, one.time, one.random).value();
    const recovered_journal& found = again.writer->recovered();
    CHECK(found.cut_bytes == before.size() - at.position);
    REQUIRE(found.kept_as == "0000000000000001.torn.1");
    CHECK(restarted->file_content(found.kept_as) == before);
    // The footer stands where the torn entry began.
    const content& left = restarted->file_content(name);
    const std::uint32_t footer = footer_size(left);
    REQUIRE(footer != 0);
    CHECK(left.size() == at.position + footer);
    CHECK(std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(at.position), before.begin()));
}

TEST_CASE("RELIABILITY 5, 17: what recovery has made is on the disk when it returns") {
    world one{std::make_unique<sim_disk>()};
    one.open();
    one.append("kept");
    const auto at = one.append("torn");
    one.disk->file_content(segment_name(1))[at.position + 80] ^= std::byte{1};
    auto restarted = one.disk->copy();
    recover(*restarted->open()).value();
    std::mt19937_64 random;
    const auto image = restarted->after_crash(random, loss::all);
    CHECK(image->names() == restarted->names());
    for (const std::string& name : image->names()) CHECK(image->file_content(name) == restarted->file_content(name));
}

TEST_CASE("RELIABILITY 27: an error of any read while a journal is opened is no end of it, and changes nothing") {
    world one{std::make_unique<sim_disk>()};
    one.open();
    for (int i = 0; i < 5; ++i) one.append("kept");
    one.opened.writer->mark().value();
    auto whole = one.disk->copy();
    std::uint64_t reads = 0;
    {
        auto untouched = one.disk->copy();
        const auto again = open_on(*untouched, roomy, one.time, one.random).value();
        reads = untouched->reads;
    }
    REQUIRE(reads > 4);
    for (std::uint64_t at = 1; at <= reads; ++at) {
        auto failing = one.disk->copy();
        failing->fail_read_at = at;
        CAPTURE(at);
        CHECK(open_on(*failing, roomy, one.time, one.random).failed(errc::io));
        failing->fail_read_at = 0;
        const auto again = open_on(*failing, roomy, one.time, one.random);
        REQUIRE(again);
        CHECK(all_records(*failing).size() == 5);
    }
}

TEST_CASE("RELIABILITY 32: of several entries in one write for which there was no space, none is there") {
    world one{std::make_unique<sim_disk>()};
    one.open();
    one.append("kept");
    std::vector<entry> some(6);
    for (offset i = 0; i < some.size(); ++i) some[i].batches.push_back(batch_of(stream_a, {{stream_a, 2 + i, "no"}}));
    one.disk->fail_with = errc::full;
    one.disk->fail_at = one.disk->calls + 1;  // half of the write is there
    std::vector<journal_writer::placed> where;
    const auto done = one.opened.writer->append(some, where);
    CHECK(done.entries == 0);
    CHECK(done.why.failed(errc::full));
    CHECK(one.opened_after() == "ok");
    CHECK(one.found == std::vector<kept_record>{{stream_a, 1, "kept"}});
}
