// Receivers that remember what they have handled, in the simulated world: whatever is cut, stopped and killed, each record is
// completed in one memory, and never handed out again there.
#include "sim/push_pull_run.hpp"

#include "one_in.hpp"
#include "test_main.hpp"

using namespace godwit::detail;

namespace {

void run_seeds(std::uint64_t from, std::uint64_t to) {
    std::uint64_t completed = 0;
    for (std::uint64_t seed = from; seed < to; seed += one_in) {
        auto options = push_pull_options::expand(seed);
        options.dedup = true;
        const run_result one = run_push_pull(options);
        if (!one.breach.empty()) {
            for (const std::string& line : one.tail) UNSCOPED_INFO(line);
            FAIL(one.breach << "\n" << one.options);
        }
        completed += one.completed;
    }
    CHECK(completed > 300 * ((to - from) / one_in));
}

}  // namespace

TEST_CASE("RELIABILITY 7, 46, 48, 54: each message is completed once: seeds 1 to 150") { run_seeds(1, 151); }
TEST_CASE("RELIABILITY 7, 46, 48, 54: each message is completed once: seeds 151 to 300") { run_seeds(151, 301); }
TEST_CASE("RELIABILITY 7, 46, 48, 54: each message is completed once: seeds 301 to 450") { run_seeds(301, 451); }
TEST_CASE("RELIABILITY 7, 46, 48, 54: each message is completed once: seeds 451 to 600") { run_seeds(451, 601); }
