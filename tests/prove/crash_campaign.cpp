// The crash campaign: journals on simulated disks, seed after seed until the time is over.
//   crash_campaign --seconds 60 --seed 1         --only-seed 4711: that one, as it was
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "journal/crash_world.hpp"

using namespace journal_tests;

namespace {

crash_plan plan_of(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    crash_plan plan{.seed = seed};
    plan.how = losses[random() % std::size(losses)];
    plan.lives = 1 + static_cast<int>(random() % 4);
    plan.crash_at = 1 + random() % 80;
    if (random() % 4 == 0) plan.full_at = 1 + random() % plan.crash_at;
    return plan;
}

void add(breaches& to, const breaches& one) {
    to.lost += one.lost;
    to.corrupted += one.corrupted;
    to.phantom += one.phantom;
    to.reordered += one.reordered;
    to.given_again += one.given_again;
    to.unopened += one.unopened;
}

}  // namespace

int main(int count, char** words) {
    std::uint64_t first = 1, last = UINT64_MAX;
    double seconds = 10;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = words[i];
        if (name == "--seconds") seconds = std::strtod(words[i + 1], nullptr);
        if (name == "--seed" || name == "--only-seed") first = std::strtoull(words[i + 1], nullptr, 10);
        if (name == "--only-seed") last = first;
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>{seconds};
    crash_counts all;
    std::uint64_t seeds = 0, shown = 0;
    for (std::uint64_t seed = first; seed <= last && std::chrono::steady_clock::now() < end; ++seed, ++seeds) {
        crash_counts one;
        run(plan_of(seed), one);
        all.lives += one.lives;
        all.states += one.states;
        add(all.found, one.found);
        if (one.found.all() > 0 && ++shown <= 5) std::cout << "seed " << seed << ": " << one.found.first << "\n";
    }
    const breaches& found = all.found;
    std::cout << "crashes: " << seeds << " seeds from " << first << ", " << all.lives << " lives, " << all.states
              << " crash states; lost " << found.lost << ", corrupted " << found.corrupted << ", phantom "
              << found.phantom << ", reordered " << found.reordered << ", offsets given again " << found.given_again
              << ", not opened " << found.unopened << "\n";
    return found.all() == 0 && all.states > 0 ? 0 : 1;
}
