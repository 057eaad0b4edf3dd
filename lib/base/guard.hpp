// guard: whether a record is new, in hand or done, for any number of senders and sockets; what it does not remember it says
// by name. A state machine without a clock, a file or a lock. Threads: one at a time.
#pragma once
#include <unordered_map>
#include <vector>

#include "base/producer_memory.hpp"

namespace godwit::detail {

// See dedup_stats.
struct handled_counts {
    std::uint64_t producers = 0, open_ranges = 0, in_hand = 0;  // now
    std::uint64_t duplicates = 0, joined = 0, too_old = 0, conflicts = 0, fenced = 0, forgotten = 0;
};

class GODWIT_EXPORT guard {
public:
    struct stream_hash {
        std::size_t operator()(const stream_id& of) const noexcept { return of.high ^ of.low; }  // drawn at random
    };
    using producer_map = std::unordered_map<stream_id, producer_memory, stream_hash>;

    explicit guard(std::uint32_t producers_max) noexcept : producers_max_{producers_max} {}

    // Fails with `fenced`, `conflict`, `full`. True: it is to be kept. `forgotten`: streams that have made room.
    result<bool> meet(const sender_greeting& said, std::vector<stream_id>& forgotten);
    void floor_moved(stream_id stream, offset to);
    // Of a range in which every offset is a record. True: all are fresh, and in hand now.
    bool pass_whole(stream_id stream, offset_range what);
    void offer(std::span<offered_record> records);  // what is fresh is in hand then
    void let_go(stream_id stream, offset_range what) noexcept;
    bool mark(const handled_range& what);  // it was acked. False: all of that was marked before

    const producer_map& producers() const noexcept { return producers_; }
    producer_memory& producer(stream_id stream);  // made if it is not known
    void forget(stream_id stream) {
        last_ = nullptr;
        producers_.erase(stream);
    }
    handled_counts stats() const;

private:
    producer_memory* find(stream_id stream) noexcept;
    bool make_room(std::vector<stream_id>& forgotten);

    const std::uint32_t producers_max_;
    producer_map producers_;
    stream_id last_stream_;            // asked for, and
    producer_memory* last_ = nullptr;  // what it is; null: to be looked up
    std::uint64_t greetings_ = 0;
    handled_counts counted_;
};

}  // namespace godwit::detail
