// rate_limit: a token bucket: so many messages a second, and so many at once. Pure; threads: a value.
#pragma once
#include <algorithm>
#include <chrono>

#include "base/ports.hpp"

namespace godwit::detail {

class rate_limit {
public:
    rate_limit(double per_second, double burst) noexcept
        : per_second_{per_second}, burst_{std::max(burst, 1.0)}, tokens_{burst_} {}

    bool limits() const noexcept { return per_second_ > 0; }
    bool may(steady_time now) noexcept {
        refill(now);
        return tokens_ >= 1;
    }
    void take() noexcept { tokens_ -= 1; }
    // When the next token will be there, as of the last may(): rounded up, so that it is there then.
    steady_time next() const noexcept {
        if (tokens_ >= 1) return at_;
        const double seconds = std::min((1 - tokens_) / per_second_, 1e9);
        return at_ + std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9) + 1};
    }

private:
    void refill(steady_time now) noexcept {
        if (at_ != steady_time{} && now > at_) {
            tokens_ = std::min(burst_, tokens_ + std::chrono::duration<double>(now - at_).count() * per_second_);
        }
        at_ = now;
    }

    double per_second_, burst_, tokens_;
    steady_time at_{};
};

}  // namespace godwit::detail
