// sim_schedule: virtual time, and what is to happen in it. Time moves only from one event to the next; events of one
// instant happen in the order in which they were asked for. Threads: one.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "base/ports.hpp"

namespace godwit::detail {

class GODWIT_EXPORT sim_schedule {
public:
    static constexpr steady_time start{std::chrono::hours{1}};  // not 0, so that who forgets a time is seen

    steady_time now() const noexcept { return now_; }
    void at(steady_time when, std::function<void()> what);  // not before now
    void after(std::chrono::nanoseconds delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }
    bool empty() const noexcept { return events_.empty(); }
    // The next event, if it is due by `until`. False: there is none, and the time is `until` then.
    bool run_one(steady_time until);

private:
    struct event {
        steady_time when;
        std::uint64_t number;
        std::function<void()> what;
    };
    static bool later(const event& a, const event& b) noexcept {
        return a.when != b.when ? a.when > b.when : a.number > b.number;
    }

    std::vector<event> events_;  // a heap
    steady_time now_ = start;
    std::uint64_t numbers_ = 0;
};

// One node's clocks: the steady one is everybody's, the wall clock its own.
class GODWIT_EXPORT sim_clock final : public time_source {
public:
    explicit sim_clock(const sim_schedule& schedule) noexcept : schedule_{schedule} {}
    steady_time now() noexcept override { return schedule_.now(); }
    wall_time wall() noexcept override;
    void jump(std::chrono::milliseconds by) noexcept { off_ += by; }  // the wall clock only
    std::chrono::milliseconds off() const noexcept { return off_; }

private:
    const sim_schedule& schedule_;
    std::chrono::milliseconds off_{};
};

}  // namespace godwit::detail
