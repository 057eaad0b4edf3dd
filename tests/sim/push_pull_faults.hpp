// push_pull_faults: does to a scene what the world does to processes and their links, at random times. Each fault ends
// by itself, or with the fault time. Threads: one.
#pragma once
#include <array>

#include "sim/push_pull_scene.hpp"

namespace godwit::detail {

class push_pull_faults {
public:
    explicit push_pull_faults(push_pull_scene& scene) : scene_{scene} {}
    void plan();                            // all of them, over the fault time
    void over() noexcept { over_ = true; }  // what is still planned does not happen
    const std::array<std::uint64_t, fault_kinds>& counts() const noexcept { return counts_; }

private:
    void happen();
    void happen(fault what);
    void flap(sim_link_number which, int times);
    void swizzle();
    void later(std::chrono::nanoseconds after, std::function<void()> what);
    end_news some_news();

    push_pull_scene& scene_;
    std::array<std::uint64_t, fault_kinds> counts_{};
    bool over_ = false;
};

}  // namespace godwit::detail
