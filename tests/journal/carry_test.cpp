// What is live in segments where little is live is carried on, so that they go; and whoever reads sees nothing of it.
#include <thread>

#include "godwit/journal.hpp"
#include "godwit/journal_copies.hpp"
#include "godwit/journal_reader.hpp"
#include "godwit/journal_verification.hpp"
#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace std::chrono_literals;
using journal_tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

constexpr journal_options small{.bytes_max = 4u << 20, .segment_bytes = 16u << 10};

template <class Claim>
bool eventually(const Claim& claim) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!claim()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::yield();
    }
    return true;
}

std::string body_of(offset at) { return std::to_string(at) + std::string(300, '.'); }

// As many, of which only those are kept whose offset `is_kept`.
template <class Kept>
std::vector<offset> append(journal_stream& to, int count, const Kept& is_kept) {
    std::vector<offset> kept;
    constexpr int at_once = 10;
    for (int i = 0; i < count; i += at_once) {
        std::vector<message> some;
        const offset first = std::max<offset>(1, to.end());
        for (offset at = first; at < first + at_once; ++at) some.emplace_back(body_of(at));
        REQUIRE(to.append(some, stage::stored).value() == first);
        REQUIRE(eventually([&] { return to.end() == first + at_once; }));
        for (offset at = first; at < first + at_once; ++at) {
            if (is_kept(at)) {
                kept.push_back(at);
            } else {
                to.release({at, at}).value();
            }
        }
    }
    return kept;
}

void check_records(const journal_stream& in, const std::vector<offset>& kept) {
    const auto all = in.read_many(0, 10'000).value();
    REQUIRE(all.size() == kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        REQUIRE(all[i].at == kept[i]);
        REQUIRE(all[i].content.text() == body_of(kept[i]));
    }
}

std::vector<offset> offsets_of(journal_cursor& cursor) {
    std::vector<offset> all;
    for (;;) {
        const auto some = cursor.next_many(100).value();
        if (some.empty()) return all;
        for (const auto& one : some) {
            REQUIRE(one.content.text() == body_of(one.at));
            all.push_back(one.at);
        }
    }
}
std::vector<offset> offsets_of(const fs::path& folder, const journal_reading& what = {}) {
    auto cursor = journal_reader::open(folder).value().read(what).value();
    return offsets_of(cursor);
}

std::uint64_t lowest_segment(const fs::path& folder) {
    std::uint64_t lowest = UINT64_MAX;
    for (const auto& one : fs::directory_iterator{folder}) {
        if (one.path().extension() == ".segment")
            lowest = std::min<std::uint64_t>(lowest, std::stoull(one.path().stem(), nullptr, 16));
    }
    return lowest;
}

const auto first_alone = [](offset at) { return at == 1; };
const auto few = [](offset at) { return at % 100 == 1; };

}  // namespace

TEST_CASE(
    "one record that nobody settles does not pin what was written behind it, and is there, also when opened again") {
    scratch_folder folder;
    {
        auto store = journal::open(folder.path(), small).value();
        auto stream = store.stream("s").value();
        append(stream, 3000, first_alone);  // a megabyte
        REQUIRE(eventually([&] { return store.bytes_used() < 8 * small.segment_bytes; }));
        CHECK(stream.read(0).value()->content.text() == body_of(1));
    }
    CHECK(lowest_segment(folder.path()) > 40);
    CHECK(offsets_of(folder.path()) == std::vector<offset>{1});
    auto store = journal::open(folder.path(), small).value();
    CHECK(store.recovered().clean);
    auto stream = store.stream("s").value();
    check_records(stream, {1});
    CHECK(stream.first() == 1);
    CHECK(stream.append(message{"next"}).value() == 3001);
}

TEST_CASE("carried records are read once and in order, from any place, by whoever has the journal and by others") {
    scratch_folder folder;
    std::vector<offset> kept;
    {
        auto store = journal::open(folder.path(), small).value();
        auto stream = store.stream("s").value();
        auto other = store.stream("other").value();
        other.append(message{body_of(1)}, stage::stored).value();
        kept = append(stream, 3000, few);
        REQUIRE(eventually([&] { return store.bytes_used() < 12 * small.segment_bytes; }));
        check_records(stream, kept);
    }
    for (const bool is_open : {false, true}) {
        std::optional<journal> store;
        if (is_open) store.emplace(journal::open(folder.path(), small).value());
        if (is_open) check_records(store->stream("s").value(), kept);
        const auto reader = journal_reader::open(folder.path()).value();
        const stream_id id = reader.stream("s")->id;
        CHECK(offsets_of(folder.path(), {.stream = id}) == kept);
        CHECK(offsets_of(folder.path(), {.stream = id, .from = offset{1001}}) ==
              std::vector<offset>(kept.begin() + 10, kept.end()));
        CHECK(offsets_of(folder.path(), {.stream = id, .from = journal_start::last}).front() == kept.back());
        CHECK(offsets_of(folder.path(), {.stream = id, .from = journal_start::next}).empty());
        auto all = offsets_of(folder.path());
        CHECK(all.front() == 1);
        CHECK(all[1] == 1);  // of the two streams
        all.erase(all.begin());
        CHECK(all == kept);
        CHECK(reader.stream("s")->records == kept.size());
    }
}

TEST_CASE("a carried journal is found sound, keeps what it has when it is repaired, and the last one is found") {
    scratch_folder folder, place;
    {
        auto store = journal::open(folder.path(), small).value();
        auto stream = store.stream("s").value();
        append(stream, 2000, first_alone);
        REQUIRE(eventually([&] { return store.bytes_used() < 8 * small.segment_bytes; }));
        CHECK(verify_journal(folder.path()).value().findings.empty());
    }
    const auto seen = verify_journal(folder.path()).value();
    for (const auto& one : seen.findings) UNSCOPED_INFO(one.file << ": " << one.text);
    CHECK(seen.findings.empty());
    CHECK(offsets_of(folder.path(), {.from = journal_start::last}) == std::vector<offset>{1});
    const auto saved = repair_journal(folder.path(), place.path() / "saved").value();
    CHECK(saved.records == 1);
    CHECK(saved.lost == 0);
    CHECK(offsets_of(place.path() / "saved") == std::vector<offset>{1});
}

TEST_CASE("who reads beside a writer that carries sees each record once, in order, and so does who reads a snapshot") {
    scratch_folder folder, place;
    auto store = journal::open(folder.path(), small).value();
    auto stream = store.stream("s").value();
    append(stream, 10, few);
    std::vector<offset> seen;
    std::atomic<bool> ends{false};
    std::jthread reads{[&] {
        auto reader = journal_reader::open(folder.path()).value();
        auto cursor = reader.read({.released = true}).value();
        for (bool last = false; !last;) {
            last = ends;
            reader.refresh().value();
            for (;;) {
                const auto some = cursor.next_many(7).value();
                if (some.empty()) break;
                for (const auto& one : some) seen.push_back(one.at);
            }
        }
    }};
    std::vector<offset> kept{1};
    for (int i = 0; i < 6; ++i) {
        const auto more = append(stream, 500, few);
        kept.insert(kept.end(), more.begin(), more.end());
        const fs::path copy = place.path() / std::to_string(i);
        REQUIRE(snapshot_journal(folder.path(), copy));
        REQUIRE(adopt_journal(copy));
        auto twin = journal::open(copy, small).value();
        const auto found = twin.stream("s").value().read_many(0, 1000).value();
        std::vector<offset> there;
        for (const auto& one : found) {
            if (few(one.at)) there.push_back(one.at);
        }
        REQUIRE(there == kept);
    }
    REQUIRE(eventually([&] { return store.bytes_used() < 12 * small.segment_bytes; }));
    store.close().value();
    ends = true;
    reads.join();
    CHECK(std::ranges::is_sorted(seen));
    CHECK(std::ranges::adjacent_find(seen) == seen.end());
    for (const offset at : kept) CHECK(std::ranges::binary_search(seen, at));
}

TEST_CASE("what is carried again and again, more with each time, stays whole") {
    scratch_folder folder;
    std::vector<offset> kept;
    for (int life = 0; life < 8; ++life) {
        auto store = journal::open(folder.path(), small).value();
        auto stream = store.stream("s").value();
        const auto more = append(stream, 1000, few);
        kept.insert(kept.end(), more.begin(), more.end());
        check_records(stream, kept);
        for (std::size_t i = 0; i < 3; ++i) {
            const offset done = kept[kept.size() / 2];
            stream.release({done, done}).value();
            std::erase(kept, done);
        }
        check_records(stream, kept);
        REQUIRE(eventually([&] { return store.bytes_used() < 16 * small.segment_bytes; }));
        check_records(stream, kept);
    }
    CHECK(offsets_of(folder.path()) == kept);
    CHECK(verify_journal(folder.path()).value().findings.empty());
}

TEST_CASE("what is live of one batch is carried, and what is between is not") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    auto stream = store.stream("s").value();
    const auto kept = append(stream, 1000, [](offset at) { return at == 2 || at == 4 || at == 9; });
    REQUIRE(eventually([&] { return store.bytes_used() < 8 * small.segment_bytes; }));
    check_records(stream, kept);
    store.close().value();
    CHECK(offsets_of(folder.path(), {.released = true}).size() < 500);
    CHECK(offsets_of(folder.path()) == kept);
}

TEST_CASE("when everything that was carried is settled, nothing of it stays") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    auto stream = store.stream("s").value();
    append(stream, 2000, first_alone);
    REQUIRE(eventually([&] { return store.bytes_used() < 8 * small.segment_bytes; }));
    stream.release({1, 1}).value();
    append(stream, 1000, [](offset) { return false; });
    REQUIRE(eventually([&] { return store.bytes_used() < 8 * small.segment_bytes; }));
    CHECK_FALSE(stream.read(0).value());
    store.close().value();
    CHECK(offsets_of(folder.path()).empty());
}
