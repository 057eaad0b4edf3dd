// RELIABILITY rows 1, 3 to 6, 12 to 17: a writer, which also carries, over a simulated disk is stopped at each of its calls, what was not synced
// is lost, reordered or torn, and what is recovered is judged by what was confirmed; up to three crashes deep.
#include "journal/crash_world.hpp"
#include "one_in.hpp"
#include "test_main.hpp"

using namespace journal_tests;

namespace {

void must_hold(const crash_plan& plan) {
    crash_counts counts;
    run(plan, counts);
    CAPTURE(plan.seed, plan.lives, plan.crash_at, plan.full_at, counts.found.first);
    REQUIRE(counts.found.all() == 0);
}

}  // namespace

#define AFTER_EACH_LOSS_AS(body, claim)                                  \
    static void body(loss how);                                          \
    TEST_CASE(claim " - all is lost") { body(loss::all); }               \
    TEST_CASE(claim " - none is lost") { body(loss::none); }             \
    TEST_CASE(claim " - the newest are lost") { body(loss::suffix); }    \
    TEST_CASE(claim " - any are lost") { body(loss::any); }              \
    TEST_CASE(claim " - writes are torn") { body(loss::torn); }          \
    TEST_CASE(claim " - sizes without data") { body(loss::sizes_only); } \
    static void body([[maybe_unused]] loss how)
#define AFTER_EACH_LOSS_AT(line, claim) AFTER_EACH_LOSS_IN(line, claim)
#define AFTER_EACH_LOSS_IN(line, claim) AFTER_EACH_LOSS_AS(after_loss_##line, claim)
#define AFTER_EACH_LOSS(claim) AFTER_EACH_LOSS_AT(__LINE__, claim)

TEST_CASE("what a writer without a crash has kept is there when it is opened again, clean or not") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) must_hold({.seed = seed, .lives = 2, .how = loss::none});
}

TEST_CASE("the writers of the crash tests carry") {
    crash_counts counts;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) run({.seed = seed, .lives = 2, .how = loss::none}, counts);
    CHECK(counts.carried > 100);
}

AFTER_EACH_LOSS(
    "RELIABILITY 1, 3, 12 to 17: stopped at any call, a journal has all that was confirmed, and else a prefix") {
    sample some;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        for (std::uint64_t crash_at = 1; crash_at <= 60; ++crash_at) {
            if (some.takes()) must_hold({.seed = seed, .crash_at = crash_at, .how = how});
        }
    }
}

AFTER_EACH_LOSS("RELIABILITY 5, 6: recovery that is stopped itself, and writing after it, three deep, lose nothing") {
    for (std::uint64_t seed = 1; seed <= 4000; seed += one_in)
        must_hold({.seed = seed, .lives = 4, .crash_at = 1 + seed % 80, .how = how});
}

AFTER_EACH_LOSS(
    "RELIABILITY 31, 32: there is no space at any call, and the writer that goes on is stopped at any later one") {
    sample some;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        for (std::uint64_t full_at = 1; full_at <= 60; ++full_at) {
            for (std::uint64_t crash_at = full_at + 1; crash_at <= full_at + 12; ++crash_at) {
                if (some.takes()) must_hold({.seed = seed, .crash_at = crash_at, .full_at = full_at, .how = how});
            }
        }
    }
}
