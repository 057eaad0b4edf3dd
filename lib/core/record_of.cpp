#include "core/record_of.hpp"

#include <string>

#include "base/ports.hpp"

namespace godwit::detail {

static_assert(priority_default == send_options::priority_default && priority_max == send_options::priority_max);

void record_of::take_terms(const send_options& options) {
    parts_.priority = options.priority;
    parts_.times.delay = options.delay;
    parts_.times.ttl = options.ttl;
    if (options.deliver_at) {
        parts_.times.deliver_at = std::chrono::floor<std::chrono::milliseconds>(*options.deliver_at);
    }
    if (options.delay || options.ttl) parts_.times.sent = system_time().wall();
}

bool says_more_than_plain(const send_options& options) noexcept {
    return options.priority != priority_default || options.delay || options.ttl || options.deliver_at ||
           options.idempotent;
}

status check_plain(const send_options& options) {
    if (!says_more_than_plain(options)) return {};
    return error{errc::unsupported, "send_options",
                 "priority, delay, ttl, deliver_at and idempotent need the ack_retry module"};
}

status check_terms(const send_options& options) {
    const auto negative = [](std::string_view which, std::chrono::milliseconds value) {
        return error{errc::invalid_argument, std::string{which} + " = " + std::to_string(value.count()) + " ms",
                     "give 0 or more"};
    };
    if (options.priority > priority_max) {
        return error{errc::invalid_argument, "priority = " + std::to_string(options.priority), "give 0 to 9"};
    }
    if (options.delay && options.delay->count() < 0) return negative("delay", *options.delay);
    if (options.ttl && options.ttl->count() < 0) return negative("ttl", *options.ttl);
    return {};
}

}  // namespace godwit::detail
