// push_pull_run: one seed of the campaign: senders and receivers in a world, work for them, applications that behave and
// that do not, faults; then none of these, and all must come to rest. Threads: one.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/push_pull_checker.hpp"
#include "sim/push_pull_options.hpp"
#include "sim/world.hpp"

namespace godwit::detail {

// For the tests of the tests: what is put between the world and the protocols. Each may be empty.
struct planted_bug {
    std::function<std::unique_ptr<delivery_protocol>(std::unique_ptr<delivery_protocol>, pattern)> wrap;
    std::function<std::shared_ptr<record_log>(std::shared_ptr<record_log>)> wrap_log;
    std::function<bool(const seen_frame&)> on_arrival;  // false: the frame is lost, untold
};

struct run_result {
    std::string breach;  // empty: all was well
    std::string options;
    std::vector<std::string> tail;
    std::uint64_t hash = 0, events = 0, messages = 0, deliveries = 0, duplicates = 0, acked = 0, dead = 0;
    std::uint64_t completed = 0;  // records that some memory has marked
    std::array<std::uint64_t, fault_kinds> faults{};
    std::chrono::nanoseconds virtual_time{};
};

run_result run_push_pull(const push_pull_options& options, const planted_bug& bug = {});

}  // namespace godwit::detail
