// sim_world: a clock, a network and nodes, all out of one seed. run() does one event after the other, and asks after each
// whether all is well. Threads: one.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "sim/node.hpp"

namespace godwit::detail {

class GODWIT_EXPORT sim_world {
public:
    explicit sim_world(std::uint64_t seed);

    sim_random& random() noexcept { return random_; }
    sim_schedule& schedule() noexcept { return schedule_; }
    sim_network& network() noexcept { return network_; }
    sim_trace& trace() noexcept { return trace_; }
    steady_time now() const noexcept { return schedule_.now(); }

    sim_node& add_node();
    sim_node& node(node_number which) { return *nodes_[which]; }
    std::size_t node_count() const noexcept { return nodes_.size(); }

    // Until that time, or until `goes_on`, asked after each event, answers false. True: the time is reached.
    bool run_until(steady_time end, const std::function<bool()>& goes_on = {});
    bool run_for(std::chrono::nanoseconds length, const std::function<bool()>& goes_on = {}) {
        return run_until(now() + length, goes_on);
    }
    std::uint64_t events() const noexcept { return events_; }

private:
    sim_random random_;
    sim_trace trace_;
    sim_schedule schedule_;
    sim_network network_;
    std::vector<std::unique_ptr<sim_node>> nodes_;
    std::uint64_t events_ = 0;
};

}  // namespace godwit::detail
