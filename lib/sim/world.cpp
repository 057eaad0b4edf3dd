#include "sim/world.hpp"

namespace godwit::detail {

sim_world::sim_world(std::uint64_t seed) : random_{seed}, network_{schedule_, random_.fork(), trace_} {}

sim_node& sim_world::add_node() {
    nodes_.push_back(std::make_unique<sim_node>(schedule_, network_, trace_, random_.fork()));
    return *nodes_.back();
}

bool sim_world::run_until(steady_time end, const std::function<bool()>& goes_on) {
    while (schedule_.run_one(end)) {
        ++events_;
        if (goes_on && !goes_on()) return false;
    }
    return true;
}

}  // namespace godwit::detail
