// producer_memory: what is remembered of one sender's stream: which records are done here and not known to be settled there,
// which are in hand, and which log speaks. Between a floor and the highest record everything is a set of ranges, so that
// it follows the exceptions. Pure data. Threads: a value.
#pragma once
#include <algorithm>
#include <span>

#include "base/range_set.hpp"
#include "godwit/export.hpp"
#include "godwit/layer.hpp"

namespace godwit::detail {

class GODWIT_EXPORT producer_memory {
public:
    enum class answer : std::uint8_t { fresh, in_hand, done, settled };

    // Its sender's greeting. Fails with `fenced` and `conflict`. True: epoch or nonce are others than before.
    result<bool> meet(const sender_greeting& said);
    // At the sender everything below is settled, but these.
    void settled_below(offset floor, std::span<const offset_range> live = {});

    answer look(offset at) const noexcept;
    // All of it is above everything that was ever seen: fresh, by one comparison.
    bool is_beyond(offset_range what) const noexcept { return what.first >= end_; }
    void take(offset_range what);  // fresh: in hand now
    void let_go(offset_range what) { in_hand_.remove(what); }
    // Handled. Returns whether any of it was not marked before, and is not settled at its sender.
    bool mark(offset_range what);

    const range_set& done() const noexcept { return done_; }
    const range_set& in_hand() const noexcept { return in_hand_; }
    bool is_open() const noexcept { return !done_.empty() || !in_hand_.empty(); }

    std::uint64_t epoch = 0;
    stream_id nonce;
    std::uint64_t met = 0;  // when it greeted last, of all greetings

    // Kept with the directory.
    offset floor() const noexcept { return floor_; }
    offset end() const noexcept { return end_; }
    const range_set& live() const noexcept { return live_; }
    void restore(offset floor, offset end) noexcept {
        floor_ = floor;
        end_ = std::max(end_, end);
        live_.clear();
    }
    void restore_live(offset_range what) { live_.add(what); }

private:
    offset floor_ = 0;   // at the sender everything below is settled,
    range_set live_;     // but these
    offset end_ = 0;     // above all that was ever in hand or done
    range_set done_;     // here, and not known to be settled there
    range_set in_hand_;  // of whatever socket
};

}  // namespace godwit::detail
