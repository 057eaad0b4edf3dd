// A dispatcher by itself: over a log into which batches are put by hand, and a clock that is set by hand.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "ack_retry/dispatcher.hpp"
#include "sender_world.hpp"

namespace dispatcher_desk {

using namespace sender_world;

struct desk {
    ack_retry options;
    manual_time time;
    seeded_random random;
    std::unique_ptr<record_log> log = make_memory_log();
    dispatcher of;
    batch_builder builder{ours};
    offset next = 1;

    explicit desk(const ack_retry& with = {}) : options{with}, of{ours, 1, options, time, random, *log} {}
    void add(std::string_view body, std::string_view key = {}) {
        builder.add(next++, record_parts{.key = key, .body = as_bytes(body)}, 1u << 20);
    }
    void keep() {
        entry one;
        one.batches.push_back(builder.seal(time.wall()));
        log_ticket ticket;
        log->append(std::move(one), stage::accepted, ticket);
    }
    void add_batch(int records, std::string_view body = "x") {
        for (int i = 0; i < records; ++i) add(body);
        keep();
    }
    portion go(const free_credit& room = {1000, 1u << 20, true}) {
        portion made = of.next(room);
        if (!made.empty()) of.went(made);
        return made;
    }
    bool in_log(offset at) {
        if (!of.released().empty()) log->release(ours, of.released());
        of.forget_released();
        return log->read(ours, at).answer == log_answer::done;
    }
};

using ranges = std::vector<offset_range>;

}  // namespace dispatcher_desk
