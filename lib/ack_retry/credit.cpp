#include "ack_retry/credit.hpp"

namespace godwit::detail {

void credit::look(steady_time now, bool waiting) noexcept {
    if (!adapts_ || now - since_ < period) return;
    const auto periods = static_cast<std::uint64_t>((now - since_) / period);
    // After a longer time the average counts; a time without work says nothing.
    const std::uint64_t wanted = std::clamp<std::uint64_t>(2 * settled_ / periods, 1, messages_max);
    const bool known = since_ != steady_time{};
    since_ = now;
    settled_ = 0;
    if (known && (waiting || wanted > messages_)) messages_ = static_cast<std::uint32_t>(wanted);
}

}  // namespace godwit::detail
