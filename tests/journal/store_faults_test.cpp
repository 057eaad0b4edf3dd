// RELIABILITY rows 1, 2, 12, 29 to 32: an open journal whose calls to the disk fail or stop, each in its turn. What it said is
// judged by what a process that was killed leaves, and by what a power cut does.
#include <algorithm>

#include "journal/store_world.hpp"
#include "one_in.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

struct fault {
    errc with = errc::io;
    bool for_good = false, crashes = false;
};

class told_history {
public:
    // Appends and releases, until the journal takes nothing more.
    void work(journal_store& on, const fault& fails);
    // After it was opened again: all that came as far as `survives` is there, and else a prefix, each record once.
    void judge(journal_store& again, stage survives) const;
    std::size_t confirmed() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(told_, [](const record& one) { return one.reached == stage::durable; }));
    }
    offset end() const { return told_.empty() ? 0 : told_.back().at + 1; }

private:
    struct record {
        offset at = 0;
        std::string body;
        stage reached{};  // accepted: it may be there
        bool is_released = false;
    };
    void release_most(journal_store& on);

    std::vector<record> told_;
};

constexpr std::string_view stream_name = "s";

void told_history::release_most(journal_store& on) {
    const stream_id stream = on.stream_named(stream_name).value();
    for (std::size_t i = 0; i + 3 < told_.size(); ++i) {
        told_[i].is_released = true;
        const offset_range one{told_[i].at, told_[i].at};
        on.release(stream, {&one, 1});
    }
}

void told_history::work(journal_store& on, const fault& fails) {
    const auto stream = on.stream_named(stream_name);
    if (!stream) return;
    for (int i = 0; i < 24; ++i) {
        const stage wanted = i % 4 == 1 ? stage::stored : stage::durable;
        const std::string body = std::to_string(told_.size()) + std::string(i % 3 == 0 ? 1200 : 40, 'x');
        appended done = append(on, *stream, body, wanted);
        if (done.kept.failed(errc::full)) {
            release_most(on);
            const bool may_end = !(fails.for_good && fails.with == errc::full);
            const auto taken = [&] {
                done = append(on, *stream, body, wanted);
                return !done.kept.failed(errc::full);
            };
            if (may_end) REQUIRE(eventually(taken));
        }
        if (done.kept.failed(errc::full)) continue;  // nothing of it was taken
        if (!done.at) return;
        told_.push_back({*done.at, body, done.kept ? wanted : stage::accepted, false});
        // What was synced behind it is synced with it.
        if (done.kept && wanted == stage::durable) {
            for (record& one : told_) one.reached = stage::durable;
        }
    }
}

void told_history::judge(journal_store& again, stage survives) const {
    const auto found = all_of(again, again.stream_named(stream_name).value());
    auto next = found.begin();
    bool any_lost = false;
    for (const record& one : told_) {
        CAPTURE(one.at, one.reached);
        const bool is_there = next != found.end() && next->at == one.at;
        if (is_there) {
            REQUIRE(next->body == one.body);
            REQUIRE_FALSE(any_lost);  // a prefix
            ++next;
        } else if (!one.is_released) {
            REQUIRE(one.reached < survives);
            any_lost = true;
        }
    }
    REQUIRE(next == found.end());  // else: never appended, refused, or given twice
}

constexpr std::uint64_t small_bytes_max = 20u << 10;

// A life without a fault, then one in which the call `at` fails. Returns how many calls that one made.
std::uint64_t run(const fault& fails, std::uint64_t at, loss how) {
    store_world world;
    world.options.limits.bytes_max = small_bytes_max;
    told_history told;
    auto disk = std::make_unique<sim_disk>();
    told.work(*world.open(*disk).value(), {});
    disk->calls = 0;
    disk->fail_with = fails.with;
    disk->fails_for_good = fails.for_good;
    (fails.crashes ? disk->crash_at : disk->fail_at) = at;
    if (auto opened = world.open(*disk)) {
        const std::size_t before = told.confirmed();
        told.work(**opened, fails);
        if (at == 0) REQUIRE(told.confirmed() > before);
        (void)(*opened)->close();
    }
    const std::uint64_t calls = disk->calls;
    std::mt19937_64 random{at};
    disk = disk->after_crash(random, how);
    world.options.limits.bytes_max = 1u << 20;
    std::vector<kept_record> found;
    {
        auto again = world.open(*disk);
        if (!again) FAIL(again.error().what());
        const stream_id stream = (*again)->stream_named(stream_name).value();
        told.judge(**again, how == loss::all ? stage::durable : stage::stored);
        found = all_of(**again, stream);
        appended more = append(**again, stream, "more");
        more.kept.value();
        REQUIRE(*more.at >= told.end());
        found.push_back({stream, *more.at, "more"});
    }
    // What was read back is kept, whatever a sync that failed had left in memory.
    disk = disk->after_crash(random, loss::all);
    auto last = world.open(*disk).value();
    REQUIRE(all_of(*last, found.back().stream) == found);
    return calls;
}

void run_each(const fault& fails) {
    const std::uint64_t calls = run({}, 0, loss::none);
    REQUIRE(calls > 40);
    sample some;
    for (std::uint64_t at = 1; at <= calls + 3; ++at) {
        for (const loss how : {loss::all, loss::none}) {
            if (!some.takes()) continue;
            CAPTURE(at, how);
            run(fails, at, how);
        }
    }
}

}  // namespace

TEST_CASE(
    "RELIABILITY 1, 2, 12: an open journal is stopped at each call, and has what it said, killed or without power") {
    run_each({.crashes = true});
}

TEST_CASE("RELIABILITY 29, 30: each call of an open journal fails once, and nothing that it said is lost") {
    run_each({.with = errc::io});
}

TEST_CASE("RELIABILITY 29, 33: each call of an open journal fails from then on, and nothing that it said is lost") {
    run_each({.with = errc::io, .for_good = true});
}

TEST_CASE("RELIABILITY 31, 32: there is no space once, at each call, half of a write is there, and nothing is lost") {
    run_each({.with = errc::full});
}

TEST_CASE("RELIABILITY 31, 32: from each call on there is no space, and nothing is lost, nor taken half") {
    run_each({.with = errc::full, .for_good = true});
}
