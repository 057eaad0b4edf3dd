// What pull and sub share: printing what comes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
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

// How the printing ended: after the count, by a signal, or because nothing came.
struct printed {
    bool timed_out = false;
    bool missed_some = false;
};

// Messages that are there together are printed together; none waits for another to come. With --ack they are acked when
// they have been printed, which a plain socket does not notice. `acked` is called behind each of these acks.
template <class Receiver>
printed print_messages(Receiver& in, const options& options, const interruption& interrupted,
                       const std::function<void()>& acked = {}) {
    message_writer output{options.json};
    std::vector<godwit::delivery> batch(512);
    std::uint64_t left = options.count.value_or(std::numeric_limits<std::uint64_t>::max());
    printed how;
    while (left > 0) {
        // Never more than the count: the rest is for others.
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left, batch.size()));
        const auto received = in.recv_many(std::span{batch}.first(room), options.limit(), interrupted.token());
        if (received.failed(godwit::errc::cancelled)) break;
        if (received.failed(godwit::errc::timed_out)) {
            how.timed_out = true;
            break;
        }
        if (received.failed(godwit::errc::gap)) {
            std::cerr << "godwit: " << received.error().what() << std::endl;
            how.missed_some = true;
            continue;
        }
        const auto messages = std::span{batch}.first(received.value());
        for (const godwit::delivery& delivery : messages) output.add(delivery);
        output.flush();
        in.ack_many(messages);
        if (acked) acked();
        for (godwit::delivery& delivery : messages) delivery = {};  // gives its memory back before the next wait
        left -= messages.size();
    }
    return how;
}

template <class Receiver>
void print_received(Receiver& in, const options& options, const interruption& interrupted,
                    const std::function<void()>& acked = {}) {
    const printed how = print_messages(in, options, interrupted, acked);
    // The last acks leave. Where they cannot, nothing is lost: their messages go to others, or come again.
    if (options.ack) static_cast<void>(in.close(options.linger));
    if (how.timed_out) throw failure{exit_timed_out, "no message came within " + format_duration(*options.timeout)};
    if (how.missed_some) throw failure{exit_failed, "messages were missed, as said above"};
}

}  // namespace tool
