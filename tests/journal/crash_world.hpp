// crash_world: writers on one simulated disk, each stopped at one of its calls, and what is recovered held against what was
// confirmed. The suite (crash_test.cpp) runs some seeds of it, `scripts/prove --only crashes` as many as there is time for.
#pragma once
#include <map>
#include <set>

#include "journal/writer_world.hpp"

namespace journal_tests {

inline constexpr journal_limits small_segments{.bytes_max = 1u << 20, .segment_bytes = 4096};

// What must not be, counted.
struct breaches {
    std::uint64_t lost = 0;       // confirmed, or before one that is there
    std::uint64_t corrupted = 0;  // with another content
    std::uint64_t phantom = 0;    // never appended, or there twice
    std::uint64_t reordered = 0;
    std::uint64_t given_again = 0;  // offsets that may be
    std::uint64_t unopened = 0;     // journals
    std::string first;              // in words

    std::uint64_t all() const { return lost + corrupted + phantom + reordered + given_again + unopened; }
    void count(std::uint64_t& which, const std::string& words) {
        if (all() == 0) first = words;
        ++which;
    }
};

class history {
public:
    // What a writer does, until the disk crashes. Returns at the first call that fails.
    status work(open_writer& on, std::mt19937_64& random, int steps);
    std::uint64_t carried() const noexcept { return carried_; }  // entries of copies
    // After recovery. What is gone is forgotten.
    void judge(sim_disk& disk, const journal_writer& recovered, breaches& found);

private:
    status append(journal_writer& on, std::mt19937_64& random);
    status release(journal_writer& on, std::mt19937_64& random);
    status carry(open_writer& on, std::mt19937_64& random);
    std::vector<bool> which_are_there(sim_disk& disk, breaches& counts) const;
    // What a reader is given: each once, and in order.
    void judge_reading(sim_disk& disk, const journal_writer& recovered, const std::vector<bool>& is_there,
                       breaches& counts) const;

    std::vector<kept_record> appended_;
    std::size_t confirmed_ = 0;
    std::set<kept_record> released_;
    std::map<stream_id, offset> given_;  // the next that may be given
    std::uint64_t made_ = 0;
    std::uint64_t carried_ = 0;
};

struct crash_plan {
    std::uint64_t seed = 1;
    int lives = 1;  // each but the last is stopped at a call of its own
    std::uint64_t crash_at = 0;
    std::uint64_t full_at = 0;  // of the first life: at this call there is no space, and it goes on
    loss how = loss::all;
};
struct crash_counts {
    std::uint64_t lives = 0, states = 0;  // of disks that were recovered and judged after a crash
    std::uint64_t carried = 0;            // entries of copies that were written
    breaches found;
};
void run(const crash_plan& plan, crash_counts& counts);

}  // namespace journal_tests
