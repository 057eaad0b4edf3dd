// Keeps a publisher at most a window of messages ahead of its slowest subscriber, through a pipe beside the sockets:
// neither side drops then, and totals compare. Both ends of both libraries do the same.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "ends.hpp"

namespace bench {

// Queues on both sides and of both libraries. Far above the window, because libzmq's publisher hears of what was read in
// steps of half a queue, and looks about once a millisecond: at the usual 1,000 a PUB drops though little is unread.
constexpr int queue_messages = 100'000;

// Subscribers report every so many messages; counts are multiples of it.
constexpr std::size_t report_messages = 100;

inline std::size_t whole_reports(std::size_t count) {
    return std::max(count / report_messages, std::size_t{1}) * report_messages;
}

class window {
public:
    // At most so many messages as wanted, and of at most 32 MiB for each subscriber.
    window(signal_pipe& reports, const arguments& args)
        : reports_{reports},
          reported_(args.subscribers),
          messages_{std::max(std::min((32u << 20) / args.size, args.window), 2 * report_messages)} {}

    // Blocks until message number `next` may be sent.
    void wait_for(std::size_t next) {
        while (next >= slowest_ * report_messages + messages_) read();
    }
    // Blocks until every subscriber has had `count`.
    void wait_for_all(std::size_t count) {
        while (slowest_ * report_messages < count) read();
    }

private:
    void read() {
        std::array<unsigned char, 64> ids;
        const auto got = reports_.read_bytes(ids.data(), ids.size());
        if (got == 0) fail("the subscribers left early");
        for (std::size_t at = 0; at < got; ++at) ++reported_.at(ids[at]);
        slowest_ = *std::min_element(reported_.begin(), reported_.end());
    }

    signal_pipe& reports_;
    std::vector<std::size_t> reported_;
    std::size_t slowest_ = 0;
    std::size_t messages_;
};

}  // namespace bench
