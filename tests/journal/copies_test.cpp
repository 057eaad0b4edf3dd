// Copies of a journal: a snapshot beside its writer, one that is adopted, one that is saved from damage.
#include "godwit/journal_copies.hpp"

#include <fstream>
#include <map>

#include "base/batch_format.hpp"
#include "godwit/journal.hpp"
#include "godwit/journal_reader.hpp"
#include "journal/scratch_folder.hpp"
#include "test_main.hpp"

using namespace godwit;
using journal_tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

constexpr journal_options small{.bytes_max = 4u << 20, .segment_bytes = 16u << 10};
constexpr offset epoch_step = offset{1} << 32;

void append(journal_stream& to, int count, const std::string& what) {
    for (int i = 0; i < count; ++i) {
        const auto kept = to.append(message{what + std::to_string(i) + std::string(200, '.')});
        if (!kept) FAIL(kept.error().what());
    }
}

std::map<offset, std::string> contents(const fs::path& of, const std::string& stream) {
    std::map<offset, std::string> all;
    auto reader = journal_reader::open(of).value();
    auto cursor = reader.read({.stream = reader.stream(stream)->id, .past_damage = true}).value();
    while (auto one = cursor.next().value()) all[one->at] = one->content.text();
    return all;
}

}  // namespace

TEST_CASE("a snapshot beside the writer has all that was kept, and changes nothing of it") {
    scratch_folder folder, place;
    const fs::path copy = place.path() / "copy";
    auto store = journal::open(folder.path(), small).value();
    auto log = store.stream("log").value();
    append(log, 300, "a");
    REQUIRE(snapshot_journal(folder.path(), copy));
    const auto taken = contents(copy, "log");
    CHECK(taken.size() == 300);
    append(log, 300, "b");
    REQUIRE(store.close());
    CHECK(contents(copy, "log") == taken);
    CHECK(contents(folder.path(), "log").size() == 600);
    const auto again = snapshot_journal(folder.path(), copy);
    REQUIRE_FALSE(again);
    CHECK(again.error().code() == errc::already_exists);
}

TEST_CASE(
    "RELIABILITY 55: a copy is not written to before it is adopted, and goes on above all that its twin may give") {
    scratch_folder folder, place;
    const fs::path copy = place.path() / "copy";
    offset end = 0;
    {
        auto store = journal::open(folder.path(), small).value();
        auto log = store.stream("log").value();
        append(log, 100, "a");
        REQUIRE(store.close());
        end = log.end();
    }
    REQUIRE(snapshot_journal(folder.path(), copy));
    const auto refused = journal::open(copy, small);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == errc::conflict);
    const auto here = adopt_journal(folder.path());
    REQUIRE_FALSE(here);
    CHECK(here.error().code() == errc::invalid_argument);

    REQUIRE(adopt_journal(copy));
    for (int life = 1; life <= 2; ++life) {
        auto store = journal::open(copy, small).value();
        auto log = store.stream("log").value();
        const auto at = log.append(message{"mine"}).value();
        CHECK(at == end + epoch_step + static_cast<offset>(life) - 1);  // once: the second life follows a clean end
        REQUIRE(store.close());
    }
    CHECK(contents(copy, "log").size() == 102);
    CHECK(contents(folder.path(), "log").size() == 100);
    auto twin = journal::open(folder.path(), small).value();
    CHECK(twin.stream("log").value().append(message{"theirs"}).value() == end);
}

TEST_CASE("a copy that is written to may not be adopted") {
    scratch_folder folder;
    auto store = journal::open(folder.path(), small).value();
    const auto refused = adopt_journal(folder.path());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == errc::locked);
    const auto none = adopt_journal(folder.path() / "nothing");
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == errc::not_found);
}

TEST_CASE("what passes of a damaged journal is saved at its offsets, and the damaged one is as it was") {
    scratch_folder folder, place;
    const fs::path saved = place.path() / "saved";
    std::map<offset, std::string> before;
    {
        auto store = journal::open(folder.path(), small).value();
        auto log = store.stream("log").value();
        auto other = store.stream("other").value();
        append(log, 300, "a");
        append(other, 10, "o");
        REQUIRE(log.release({5, 20}));
        REQUIRE(store.close());
        before = contents(folder.path(), "log");
    }
    const fs::path victim = folder.path() / "0000000000000002.segment";
    std::vector<char> image(fs::file_size(victim));
    std::ifstream{victim, std::ios::binary}.read(image.data(), static_cast<std::streamsize>(image.size()));
    image[image.size() / 2] = static_cast<char>(~image[image.size() / 2]);
    std::ofstream{victim, std::ios::binary}.write(image.data(), static_cast<std::streamsize>(image.size()));

    const auto done = repair_journal(folder.path(), saved);
    if (!done) FAIL(done.error().what());
    CHECK(done->lost >= 1);
    CHECK(done->lost <= 2);
    const auto after = contents(saved, "log");
    CHECK(after.size() + done->lost == before.size());
    for (const auto& [at, text] : after) CHECK(before.at(at) == text);
    CHECK(contents(saved, "other").size() == 10);
    std::vector<char> untouched(image.size());
    std::ifstream{victim, std::ios::binary}.read(untouched.data(), static_cast<std::streamsize>(untouched.size()));
    CHECK(untouched == image);

    auto store = journal::open(saved, small).value();
    CHECK(store.recovered().clean);
    CHECK(store.stream("log").value().append(message{"next"}).value() == before.rbegin()->first + 1 + epoch_step);
}
