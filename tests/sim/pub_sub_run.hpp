// pub_sub_run: one seed of the pub/sub campaign. Publishers send numbered records under topics; each subscriber has to get
// all that its filters want, in order and once, or to be told the gap; only what the log had to drop may be one.
// Threads: one.
#pragma once
#include <string>
#include <vector>

#include "godwit/ack_retry.hpp"
#include "sim/faults.hpp"

namespace godwit::detail {

struct pub_sub_options {
    std::uint64_t seed = 0;
    std::uint32_t publishers = 1, subscribers = 2;
    std::uint32_t messages = 500;
    std::uint32_t burst_max = 20, body_max = 100, topics = 5;
    bool small_log = false;  // records are dropped: gaps
    fault_plan faults;
    ack_retry publisher, subscriber;
    std::size_t tail = 200;

    static pub_sub_options expand(std::uint64_t seed);
    std::string text() const;
};

struct pub_sub_result {
    std::string breach, options;
    std::vector<std::string> tail;
    std::uint64_t hash = 0, messages = 0, deliveries = 0, gaps = 0;
};

// skip: every so many records, a subscriber's application loses one: for the test of the test. 0: none.
pub_sub_result run_pub_sub(const pub_sub_options& options, std::uint32_t skip = 0);

}  // namespace godwit::detail
