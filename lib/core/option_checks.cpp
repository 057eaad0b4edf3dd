#include "core/option_checks.hpp"

#include <string>

namespace godwit::detail {

namespace {

template <class Number>
status within(std::string_view field, Number value, Number low, Number high) {
    if (value >= low && value <= high) return {};
    return error{errc::invalid_argument, std::string{field} + " = " + std::to_string(value),
                 "give " + std::to_string(low) + " to " + std::to_string(high)};
}

}  // namespace

status check_options(const socket_options& options) {
    constexpr long long hour_ms = 3'600'000;
    constexpr long long day_ms = 24 * hour_ms;
    const status checks[] = {
        within<std::size_t>("queue_messages_max", options.queue_messages_max, 1, 1'000'000),
        within<std::size_t>("message_bytes_max", options.message_bytes_max, 1, std::size_t{1} << 40),
        within<long long>("linger (ms)", options.linger.count(), 0, day_ms),
        within<long long>("redial_min (ms)", options.redial_min.count(), 1, hour_ms),
        within<long long>("redial_max (ms)", options.redial_max.count(), options.redial_min.count(), day_ms),
        within<long long>("handshake_max (ms)", options.handshake_max.count(), 1, hour_ms),
        within<std::size_t>("events_max", options.events_max, 1, 1'000'000),
    };
    for (const status& check : checks) {
        if (!check) return check;
    }
    return {};
}

}  // namespace godwit::detail
