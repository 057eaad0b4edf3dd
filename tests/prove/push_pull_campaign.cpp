// The campaigns of the simulated world: seed after seed until the time is over.
//   push_pull_campaign --seconds 60 --seed 1         --seeds 2000: so many, whatever time it takes
//   push_pull_campaign --only-seed 4711              one seed, as it was; --tail 5000: so many lines of its event log
//   --kind pub_sub, --kind req_rep                   the other patterns' instead
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "sim/pub_sub_run.hpp"
#include "sim/push_pull_run.hpp"
#include "sim/req_rep_run.hpp"

using namespace godwit::detail;

namespace {

struct totals {
    std::uint64_t seeds = 0, again = 0, failures = 0;
    run_result sum;
};

void add(totals& to, const run_result& one) {
    ++to.seeds;
    to.sum.events += one.events;
    to.sum.messages += one.messages;
    to.sum.deliveries += one.deliveries;
    to.sum.duplicates += one.duplicates;
    to.sum.acked += one.acked;
    to.sum.dead += one.dead;
    to.sum.virtual_time += one.virtual_time;
    for (std::size_t each = 0; each != fault_kinds; ++each) to.sum.faults[each] += one.faults[each];
}

void print(const run_result& one) {
    std::cout << "BREACH: " << one.breach << "\n" << one.options << "\n";
    for (const std::string& line : one.tail) std::cout << line << "\n";
}

void print(const totals& all) {
    std::cout << "sim: " << all.seeds << " seeds, " << all.sum.events << " events, " << all.sum.messages
              << " messages, " << all.sum.deliveries << " deliveries, " << all.sum.duplicates << " repeated, "
              << all.sum.acked << " acked, " << all.sum.dead << " dead, "
              << std::chrono::duration_cast<std::chrono::hours>(all.sum.virtual_time).count() << " virtual hours, "
              << all.again << " seeds run twice, " << all.failures << " failures; faults:";
    for (std::size_t each = 0; each != fault_kinds; ++each) {
        std::cout << " " << all.sum.faults[each] << " " << name(static_cast<fault>(each));
    }
    std::cout << "\n";
}

struct seeds {
    std::uint64_t first = 1, count = UINT64_MAX;
    std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> end;
    std::size_t tail = 200;
};

template <class Options, class Run>
int other_campaign(std::string_view kind, const seeds& which, Run run) {
    std::uint64_t done = 0, again = 0, failures = 0, deliveries = 0;
    for (std::uint64_t seed = which.first;
         done != which.count && std::chrono::steady_clock::now() < which.end && failures < 5; ++seed, ++done) {
        Options options = Options::expand(seed);
        options.tail = which.tail;
        const auto one = run(options);
        if constexpr (requires { one.deliveries; }) deliveries += one.deliveries;
        if constexpr (requires { one.executions; }) deliveries += one.executions;
        if (!one.breach.empty()) {
            ++failures;
            std::cout << "BREACH: " << one.breach << "\n" << one.options << "\n";
            for (const std::string& line : one.tail) std::cout << line << "\n";
        }
        if (seed % 100 != 0) continue;
        ++again;
        if (run(options).hash != one.hash) ++failures, std::cout << "BREACH: seed " << seed << " has two histories\n";
    }
    std::cout << "sim, " << kind << ": " << done << " seeds, " << deliveries << " deliveries, " << again
              << " seeds run twice, " << failures << " failures\n";
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    double seconds = 10;
    std::uint64_t seed = 1, seeds_wanted = UINT64_MAX;
    bool only = false;
    std::size_t tail = 200;
    std::string_view kind = "push_pull";
    for (int at = 1; at + 1 < count; at += 2) {
        const std::string_view word = words[at];
        const char* value = words[at + 1];
        if (word == "--seconds") seconds = std::strtod(value, nullptr);
        if (word == "--seed" || word == "--only-seed") seed = std::strtoull(value, nullptr, 10);
        if (word == "--seeds") seeds_wanted = std::strtoull(value, nullptr, 10), seconds = 1e9;
        if (word == "--kind") kind = value;
        if (word == "--tail") tail = std::strtoull(value, nullptr, 10);
        only = only || word == "--only-seed";
    }
    totals all;
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    const seeds which{seed, only ? 1 : seeds_wanted, end, tail};
    if (kind == "pub_sub") {
        return other_campaign<pub_sub_options>(kind, which, [](const auto& each) { return run_pub_sub(each); });
    }
    if (kind == "req_rep") {
        return other_campaign<req_rep_options>(kind, which, [](const auto& each) { return run_req_rep(each); });
    }
    for (; all.seeds != (only ? 1 : seeds_wanted) && std::chrono::steady_clock::now() < end && all.failures < 5;
         ++seed) {
        push_pull_options options = push_pull_options::expand(seed);
        options.tail = tail;
        const run_result one = run_push_pull(options);
        add(all, one);
        if (!one.breach.empty()) ++all.failures, print(one);
        if (seed % 100 == 0 || only) {
            ++all.again;
            if (run_push_pull(push_pull_options::expand(seed)).hash != one.hash) {
                ++all.failures;
                std::cout << "BREACH: seed " << seed << " has two histories\n";
            }
        }
    }
    print(all);
    return all.failures == 0 ? 0 : 1;
}
