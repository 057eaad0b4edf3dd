// The real push and pull in the simulated world: invariants after each event, and rest after the faults. A breach prints
// its seed: push_pull_campaign --only-seed N replays it.
#include "sim/push_pull_run.hpp"

#include "test_main.hpp"

using namespace godwit::detail;

namespace {

// In parts, so that ctest can run them side by side.
void run_seeds(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seed = from; seed != to; ++seed) {
        const run_result one = run_push_pull(push_pull_options::expand(seed));
        if (!one.breach.empty()) {
            for (const std::string& line : one.tail) UNSCOPED_INFO(line);
            FAIL(one.breach << "\n" << one.options);
        }
        REQUIRE(one.messages >= 500);
        if (seed % 100 == 0) {
            INFO("seed " << seed);
            REQUIRE(run_push_pull(push_pull_options::expand(seed)).hash == one.hash);
        }
    }
}

}  // namespace

TEST_CASE("push and pull keep their promises: seeds 1 to 250") { run_seeds(1, 251); }
TEST_CASE("push and pull keep their promises: seeds 251 to 500") { run_seeds(251, 501); }
TEST_CASE("push and pull keep their promises: seeds 501 to 750") { run_seeds(501, 751); }
TEST_CASE("push and pull keep their promises: seeds 751 to 1,000") { run_seeds(751, 1001); }
TEST_CASE("push and pull keep their promises: seeds 1,001 to 1,250") { run_seeds(1001, 1251); }
TEST_CASE("push and pull keep their promises: seeds 1,251 to 1,500") { run_seeds(1251, 1501); }
TEST_CASE("push and pull keep their promises: seeds 1,501 to 1,750") { run_seeds(1501, 1751); }
TEST_CASE("push and pull keep their promises: seeds 1,751 to 2,000") { run_seeds(1751, 2001); }
