#include "ack_retry/credit.hpp"

namespace godwit::detail {

void credit::look(steady_time now, bool waiting, bool starving) noexcept {
    if (!adapts_ || now - since_ < period) return;
    const auto periods = static_cast<std::uint64_t>((now - since_) / period);
    // After a longer time the average counts; a time without work says nothing.
    if (waiting && now - least_since_ >= least_for) {
        least_ = std::max(least_ / 2, 1u);
        least_since_ = now;
    }
    const std::uint64_t wanted = std::clamp<std::uint64_t>(2 * settled_ / periods, least_, messages_max);
    const bool known = since_ != steady_time{};
    since_ = now;
    settled_ = 0;
    if (starving && is_used_up()) {
        least_ = messages_ = std::min(2 * messages_, messages_max);
        least_since_ = now;
    } else if (known && (waiting || wanted > messages_)) {
        messages_ = static_cast<std::uint32_t>(wanted);
    }
}

}  // namespace godwit::detail
