// A journal as it is read from outside: after its writer, beside it, and after a crash or damage.
#include "godwit/journal_reader.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "godwit/journal.hpp"
#include "journal/record_cursor.hpp"
#include "journal/scratch_folder.hpp"
#include "journal/segment_writer.hpp"
#include "journal/writer_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using namespace std::chrono_literals;
using godwit::errc;
using godwit::journal;
using godwit::journal_cursor;
using godwit::journal_options;
using godwit::journal_reader;
using godwit::journal_reading;
using godwit::journal_start;
using godwit::message;
using godwit::offset;
using godwit::stage;
using godwit::stored_record;

namespace {

constexpr journal_options small_segments{.bytes_max = 64u << 20, .segment_bytes = 4096};

std::vector<std::string> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& one : std::filesystem::directory_iterator{folder}) names.push_back(one.path().filename());
    std::ranges::sort(names);
    return names;
}

std::vector<std::string> segments_in(const std::filesystem::path& folder) {
    auto names = names_in(folder);
    std::erase_if(names, [](const auto& name) { return !name.ends_with(".segment"); });
    return names;
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const std::filesystem::path& file, const std::string& content) {
    std::ofstream{file, std::ios::binary | std::ios::trunc} << content;
}

// As it stands, the file of another inode: as after a crash.
void copy_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const std::string& name : names_in(from)) std::filesystem::copy_file(from / name, to / name);
}

void append(godwit::journal_stream& to, int first, int last, stage wanted = stage::durable, std::size_t size = 100) {
    for (int i = first; i <= last; ++i) to.append(message{std::to_string(i) + std::string(size, '.')}, wanted).value();
}

std::vector<stored_record> all_of(journal_cursor& cursor) {
    std::vector<stored_record> all;
    for (;;) {
        auto some = cursor.next_many(100).value();
        if (some.empty()) return all;
        for (auto& one : some) all.push_back(std::move(one));
    }
}

std::vector<offset> offsets_of(const journal_reader& reader, const journal_reading& what = {}) {
    auto cursor = reader.read(what).value();
    std::vector<offset> offsets;
    for (const auto& one : all_of(cursor)) offsets.push_back(one.at);
    return offsets;
}

std::vector<offset> from_to(offset first, offset last) {
    std::vector<offset> offsets;
    for (; first <= last; ++first) offsets.push_back(first);
    return offsets;
}

// Of a segment, the byte of its entry with that place in it, from 0.
std::uint64_t entry_at(const std::filesystem::path& folder, const std::string& segment, int place) {
    auto where = open_directory(folder, false).value();
    std::uint64_t number = 0;
    REQUIRE(is_segment_name(segment, number));
    const auto ends = read_ends(*where, number, nullptr).value();
    segment_walk walk{*ends.content, ends.header, journal_format::header_bytes, ends.size};
    for (int i = 0; i <= place; ++i) REQUIRE(walk.next().value() == segment_walk::found::entry);
    return walk.begin();
}

void flip(const std::filesystem::path& file, std::uint64_t at) {
    std::string content = content_of(file);
    content[at] = static_cast<char>(content[at] ^ 1);
    write_file(file, content);
}

}  // namespace

TEST_CASE("a reader sees all streams, records and releases of a journal that was closed, and changes nothing") {
    scratch_folder folder;
    {
        auto store = journal::open(folder.path(), small_segments).value();
        auto a = store.stream("a").value(), b = store.stream("b").value();
        for (int i = 1; i <= 100; ++i) {
            append(a, i, i, stage::stored);
            if (i % 10 == 0) append(b, i, i, stage::stored);
        }
        a.append(message::make({.topic = "t", .key = "k", .headers = {{"n", "v"}}, .body = {}}).value()).value();
        a.release({3, 7}).value();
        store.close().value();
    }
    REQUIRE(segments_in(folder.path()).size() > 3);
    const auto names = names_in(folder.path());
    auto reader = journal_reader::open(folder.path()).value();
    const auto info = reader.info().value();
    CHECK(info.clean);
    CHECK_FALSE(info.is_written);
    CHECK(info.epoch == 1);
    CHECK(info.segments == segments_in(folder.path()).size());
    const auto streams = reader.streams();
    REQUIRE(streams.size() == 2);
    CHECK(streams[0].name == "a");
    CHECK(streams[0].first == 1);
    CHECK(streams[0].end == 102);
    CHECK(streams[0].records == 96);
    CHECK(streams[1].records == 10);
    CHECK_FALSE(reader.stream("c"));
    const auto a = streams[0].id, b = streams[1].id;
    CHECK(offsets_of(reader, {.stream = b}) == from_to(1, 10));
    CHECK(offsets_of(reader, {.stream = a, .from = offset{99}}) == from_to(99, 101));
    CHECK(offsets_of(reader, {.stream = a, .from = offset{5}}).front() == 8);
    CHECK(offsets_of(reader, {.stream = a, .from = offset{5}, .released = true}).front() == 5);
    CHECK(offsets_of(reader, {.stream = a, .released = true}) == from_to(1, 101));
    CHECK(offsets_of(reader, {.stream = a, .from = journal_start::last}) == std::vector<offset>{101});
    CHECK(offsets_of(reader, {.stream = b, .from = journal_start::last}) == std::vector<offset>{10});
    CHECK(offsets_of(reader, {.from = journal_start::last}) == std::vector<offset>{101});
    CHECK(offsets_of(reader, {.from = journal_start::next}).empty());
    CHECK(offsets_of(reader).size() == 106);
    CHECK(reader.read({.from = offset{1}}).failed(errc::invalid_argument));
    auto cursor = reader.read({.stream = a, .from = offset{101}}).value();
    const auto record = cursor.next().value();
    REQUIRE(record);
    CHECK(record->content.topic() == "t");
    CHECK(record->content.key() == "k");
    CHECK(record->content.header_value("n") == "v");
    CHECK_FALSE(cursor.next().value());
    CHECK(names_in(folder.path()) == names);
}

TEST_CASE("where no journal is, a reader says so, and makes none") {
    scratch_folder folder;
    CHECK(journal_reader::open(folder.path()).failed(errc::not_found));
    CHECK(journal_reader::open(folder.path() / "no").failed(errc::not_found));
    CHECK(names_in(folder.path()).empty());
}

TEST_CASE("a copy, which cannot be written to, can be read") {
    scratch_folder folder, copy;
    {
        auto store = journal::open(folder.path()).value();
        auto a = store.stream("a").value();
        append(a, 1, 10);
    }
    copy_files(folder.path(), copy.path());
    REQUIRE(journal::open(copy.path()).failed(errc::conflict));
    CHECK(offsets_of(journal_reader::open(copy.path()).value()) == from_to(1, 10));
}

TEST_CASE("reading begins at a time, in whichever segment that was") {
    scratch_folder folder;
    std::vector<std::chrono::sys_time<std::chrono::milliseconds>> times;
    {
        auto store = journal::open(folder.path(), small_segments).value();
        auto a = store.stream("a").value();
        append(a, 1, 200);
    }
    auto reader = journal_reader::open(folder.path()).value();
    auto cursor = reader.read().value();
    const auto all = all_of(cursor);
    REQUIRE(all.size() == 200);
    REQUIRE(all.front().appended < all.back().appended);
    for (const auto& one : all) {
        const auto first = std::ranges::find_if(all, [&](const auto& other) { return other.appended >= one.appended; });
        auto from_then = reader.read({.from = std::chrono::system_clock::time_point{one.appended}}).value();
        REQUIRE(from_then.next().value()->at == first->at);
    }
    CHECK(offsets_of(reader, {.from = std::chrono::system_clock::time_point{}}).size() == 200);
    CHECK(offsets_of(reader, {.from = std::chrono::system_clock::now() + 1h}).empty());
}

TEST_CASE(
    "beside a writer that rotates and lets go, a reader sees each record once, in order, and only what is synced") {
    scratch_folder folder;
    constexpr offset last = 3000;
    auto store = journal::open(folder.path(), {.bytes_max = 64u << 20, .segment_bytes = 8192}).value();
    auto a = store.stream("a").value();
    a.append(message{"1"}).value();
    std::atomic<offset> read_to{0};
    std::jthread writer{[&](const std::stop_token& stop) {
        std::vector<message> some;
        for (offset at = 2; at <= last && !stop.stop_requested();) {
            some.clear();
            for (; at <= last && some.size() < 7; ++at) some.emplace_back(std::to_string(at));
            a.append(some, at % 2 == 0 ? stage::stored : stage::durable).value();
            // What was read is let go of, so that segments are removed while others are read.
            if (const offset done = read_to; done > 100) a.release({1, done - 100}).value();
        }
    }};
    auto reader = journal_reader::open(folder.path()).value();
    auto cursor = reader.read({.released = true}).value();
    offset expected = 1;
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (expected <= last && std::chrono::steady_clock::now() < end) {
        const auto some = cursor.next_many(50).value();
        if (some.empty()) reader.refresh().value();
        for (const auto& one : some) {
            REQUIRE(one.at == expected);
            REQUIRE(one.content.text() == std::to_string(expected));
            read_to = expected++;
        }
    }
    CHECK(expected == last + 1);
    CHECK(reader.info().value().is_written);
    CHECK(segments_in(folder.path()).front() != godwit::detail::segment_name(1));
}

TEST_CASE("a reader in another process follows a writer, and its end") {
    scratch_folder folder;
    int ready[2];
    REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        // No assertions here: the exit status says what was wrong.
        char go = 0;
        if (::read(ready[0], &go, 1) != 1) ::_exit(1);
        auto reader = journal_reader::open(folder.path());
        if (!reader) ::_exit(2);
        auto cursor = reader->read();
        offset expected = 1;
        while (reader->refresh()) {
            const auto some = cursor->next_many(50);
            if (!some) ::_exit(3);
            for (const auto& one : *some) {
                if (one.at != expected++) ::_exit(4);
            }
            if (some->empty() && reader->info()->clean) ::_exit(expected == 501 ? 0 : 5);
        }
        ::_exit(6);
    }
    {
        auto store = journal::open(folder.path(), small_segments).value();
        auto a = store.stream("a").value();
        append(a, 1, 1);
        REQUIRE(::write(ready[1], "g", 1) == 1);
        append(a, 2, 500, stage::stored, 30);
        store.close().value();
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("a reader that slept while all its segments were let go of goes on with what is there") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small_segments).value();
    auto a = store.stream("a").value();
    append(a, 1, 50);
    auto reader = journal_reader::open(folder.path()).value();
    auto cursor = reader.read({.stream = a.id(), .from = offset{30}}).value();
    const auto first_segment = segments_in(folder.path()).front();
    append(a, 51, 150);
    a.release({1, 140}).value();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (segments_in(folder.path()).size() > 5 && std::chrono::steady_clock::now() < end) append(a, 1, 1);
    REQUIRE(segments_in(folder.path()).front() != first_segment);
    reader.refresh().value();
    const auto rest = all_of(cursor);
    REQUIRE_FALSE(rest.empty());
    CHECK(rest.front().at > 50);
    CHECK(rest.front().at <= 141);
}

TEST_CASE("an unclean end is read as far as entries pass, and what was never confirmed behind it is left out") {
    sim_disk disk;
    stopped_time time;
    counted_random random;
    auto opened = open_on(disk, {.bytes_max = 1u << 20, .segment_bytes = 64u << 10}, time, random).value();
    std::vector<journal_writer::placed> where;
    const auto write = [&](offset at) {
        entry one;
        one.batches.push_back(batch_of(stream_a, {{stream_a, at, "record " + std::to_string(at)}}));
        opened.writer->append({&one, 1}, where).why.value();
    };
    const auto visible_in = [](sim_disk& in) {
        auto sight = journal_sight::open(in.open()).value();
        std::vector<offset> offsets;
        record_cursor cursor{sight, {.stream = stream_a}, {.segment = sight->lowest()}};
        for (found_record each; cursor.next(each).value();) offsets.push_back(each.record.at);
        return offsets;
    };
    for (offset at = 1; at <= 10; ++at) write(at);
    opened.writer->sync().value();
    for (offset at = 11; at <= 20; ++at) write(at);
    CHECK(visible_in(disk) == from_to(1, 10));  // somebody writes: what was synced
    auto left = disk.copy();
    CHECK(visible_in(*left) == from_to(1, 20));  // nobody does
    left->file_content(segment_name(where[15].segment))[where[15].position + 80] ^= std::byte{1};
    const auto names = left->names();
    CHECK(visible_in(*left) == from_to(1, 15));
    CHECK(left->names() == names);
    CHECK(left->calls == 0);
}

TEST_CASE("damage is told with its segment, entry and byte, and reading goes on behind it if asked to") {
    scratch_folder folder;
    {
        auto store = journal::open(folder.path(), small_segments).value();
        auto a = store.stream("a").value();
        append(a, 1, 100);
    }
    const auto segments = segments_in(folder.path());
    REQUIRE(segments.size() > 3);
    const auto second = segments[1];
    const auto at = entry_at(folder.path(), second, 3);
    const auto all = offsets_of(journal_reader::open(folder.path()).value());
    flip(folder.path() / second, at + 90);
    auto reader = journal_reader::open(folder.path()).value();
    auto cursor = reader.read().value();
    std::vector<offset> before;
    auto some = cursor.next_many(1000);
    for (; some && !some->empty(); some = cursor.next_many(1000)) {
        for (const auto& one : *some) before.push_back(one.at);
    }
    REQUIRE(some.failed(errc::corrupt));
    const std::string said = some.error().what();
    CHECK(said.find(second) != std::string::npos);
    CHECK(said.find("at byte " + std::to_string(at) + " is damaged") != std::string::npos);
    CHECK(cursor.next().failed(errc::corrupt));  // and again
    auto expected = all;
    std::erase(expected, before.back() + 1);
    CHECK(offsets_of(reader, {.past_damage = true}) == expected);
    // A whole segment that is gone.
    std::filesystem::remove(folder.path() / segments[2]);
    auto gapped = journal_reader::open(folder.path()).value();
    const auto left = offsets_of(gapped, {.past_damage = true});
    CHECK(left.size() < expected.size());
    CHECK(left.back() == 100);
    auto from_behind = gapped.read({.stream = gapped.stream("a")->id, .from = offset{100}}).value();
    CHECK(from_behind.next().failed(errc::corrupt));  // whether it was in there cannot be known
    // A footer, and a header.
    const auto third = folder.path() / segments[3];
    flip(third, content_of(third).size() - 20);
    CHECK(offsets_of(journal_reader::open(folder.path()).value(), {.past_damage = true}) == left);
    flip(third, 10);
    const auto without = offsets_of(journal_reader::open(folder.path()).value(), {.past_damage = true});
    CHECK(without.size() < left.size());
    CHECK(without.back() == 100);
}

TEST_CASE("confirmed records that are damaged in the open segment are told, also beside its writer") {
    scratch_folder folder;
    auto store = journal::open(folder.path()).value();
    auto a = store.stream("a").value();
    append(a, 1, 20);
    const auto segment = segments_in(folder.path()).back();
    // In place: the writer has it open.
    const auto at = entry_at(folder.path(), segment, 5) + 90;
    const int file = ::open((folder.path() / segment).c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE(::pwrite(file, "\xff\xff", 2, static_cast<off_t>(at)) == 2);
    ::close(file);
    auto reader = journal_reader::open(folder.path()).value();
    auto cursor = reader.read().value();
    CHECK(cursor.next_many(1000).value().size() < 5);
    CHECK(cursor.next_many(1000).failed(errc::corrupt));
    CHECK(offsets_of(reader, {.past_damage = true}).size() >= 18);
}
