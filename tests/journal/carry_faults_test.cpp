// RELIABILITY rows 1 to 4, 12, 29 to 33 for a journal that carries: each of its calls to the disk fails or stops, in its turn.
#include <algorithm>

#include "journal/record_cursor.hpp"
#include "journal/store_world.hpp"
#include "journal/verification.hpp"
#include "one_in.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

struct fault {
    errc with = errc::io;
    bool for_good = false, crashes = false;
};

constexpr std::string_view stream_name = "s";
constexpr int appends = 64;
constexpr std::uint64_t little = 28u << 10;  // and all of them would be 40 KiB
constexpr std::size_t large = 600;           // bytes of a record that is released

bool is_kept(const kept_record& one) { return one.body.size() < large; }

struct carrying_world : store_world {
    carrying_world() { options.looks_to_carry_every = std::chrono::milliseconds{0}; }
};

// Appends, and releases all but a few; true: to its end.
struct carrying_life {
    bool run() {
        const auto stream = store.stream_named(stream_name);
        if (!stream) return false;
        for (int i = 0; i < appends; ++i) {
            const std::string body = std::to_string(told.size()) + std::string(i % 16 == 3 ? 20 : large, 'x');
            const appended done = append(store, *stream, body);
            if (!done.at || !done.kept) {
                why = done.kept.error().what();
                return false;
            }
            const kept_record one{*stream, *done.at, body};
            const offset_range its{one.at, one.at};
            is_kept(one) ? told.push_back(one) : store.release(*stream, {&its, 1});
        }
        return true;
    }
    journal_store& store;
    std::vector<kept_record>& told;  // durable, and not released
    std::string why = {};
};

std::vector<kept_record> kept_of(journal_store& in) {
    auto all = all_of(in, in.stream_named(stream_name).value());
    std::erase_if(all, [](const kept_record& one) { return !is_kept(one); });
    return all;
}

std::vector<kept_record> kept_as_read(sim_disk& disk) {
    auto sight = journal_sight::open(disk.open()).value();
    record_cursor cursor{sight, {}, {.segment = sight->lowest()}};
    std::vector<kept_record> all;
    found_record each;
    while (cursor.next(each).value())
        all.push_back({each.stream, each.record.at, std::string{godwit::as_text(each.record.body)}});
    std::erase_if(all, [](const kept_record& one) { return !is_kept(one); });
    return all;
}

void check_sound(sim_disk& disk) {
    const auto where = disk.open();
    const auto seen = verify(*where, {}).value();
    for (const auto& one : seen.findings) {
        CAPTURE(one.file, one.text);
        REQUIRE(one.what == godwit::journal_fault::former_cut);
    }
}

// A life in which the call `at` fails. Returns how many calls it made.
std::uint64_t run(const fault& fails, std::uint64_t at, loss how) {
    carrying_world world;
    std::vector<kept_record> told;
    auto disk = std::make_unique<sim_disk>();
    disk->fail_with = fails.with;
    disk->fails_for_good = fails.for_good;
    (fails.crashes ? disk->crash_at : disk->fail_at) = at;
    if (auto opened = world.open(*disk)) {
        if (carrying_life{**opened, told}.run())
            REQUIRE(eventually([&] { return (*opened)->bytes_used() < little || !(*opened)->health(); }));
        (void)(*opened)->close();
    }
    const std::uint64_t calls = disk->calls;
    std::mt19937_64 random{at};
    disk = disk->after_crash(random, how);
    {
        auto again = world.open(*disk);
        if (!again) FAIL(again.error().what());
        auto found = kept_of(**again);
        // One that was under way may be there.
        if (found.size() == told.size() + 1 && at != 0) found.pop_back();
        REQUIRE(found == told);
        // What it goes on with is carried on.
        std::vector<kept_record> all = kept_of(**again);
        carrying_life goes_on{**again, all};
        if (!goes_on.run()) FAIL(goes_on.why);
        if (at % 16 == 0) REQUIRE(eventually([&] { return (*again)->bytes_used() < little; }));
        REQUIRE(kept_of(**again) == all);
        (*again)->close().value();
        told = all;
    }
    REQUIRE(kept_as_read(*disk) == told);
    check_sound(*disk);
    disk = disk->after_crash(random, loss::all);
    REQUIRE(kept_of(*world.open(*disk).value()) == told);
    return calls;
}

void run_each(const fault& fails) {
    const std::uint64_t calls = run({}, 0, loss::none);
    REQUIRE(calls > 100);
    for (std::uint64_t at = 1; at <= calls + 3; at += one_in) {
        const loss how = losses[at % std::size(losses)];
        CAPTURE(at, how);
        run(fails, at, how);
    }
}

}  // namespace

TEST_CASE(
    "RELIABILITY 1 to 4, 12: a journal that carries is stopped at each call, and has each record once, in order") {
    run_each({.crashes = true});
}

TEST_CASE("RELIABILITY 29, 30: each call of a journal that carries fails once, and nothing is lost") {
    run_each({.with = errc::io});
}

TEST_CASE("RELIABILITY 29, 33: each call of a journal that carries fails from then on, and nothing is lost") {
    run_each({.with = errc::io, .for_good = true});
}

TEST_CASE("RELIABILITY 31, 32: there is no space at each call of a journal that carries, and nothing is lost") {
    run_each({.with = errc::full});
}

TEST_CASE("a disk without space takes no copies, and a journal that cannot carry goes on, and carries when it can") {
    carrying_world world;
    sim_disk disk;
    std::vector<kept_record> told;
    auto store = world.open(disk).value();
    REQUIRE(carrying_life{*store, told}.run());
    REQUIRE(eventually([&] { return store->bytes_used() < little; }));
    std::uint64_t used = 0;
    for (const std::string& name : disk.names()) used += disk.file_content(name).size();
    disk.bytes_max = used;
    const stream_id stream = store->stream_named(stream_name).value();
    bool is_full = false;
    for (int i = 0; i < 100 && !is_full; ++i) {
        const appended done = append(*store, stream, std::string(large, 'y'));
        is_full = done.kept.failed(errc::full);
        if (!is_full) {
            const offset_range its{done.at.value(), *done.at};
            store->release(stream, {&its, 1});
        }
    }
    CHECK(is_full);
    CHECK(store->health());
    disk.bytes_max = ~std::uint64_t{0};
    REQUIRE(carrying_life{*store, told}.run());
    REQUIRE(eventually([&] { return store->bytes_used() < little; }));
    CHECK(kept_of(*store) == told);
    store->close().value();
    check_sound(disk);
}
