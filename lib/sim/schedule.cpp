#include "sim/schedule.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

void sim_schedule::at(steady_time when, std::function<void()> what) {
    events_.push_back({std::max(when, now_), numbers_++, std::move(what)});
    std::push_heap(events_.begin(), events_.end(), later);
}

bool sim_schedule::run_one(steady_time until) {
    if (events_.empty() || events_.front().when > until) {
        now_ = std::max(now_, until);
        return false;
    }
    std::pop_heap(events_.begin(), events_.end(), later);
    event next = std::move(events_.back());
    events_.pop_back();
    now_ = next.when;
    next.what();
    return true;
}

wall_time sim_clock::wall() noexcept {
    using namespace std::chrono;
    constexpr sys_days first_day{year{2030} / 1 / 1};
    return time_point_cast<milliseconds>(first_day) +
           duration_cast<milliseconds>(schedule_.now() - sim_schedule::start) + off_;
}

}  // namespace godwit::detail
