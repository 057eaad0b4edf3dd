#include "ack_retry/options.hpp"

#include <cmath>
#include <string>

#include "ack_retry/envelope.hpp"

namespace godwit::detail {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// Keeps the first thing that is wrong.
class checker {
public:
    void holds(bool good, std::string_view field, std::string_view advice) {
        if (fits_ && !good) fits_ = error{errc::invalid_argument, field, advice};
    }
    template <class T>
    void between(T value, T least, T most, std::string_view field, std::string_view advice) {
        holds(least <= value && value <= most, field, advice);
    }
    status result() && { return std::move(fits_); }

private:
    status fits_;
};

void check_sender(checker& is, const ack_retry& o, pattern own) {
    is.between(o.attempts_max, 1u, 1'000'000u, "attempts_max", "1 to 1,000,000");
    is.between(o.log_bytes_max, std::size_t{64} << 10, std::size_t{1} << 40, "log_bytes_max", "64 KiB to 1 TiB");
    is.between(o.dead_letters_max, std::size_t{1}, std::size_t{100'000'000}, "dead_letters_max", "1 to 100,000,000");
    is.holds(!o.ordered_by_key || own == pattern::push, "ordered_by_key", "only a push orders by key");
    is.between(o.evict_after, 1ms, milliseconds{24h * 365}, "evict_after", "1 ms to a year");
}

void check_receiver(checker& is, const ack_retry& o) {
    is.between(o.credit_bytes, std::size_t{64} << 10, std::size_t{1} << 30, "credit_bytes", "64 KiB to 1 GiB");
    is.between(o.credit_messages, 0u, 65'536u, "credit_messages", "1 to 65,536, or 0 to adapt");
    is.between(o.handler_max, 1ms, milliseconds{24h * 7}, "handler_max", "1 ms to a week");
    is.holds(std::isfinite(o.messages_per_second) && o.messages_per_second >= 0, "messages_per_second",
             "a rate, or 0 for no limit");
    is.holds(std::isfinite(o.burst_messages) && o.burst_messages >= 1, "burst_messages", "1 at least");
}

void check_both(checker& is, const ack_retry& o) {
    is.between(o.backoff_min, 1ms, milliseconds{24h}, "backoff_min", "1 ms to 24 h");
    is.between(o.backoff_max, o.backoff_min, milliseconds{24h}, "backoff_max", "backoff_min to 24 h");
    is.between(o.heartbeat, 10ms, milliseconds{1h}, "heartbeat", "10 ms to 1 h");
    is.between(o.lease, 2 * o.heartbeat, milliseconds{24h}, "lease", "2 heartbeats to 24 h");
    is.holds(o.identity.size() <= 128, "identity", "up to 128 bytes");
}

}  // namespace

// The other side's are ignored, so that one set of options serves both.
status check(const ack_retry& options, pattern own) {
    checker is;
    const bool sends = own == pattern::push || own == pattern::pub || own == pattern::req;
    sends ? check_sender(is, options, own) : check_receiver(is, options);
    check_both(is, options);
    return std::move(is).result();
}

endpoint_id identity_of(std::string_view label) {
    if (label.empty()) return {};
    endpoint_id made{envelope::digest(as_bytes(label), 1), envelope::digest(as_bytes(label), 2)};
    if (made.empty()) made.low = 1;
    return made;
}

}  // namespace godwit::detail
