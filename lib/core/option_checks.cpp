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
        within<std::size_t>("bytes of name", options.name.size(), 0, 128),
        within<std::size_t>("queue_messages_max", options.queue_messages_max, 1, 1'000'000),
        within<std::size_t>("message_bytes_max", options.message_bytes_max, 1, std::size_t{1} << 40),
        within<std::size_t>("requests_max", options.requests_max, 1, 16'777'216),
        within<long long>("linger (ms)", options.linger.count(), 0, day_ms),
        within<long long>("redial_min (ms)", options.redial_min.count(), 1, hour_ms),
        within<long long>("redial_max (ms)", options.redial_max.count(), options.redial_min.count(), day_ms),
        within<long long>("handshake_max (ms)", options.handshake_max.count(), 1, hour_ms),
        within<std::size_t>("events_max", options.events_max, 1, 1'000'000),
        within<std::size_t>("handshakes_max", options.handshakes_max, 1, 1'000'000),
        within<std::size_t>("peers_max", options.peers_max, 1, 1'000'000),
        within<std::size_t>("unread_bytes_max", options.unread_bytes_max, 1u << 20, std::size_t{1} << 40),
        within<std::size_t>("subscriptions_max", options.subscriptions_max, 1, 10'000'000),
        within<std::size_t>("subscription_bytes_max", options.subscription_bytes_max, 1, std::size_t{1} << 30),
    };
    for (const status& check : checks) {
        if (!check) return check;
    }
    // A list that nobody could enforce would let everybody in.
    if (options.allow && !options.keys) {
        return error{errc::invalid_argument, "allow", "an access list needs keys: give socket_options{.keys = ...}"};
    }
    if (options.server_key && !options.keys) {
        return error{errc::invalid_argument, "server_key", "it needs keys of ours: give socket_options{.keys = ...}"};
    }
    return {};
}

}  // namespace godwit::detail
