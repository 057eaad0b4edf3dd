// seldom: of what strangers can make happen a hundred thousand times, the first few of a minute are told, and then the
// 2nd, 4th, 8th, … further: no flood of events, and what begins later is not drowned by what came long before.
// Not thread-safe.
#pragma once
#include <chrono>
#include <cstdint>

namespace godwit::detail {

class seldom {
public:
    using clock = std::chrono::steady_clock;
    static constexpr auto row = std::chrono::minutes{1};

    explicit seldom(std::uint64_t first = 1) noexcept : first_{first} {}

    // One more; whether it is told.
    bool happens(clock::time_point now = clock::now()) noexcept {
        ++all_;
        if (in_row_ == 0 || now - began_ >= row) {
            began_ = now;
            in_row_ = 0;
        }
        ++in_row_;
        const std::uint64_t further = in_row_ > first_ ? in_row_ - first_ + 1 : 1;
        return (further & (further - 1)) == 0;
    }
    std::uint64_t times() const noexcept { return all_; }

private:
    std::uint64_t first_;
    std::uint64_t all_ = 0, in_row_ = 0;
    clock::time_point began_{};
};

}  // namespace godwit::detail
