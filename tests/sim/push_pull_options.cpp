#include "sim/push_pull_options.hpp"

#include <algorithm>
#include <sstream>

namespace godwit::detail {

using namespace std::chrono_literals;

push_pull_options push_pull_options::expand(std::uint64_t seed) {
    sim_random chance{seed};
    const auto up_to = [&](std::uint64_t most) { return static_cast<std::uint32_t>(chance.below(most + 1)); };
    const auto between = [&](std::uint64_t low, std::uint64_t high) {
        return std::chrono::milliseconds{chance.between(low, high)};
    };
    push_pull_options out;
    out.seed = seed;
    out.senders = 1 + up_to(2);
    out.receivers = 1 + up_to(3);
    out.faults = chance.one_in(20) ? 0 : 10 + up_to(15);
    out.wall_jumps = chance.one_in(4);
    out.sender_restarts = chance.one_in(4);
    out.concurrency = 1 + up_to(chance.one_in(2) ? 3 : 60);
    out.burst_max = 1 + up_to(60);
    out.body_max = chance.one_in(20) ? 70'000 : 8 + up_to(300);
    out.keys = chance.one_in(3) ? 1 + up_to(20) : 0;
    if (out.keys == 0 && chance.one_in(2)) out.delayed = up_to(20);
    if (out.keys == 0 && chance.one_in(3)) out.prioritised = up_to(40);
    if (chance.one_in(4)) out.expiring = up_to(10);
    out.poison = chance.one_in(3) ? up_to(2) : 0;
    out.misbehaving = chance.one_in(4) ? 0 : up_to(20);
    for (ack_retry* side : {&out.sender, &out.receiver}) {
        side->heartbeat = between(20, 500);
        side->lease = side->heartbeat * static_cast<int>(2 + up_to(4)) + 100ms;
    }
    out.sender.attempts_max = chance.one_in(4) ? 1 + up_to(3) : 4 + up_to(30);
    out.sender.backoff_min = between(1, 50);
    out.sender.backoff_max = out.sender.backoff_min * static_cast<int>(1 + up_to(30));
    out.sender.log_bytes_max = chance.one_in(3) ? 65'536 : 1u << 20;
    out.sender.ordered_by_key = out.keys != 0;
    out.receiver.credit_bytes = chance.one_in(2) ? 65'536 : 1u << 20;
    out.receiver.credit_messages = chance.one_in(2) ? 1 + up_to(chance.one_in(2) ? 4 : 100) : 0;
    out.receiver.handler_max = between(100, 2'000);
    out.receiver.pause_after_failures = up_to(5);
    out.receiver.backoff_min = between(1, 20);
    out.receiver.backoff_max = between(20, 500);
    if (chance.one_in(5)) {
        out.receiver.messages_per_second = static_cast<double>(100 + up_to(1'000));
        out.receiver.burst_messages = 1 + up_to(20);
    }
    return out;
}

std::string push_pull_options::text() const {
    std::ostringstream out;
    out << "seed " << seed << ": " << senders << " senders, " << receivers << " receivers, " << messages
        << " messages, " << faults << " faults, wall_jumps " << wall_jumps << ", sender_restarts " << sender_restarts
        << ", dedup " << dedup << ", concurrency " << concurrency << ", burst_max " << burst_max << ", body_max "
        << body_max << ", keys " << keys << ", delayed " << delayed << "%, expiring " << expiring << "%, prioritised "
        << prioritised << "%, poison " << poison << "%, misbehaving " << misbehaving << "%; sender: attempts_max "
        << sender.attempts_max << ", backoff " << sender.backoff_min.count() << " to " << sender.backoff_max.count()
        << " ms, log_bytes_max " << sender.log_bytes_max << ", heartbeat " << sender.heartbeat.count() << " ms, lease "
        << sender.lease.count() << " ms; receiver: credit_messages " << receiver.credit_messages << ", credit_bytes "
        << receiver.credit_bytes << ", handler_max " << receiver.handler_max.count() << " ms, pause_after_failures "
        << receiver.pause_after_failures << ", messages_per_second " << receiver.messages_per_second << ", heartbeat "
        << receiver.heartbeat.count() << " ms, lease " << receiver.lease.count() << " ms";
    return out.str();
}

}  // namespace godwit::detail
