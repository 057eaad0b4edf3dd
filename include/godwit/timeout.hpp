// How long a call may wait: any std::chrono duration, or timeout::never.
// Zero and negative durations mean "do not wait"; durations too long for the clock mean never.
#pragma once
#include <chrono>
#include <cstdint>
#include <limits>

namespace godwit {

class timeout {
public:
    using clock = std::chrono::steady_clock;
    static const timeout never;

    template <class Rep, class Period>
    constexpr timeout(std::chrono::duration<Rep, Period> duration) noexcept : nanoseconds_{clamp(duration)} {}

    constexpr bool is_never() const noexcept { return nanoseconds_ == forever; }
    constexpr bool is_zero() const noexcept { return nanoseconds_ == 0; }

    // The moment at which it ends, counted from now; clock::time_point::max() for never.
    clock::time_point deadline() const noexcept {
        if (is_never()) return clock::time_point::max();
        const auto now = clock::now();
        const auto left = clock::time_point::max() - now;
        return left < std::chrono::nanoseconds{nanoseconds_} ? clock::time_point::max()
                                                             : now + std::chrono::nanoseconds{nanoseconds_};
    }

private:
    static constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
    struct endless {};
    constexpr explicit timeout(endless) noexcept : nanoseconds_{forever} {}

    template <class Rep, class Period>
    static constexpr std::int64_t clamp(std::chrono::duration<Rep, Period> duration) noexcept {
        using seconds = std::chrono::duration<double>;
        if (!(duration > duration.zero())) return 0;  // not-a-number, too
        if (std::chrono::duration_cast<seconds>(duration).count() > 9.0e9) return forever;
        return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
    }

    std::int64_t nanoseconds_;
};

inline constexpr timeout timeout::never{timeout::endless{}};

}  // namespace godwit
