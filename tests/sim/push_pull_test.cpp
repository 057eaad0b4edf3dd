// The real push and pull in the simulated world: invariants after each event, and rest after the faults. A breach prints
// its seed: push_pull_campaign --only-seed N replays it.
#include "sim/push_pull_run.hpp"

#include "one_in.hpp"
#include "test_main.hpp"

using namespace godwit::detail;

namespace {

// In parts, so that ctest can run them side by side.
void run_seeds(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seed = from; seed < to; seed += one_in) {
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

TEST_CASE("push and pull keep their promises: seeds 1 to 125") { run_seeds(1, 126); }
TEST_CASE("push and pull keep their promises: seeds 126 to 250") { run_seeds(126, 251); }
TEST_CASE("push and pull keep their promises: seeds 251 to 375") { run_seeds(251, 376); }
TEST_CASE("push and pull keep their promises: seeds 376 to 500") { run_seeds(376, 501); }
TEST_CASE("push and pull keep their promises: seeds 501 to 625") { run_seeds(501, 626); }
TEST_CASE("push and pull keep their promises: seeds 626 to 750") { run_seeds(626, 751); }
TEST_CASE("push and pull keep their promises: seeds 751 to 875") { run_seeds(751, 876); }
TEST_CASE("push and pull keep their promises: seeds 876 to 1,000") { run_seeds(876, 1001); }
