// Ids of the user's choice, in memory and in a directory: the suite, each crash, each damaged bit.
#include "godwit/id_store.hpp"

#include <unistd.h>

#include "conformance/dedup_store_suite.hpp"
#include "dedup/id_memory.hpp"
#include "godwit/dedup.hpp"
#include "journal/scratch_folder.hpp"
#include "journal/sim_directory.hpp"

using namespace godwit;
using namespace godwit::detail;
using dedup_store_suite::ask;
using dedup_store_suite::do_it;
using dedup_store_suite::wall;
using journal_tests::loss;
using journal_tests::losses;
using journal_tests::sim_disk;
using namespace std::chrono_literals;

namespace {

result<std::unique_ptr<id_memory>> open_ids(sim_disk& disk, const id_window& window = {},
                                            stage confirm = stage::durable) {
    disk.locked = false;
    return id_memory::open(disk.open(), window, confirm, {system_time(), system_random()});
}

std::unique_ptr<id_memory> must_open_ids(sim_disk& disk, const id_window& window = {}, stage confirm = stage::durable) {
    auto opened = open_ids(disk, window, confirm);
    if (!opened) FAIL(opened.error().what());
    return std::move(*opened);
}

claimed found_as(id_memory& ids, const std::string& id) {
    const auto answer = ids.claim({id});
    if (!answer) FAIL(answer.error().what());
    if (answer->what == claimed::fresh) REQUIRE(ids.release(id));
    return answer->what;
}

bool marks_id(id_memory& ids, const std::string& id) {
    const auto got = ids.claim({id});
    return got && got->what == claimed::fresh && ids.mark(id, "reply of " + id);
}

struct set_time final : time_source {
    steady_time now() noexcept override { return {}; }
    wall_time wall() noexcept override { return at; }
    wall_time at = godwit::detail::system_time().wall();
};

std::string ids_file(const sim_disk& disk) {
    std::string last;
    for (const auto& name : disk.names()) {
        if (name.starts_with("marks-")) last = name;
    }
    return last;
}

}  // namespace

TEST_CASE("an id_store in memory is a dedup_store") {
    dedup_store_suite::run({.make = [](const id_window& options) { return std::make_unique<id_store>(options); }});
}

TEST_CASE("an id_store in a directory is a dedup_store") {
    const journal_tests::scratch_folder folder;
    int number = 0;
    const auto open = [&](const id_window& options) {
        auto opened = id_store::open(folder.path() / std::to_string(number), options);
        if (!opened) FAIL(opened.error().what());
        return std::make_unique<id_store>(std::move(*opened));
    };
    const auto make = [&](const id_window& options) { return ++number, open(options); };
    dedup_store_suite::run({.make = make, .reopen = open});
}

TEST_CASE("windows that are out of bounds are named") {
    for (const id_window& wrong : {id_window{.ids_max = 0}, id_window{.bytes_max = 100}, id_window{.age_max = 0ms}}) {
        id_store ids{wrong};
        CHECK(ids.claim({"a"}).failed(errc::invalid_argument));
        CHECK(ids.mark("a").failed(errc::invalid_argument));
        CHECK(id_store::open("/nowhere/at/all", wrong).failed(errc::invalid_argument));
    }
    CHECK(id_store::open("/nowhere/at/all").failed(errc::not_found));
    CHECK(id_store::open("/nowhere/at/all", {.bytes_max = 1u << 30}).failed(errc::invalid_argument));
    CHECK(id_store::open("/nowhere/at/all", {}, stage::accepted).failed(errc::invalid_argument));
}

TEST_CASE("a directory of ids has one owner, and is neither one of dedup's nor takes one for its own") {
    const journal_tests::scratch_folder folder;
    {
        const auto ids = id_store::open(folder.path() / "ids").value();
        CHECK(ids.recovered().is_new);
        CHECK(id_store::open(folder.path() / "ids").failed(errc::locked));
    }
    CHECK(dedup::open(folder.path() / "ids").failed(errc::mismatch));
    CHECK(dedup::open(folder.path() / "seen"));
    CHECK(id_store::open(folder.path() / "seen").failed(errc::mismatch));
    std::filesystem::copy(folder.path() / "ids", folder.path() / "copy");
    CHECK(id_store::open(folder.path() / "copy").failed(errc::conflict));
    std::filesystem::remove(folder.path() / "ids" / "identity");
    std::filesystem::remove(folder.path() / "seen" / "identity");
    CHECK(dedup::open(folder.path() / "ids").failed(errc::mismatch));
    CHECK(id_store::open(folder.path() / "seen").failed(errc::mismatch));
    CHECK_FALSE(id_store::open(folder.path() / "ids").value().recovered().is_new);
}

TEST_CASE("a store that is closed says so, and is clean at the next opening") {
    sim_disk disk;
    auto ids = must_open_ids(disk);
    REQUIRE(marks_id(*ids, "a"));
    REQUIRE(ids->claim({"b"}));
    REQUIRE(ids->close());
    CHECK(ids->close());
    CHECK(ids->claim({"a"}).failed(errc::closed));
    CHECK(ids->mark("b", {}).failed(errc::closed));
    CHECK(ids->release("b").failed(errc::closed));
    CHECK(ids->known_since().failed(errc::closed));
    ids = must_open_ids(disk);
    CHECK(ids->recovered().clean);
    CHECK(ids->recovered().ids == 1);
}

TEST_CASE("RELIABILITY 74: a memory of ids that was lost begins at its beginning") {
    sim_disk disk;
    const id_time made = wall() - 1h;
    {
        auto ids = must_open_ids(disk, {.known_from = id_time{}});
        CHECK(ids->recovered().is_new);
        CHECK(ids->claim({"a", {}, made}).value().what == claimed::fresh);
        REQUIRE(ids->mark("a", {}));
    }
    CHECK(must_open_ids(disk)->claim({"b", {}, made}).value().what == claimed::fresh);  // it has not forgotten anything
    REQUIRE(disk.open()->remove(ids_file(disk)));
    auto ids = must_open_ids(disk);
    CHECK(ids->recovered().is_new);
    CHECK(ids->claim({"a", {}, made}).value().what == claimed::too_old);
}

TEST_CASE("an id that has left the window, and was marked again, is known by its second mark after a restart") {
    sim_disk disk;
    set_time time;
    const auto open = [&] {
        disk.locked = false;
        return id_memory::open(disk.open(), {.age_max = 1s}, stage::durable, {time, system_random()}).value();
    };
    auto ids = open();
    REQUIRE(marks_id(*ids, "a"));
    time.at += 900ms;
    REQUIRE(marks_id(*ids, "b"));
    time.at += 900ms;
    REQUIRE(marks_id(*ids, "a"));
    ids.reset();
    ids = open();
    CHECK(found_as(*ids, "a") == claimed::done);
    CHECK(found_as(*ids, "b") == claimed::done);
    CHECK(ids->stats().ids == 2);
}

TEST_CASE("RELIABILITY 1, 12 to 17, 75: wherever it stops, each id that was marked is known, and none that was not") {
    std::uint64_t points = 0;
    for (const stage confirm : {stage::durable, stage::stored}) {
        for (const loss how : losses) {
            if (confirm == stage::stored && how != loss::none) continue;  // it survives the process alone
            for (std::uint64_t stop = 1;; ++stop, ++points) {
                sim_disk disk;
                disk.crash_at = stop;
                std::vector<std::string> kept;
                bool ended = false;
                for (int life = 0; life < 2 && !disk.crashed(); ++life) {
                    auto opened = open_ids(disk, {}, confirm);
                    if (!opened) break;
                    for (int number = 1; number <= 4; ++number) {
                        const std::string id = std::to_string(life * 100 + number);
                        REQUIRE(((*opened)->claim({"-" + id}) || disk.crashed()));  // stays in hand
                        if (marks_id(**opened, id)) kept.push_back(id);
                    }
                    ended = (*opened)->close() && life == 1;
                }
                std::mt19937_64 random{stop};
                const auto after = disk.after_crash(random, how);
                auto ids = must_open_ids(*after, {}, confirm);
                INFO("stopped at call " << stop << ", loss " << static_cast<int>(how));
                for (const std::string& id : kept) {
                    INFO("id " << id);
                    const auto answer = ids->claim({id}).value();
                    REQUIRE(answer.what == claimed::done);
                    REQUIRE(answer.reply == "reply of " + id);
                }
                for (const char* id : {"-1", "-4", "-101", "-104"}) REQUIRE(found_as(*ids, id) == claimed::fresh);
                REQUIRE(marks_id(*ids, "1001"));
                ids.reset();
                REQUIRE(found_as(*must_open_ids(*after), "1001") == claimed::done);
                if (ended) break;
            }
        }
    }
    CHECK(points > 100);
}

TEST_CASE("RELIABILITY 18, 19: a flipped bit in a directory of ids is corrupt, or of the last entry a cut tail") {
    sim_disk disk;
    {
        auto ids = must_open_ids(disk);
        for (const char* id : {"a", "b", "c"}) REQUIRE(marks_id(*ids, id));
    }
    const std::string name = ids_file(disk);
    const std::size_t size = disk.file_content(name).size();
    const std::size_t closing = 32 + 1;
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
        const auto copy = disk.copy();
        copy->file_content(name)[bit / 8] ^= std::byte{1} << (bit % 8);
        auto opened = open_ids(*copy);
        INFO("bit " << bit << " of " << size * 8);
        if (bit / 8 < 6 && bit / 8 >= 4) {
            REQUIRE(opened.failed(errc::unsupported));  // another version
        } else if (bit / 8 < size - closing) {
            REQUIRE(opened.failed(errc::corrupt));
        } else {
            REQUIRE(opened);
            REQUIRE((*opened)->recovered().cut_bytes == closing);
            REQUIRE(found_as(**opened, "c") == claimed::done);
        }
    }
}

TEST_CASE("RELIABILITY 29: after a failed sync no id is marked any more, and the next opening says what is true") {
    sim_disk disk;
    auto ids = must_open_ids(disk);
    REQUIRE(marks_id(*ids, "a"));
    REQUIRE(ids->claim({"b"}));
    disk.fail_at = disk.calls + 2;  // the write, then its sync
    CHECK(ids->mark("b", {}).failed(errc::io));
    disk.fail_at = 0;
    CHECK(ids->claim({"c"}).failed(errc::io));
    ids.reset();
    CHECK(found_as(*must_open_ids(disk), "a") == claimed::done);
}

TEST_CASE("RELIABILITY 31: without space an id stays in hand, and is marked when there is some") {
    sim_disk disk;
    auto ids = must_open_ids(disk);
    REQUIRE(marks_id(*ids, "a"));
    REQUIRE(ids->claim({"b"}));
    disk.bytes_max = 0;
    CHECK(ids->mark("b", {}).failed(errc::full));
    CHECK(ids->claim({"b"}).value().what == claimed::in_hand);
    disk.bytes_max = ~std::uint64_t{0};
    REQUIRE(ids->mark("b", {}));
    ids.reset();
    CHECK(found_as(*must_open_ids(disk), "b") == claimed::done);
}

TEST_CASE("a directory of ids follows its window, not what was handled") {
    sim_disk disk;
    auto ids = must_open_ids(disk, {.ids_max = 100}, stage::stored);
    for (int i = 0; i < 30'000; ++i) REQUIRE(marks_id(*ids, std::to_string(i)));
    CHECK(disk.names().size() == 3);  // identity, lock, and one of marks
    CHECK(disk.file_content(ids_file(disk)).size() < (1u << 20) + 4096);
    ids.reset();
    ids = must_open_ids(disk, {.ids_max = 100});
    CHECK(ids->stats().ids == 100);
    CHECK(found_as(*ids, "29999") == claimed::done);
}
