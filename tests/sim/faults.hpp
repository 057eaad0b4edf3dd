// faults: does to a simulated world what the world does to processes and their links, at random times. Each fault ends by
// itself, or with the fault time. Threads: one.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "sim/world.hpp"

namespace godwit::detail {

enum class fault : std::uint8_t {
    cut,
    half_open,
    one_way,
    slow_drain,
    flap,
    swizzle_clog,
    pause,
    receiver_restart,
    sender_restart,
    wall_jump,
    partition
};
inline constexpr std::size_t fault_kinds = 11;
std::string_view name(fault what) noexcept;

struct fault_plan {
    std::uint32_t senders = 1, receivers = 1;  // their nodes, senders first
    std::uint32_t faults = 10;
    std::chrono::milliseconds time{10'000};
    bool wall_jumps = false, sender_restarts = false;
};

// What a scene does itself.
class fault_scene {
public:
    virtual ~fault_scene() = default;
    virtual sim_world& world() = 0;
    virtual void restart(node_number which, bool quietly, std::chrono::nanoseconds after) = 0;
    virtual void fault_happens() {}
};

class faults {
public:
    faults(fault_scene& scene, const fault_plan& plan) : scene_{scene}, plan_{plan} {}
    void plan();                            // all of them, over the fault time
    void over() noexcept { over_ = true; }  // what is still planned does not happen
    void heal();                            // over(), and all is as if nothing had been
    const std::array<std::uint64_t, fault_kinds>& counts() const noexcept { return counts_; }

private:
    void happen();
    void happen(fault what);
    void flap(sim_link_number which, int times);
    void swizzle();
    void later(std::chrono::nanoseconds after, std::function<void()> what);
    end_news some_news();

    fault_scene& scene_;
    const fault_plan plan_;
    std::array<std::uint64_t, fault_kinds> counts_{};
    bool over_ = false;
};

}  // namespace godwit::detail
