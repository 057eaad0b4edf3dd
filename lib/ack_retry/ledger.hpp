// ledger: the state of each record of one stream that is not settled. Pure data: it decides nothing.
// The happy path has no state of its own: it is what lies between `fresh`, `again`, the links' flights and `settled`. Only a
// special record has a place of its own: delayed, prioritised, with a time to live, attempted before, gated by key, or dead.
// So its memory follows the exceptions, never the backlog. Threads: a value.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "base/range_set.hpp"
#include "base/record.hpp"
#include "godwit/export.hpp"
#include "godwit/reliability.hpp"

namespace godwit::detail {

inline constexpr std::uint8_t suspicions_max =
    3;  // then it goes alone, so that the next crash says which record it was

struct special_record {
    enum class state : std::uint8_t {
        in_place,   // goes when `fresh` comes to it
        waiting,    // until not_before
        due,        // in its lane
        gated,      // behind another of its key
        in_flight,  //
        dead,       // a dead letter; `epitaph` is set
    };
    struct epitaph {
        dead_reason why{};
        std::string detail;
        wall_time when;
    };
    state now = state::in_place;
    std::uint8_t lane = priority_default;
    bool sent = false;            // at least once
    std::uint8_t crashes = 0;     // how often its receiver was lost with it in hand; saturates
    std::uint8_t suspicions = 0;  // or maybe in hand, which nobody has told; saturates
    std::uint32_t attempts = 0;   // that came to an end; the next one, or the one in flight, is attempts + 1
    steady_time not_before{};
    steady_time expires = never;
    std::unique_ptr<epitaph> died;
};

class GODWIT_EXPORT ledger {
public:
    using special_map = std::map<offset, special_record>;

    // All offsets below `first` are settled, none above has been sent.
    explicit ledger(offset first) noexcept : fresh{first}, floor_{first}, decided_{first} {}

    offset fresh;     // the next one that was never sent, nor made special by a gate
    range_set again;  // below fresh, not special: to be sent again as a first attempt
    special_map specials;
    std::uint64_t in_flight = 0;
    std::uint64_t dead = 0;

    // The lowest offset that is not settled: a dead letter is not. All below are.
    offset floor() const noexcept { return floor_; }
    const range_set& settled_above() const noexcept { return settled_; }
    bool is_settled(offset at) const noexcept { return at < floor_ || settled_.contains(at); }
    void settle(offset_range what);  // and takes their special records out
    // How many below `end` are neither settled nor dead.
    std::uint64_t unsettled(offset end) const noexcept { return end - floor_ - settled_.count() - dead; }
    // All below are settled or dead letters. Never falls.
    offset decided_below() const noexcept;

    // The greeting's: a floor above special records, and which below it are still live. So one delayed record does not hold
    // the floor back for ever. At most `ranges_max` ranges, which bounds the floor.
    offset tight_floor(std::size_t ranges_max, std::vector<offset_range>& still_live) const;

private:
    offset floor_;
    mutable offset decided_;  // as far as was looked: an answer costs what is new
    range_set settled_;       // at floor_ + 1 or above
};

}  // namespace godwit::detail
