// The real req and rep in the simulated world: push_pull_campaign --kind req_rep --only-seed N replays a breach.
#include "sim/req_rep_run.hpp"

#include "one_in.hpp"
#include "test_main.hpp"

using namespace godwit::detail;

namespace {

void run_seeds(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seed = from; seed < to; seed += one_in) {
        const req_rep_result one = run_req_rep(req_rep_options::expand(seed));
        if (!one.breach.empty()) {
            for (const std::string& line : one.tail) UNSCOPED_INFO(line);
            FAIL(one.breach << "\n" << one.options);
        }
    }
}

}  // namespace

TEST_CASE("req and rep keep their promises: seeds 1 to 100") { run_seeds(1, 101); }
TEST_CASE("req and rep keep their promises: seeds 101 to 200") { run_seeds(101, 201); }
TEST_CASE("req and rep keep their promises: seeds 201 to 300") { run_seeds(201, 301); }
TEST_CASE("req and rep keep their promises: seeds 301 to 400") { run_seeds(301, 401); }

TEST_CASE("a seed of req and rep has one history") {
    for (std::uint64_t seed = 1; seed != 11; ++seed) {
        INFO("seed " << seed);
        CHECK(run_req_rep(req_rep_options::expand(seed)).hash == run_req_rep(req_rep_options::expand(seed)).hash);
    }
}

TEST_CASE("requests end in every way, so that each is tested") {
    req_rep_result sum;
    for (std::uint64_t seed = 1; seed != 41; ++seed) {
        const req_rep_result one = run_req_rep(req_rep_options::expand(seed));
        sum.replies += one.replies;
        sum.unknown += one.unknown;
        sum.expired += one.expired;
        sum.refused += one.refused;
    }
    CHECK(sum.replies > 0);
    CHECK(sum.unknown > 0);
    CHECK(sum.expired > 0);
    CHECK(sum.refused > 0);
}

TEST_CASE("a request that is executed twice, and must not be, is caught") {
    std::string breach;
    for (std::uint64_t seed = 1; seed != 20 && breach.empty(); ++seed)
        breach = run_req_rep(req_rep_options::expand(seed), true).breach;
    CHECK(breach.find("executed twice") != std::string::npos);
}
