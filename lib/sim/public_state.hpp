// The inside of sim::world and sim::node. Threads: one.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "godwit/sim.hpp"
#include "sim/world.hpp"

namespace godwit::sim {

struct node::state {
    state(world::state& of, int kind, std::string_view known_as, std::function<assembly()> modules,
          detail::sim_node& at)
        : all{of}, own{static_cast<detail::pattern>(kind)}, name{known_as}, make{std::move(modules)}, process{at} {
        process.on_turn = [this](detail::delivery_protocol::possible) { look(); };
    }

    struct task {
        delivery what;
    };

    status start();
    status dial(const std::string& to);
    void kill(bool loses_power);
    status check_alive() const;
    void later(std::chrono::nanoseconds delay, std::function<void()> what);
    void look();  // after each turn: what there is for the application
    void take_deliveries();
    void take_replies();
    void finish(const std::shared_ptr<task>& one, bool acks);

    world::state& all;
    const detail::pattern own;
    const std::string name;
    const std::function<assembly()> make;
    detail::sim_node& process;
    std::uint64_t life = 0;
    std::vector<std::string> dialled, filters;
    consume_handler handler;
    handling how;
    std::function<void(const settled_record&)> told;
    std::vector<std::shared_ptr<task>> in_hand;
    std::map<offset, reply_handler> waiting;
};

struct world::state {
    // A half-open connection is known as such after ten seconds at most, so that a world comes to rest within a minute.
    explicit state(std::uint64_t seed) : inner{seed} {
        inner.network().options().half_open_max = std::chrono::seconds{10};
    }

    node* find(std::string_view name) const noexcept;
    std::vector<detail::sim_link_number> between(const node& one, const node& other) const;
    void fault();
    void stall(detail::sim_link_number which, std::chrono::nanoseconds length);

    std::vector<std::unique_ptr<node>> nodes;
    std::uint64_t round = 0;  // of faults: what was planned in an earlier one does not happen
    detail::sim_world inner;  // ends first: nothing is told to the nodes then
};

}  // namespace godwit::sim
