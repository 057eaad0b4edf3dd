// The real pub and sub in the simulated world: push_pull_campaign --kind pub_sub --only-seed N replays a breach.
#include "sim/pub_sub_run.hpp"

#include "one_in.hpp"
#include "test_main.hpp"

using namespace godwit::detail;

namespace {

void run_seeds(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seed = from; seed < to; seed += one_in) {
        const pub_sub_result one = run_pub_sub(pub_sub_options::expand(seed));
        if (!one.breach.empty()) {
            for (const std::string& line : one.tail) UNSCOPED_INFO(line);
            FAIL(one.breach << "\n" << one.options);
        }
    }
}

}  // namespace

TEST_CASE("pub and sub keep their promises: seeds 1 to 100") { run_seeds(1, 101); }
TEST_CASE("pub and sub keep their promises: seeds 101 to 200") { run_seeds(101, 201); }
TEST_CASE("pub and sub keep their promises: seeds 201 to 300") { run_seeds(201, 301); }
TEST_CASE("pub and sub keep their promises: seeds 301 to 400") { run_seeds(301, 401); }

TEST_CASE("a seed of pub and sub has one history") {
    for (std::uint64_t seed = 1; seed != 11; ++seed) {
        INFO("seed " << seed);
        CHECK(run_pub_sub(pub_sub_options::expand(seed)).hash == run_pub_sub(pub_sub_options::expand(seed)).hash);
    }
}

TEST_CASE("gaps come in some seeds, so that they are tested") {
    std::uint64_t gaps = 0;
    for (std::uint64_t seed = 1; seed != 41; ++seed) gaps += run_pub_sub(pub_sub_options::expand(seed)).gaps;
    CHECK(gaps > 0);
}

TEST_CASE("a record that a subscriber's application never sees is caught") {
    std::string breach;
    for (std::uint64_t seed = 1; seed != 10 && breach.empty(); ++seed)
        breach = run_pub_sub(pub_sub_options::expand(seed), 50).breach;
    CHECK(breach.find("lost untold") != std::string::npos);
}
