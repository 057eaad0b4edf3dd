// The push/pull campaign: seed after seed until the time is over.
//   push_pull_campaign --seconds 60 --seed 1         --seeds 2000: so many, whatever time it takes
//   push_pull_campaign --only-seed 4711              one seed, as it was; --tail 5000: so many lines of its event log
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "sim/push_pull_run.hpp"

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

}  // namespace

int main(int count, char** words) {
    double seconds = 10;
    std::uint64_t seed = 1, seeds = UINT64_MAX;
    bool only = false;
    std::size_t tail = 200;
    for (int at = 1; at + 1 < count; at += 2) {
        const std::string_view word = words[at];
        const char* value = words[at + 1];
        if (word == "--seconds") seconds = std::strtod(value, nullptr);
        if (word == "--seed" || word == "--only-seed") seed = std::strtoull(value, nullptr, 10);
        if (word == "--seeds") seeds = std::strtoull(value, nullptr, 10), seconds = 1e9;
        if (word == "--tail") tail = std::strtoull(value, nullptr, 10);
        only = only || word == "--only-seed";
    }
    totals all;
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    for (; all.seeds != (only ? 1 : seeds) && std::chrono::steady_clock::now() < end && all.failures < 5; ++seed) {
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
