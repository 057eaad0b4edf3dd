// What pull and sub share: printing what comes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "duration.hpp"
#include "failure.hpp"
#include "godwit/delivery.hpp"
#include "interruption.hpp"
#include "message_writer.hpp"
#include "options.hpp"

namespace tool {

// Messages that are there together are printed together; none waits for another to come. Returns after the count, or
// when interrupted.
template <class Receiver>
void print_received(Receiver& in, const options& options, const interruption& interrupted) {
    message_writer output{options.json};
    std::vector<godwit::delivery> batch(512);
    std::uint64_t left = options.count.value_or(std::numeric_limits<std::uint64_t>::max());
    while (left > 0) {
        // Never more than the count: the rest is for others.
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left, batch.size()));
        const auto received = in.recv_many(std::span{batch}.first(room), options.limit(), interrupted.token());
        if (received.failed(godwit::errc::cancelled)) return;
        if (received.failed(godwit::errc::timed_out)) {
            throw failure{exit_timed_out, "no message came within " + format_duration(*options.timeout)};
        }
        const std::size_t count = received.value();
        for (godwit::delivery& delivery : std::span{batch}.first(count)) {
            output.add(delivery.message());
            delivery = {};  // gives its memory back before the next wait
        }
        output.flush();
        left -= count;
    }
}

}  // namespace tool
