// outlets: the links that a stream goes out by, each with its credit and what is in flight to it; and which of them gets
// the next portion. Pure data. Threads: a value.
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "ack_retry/dispatcher.hpp"
#include "ack_retry/flights.hpp"
#include "ack_retry/link_session.hpp"

namespace godwit::detail {

// What the sender needs of its links; link_set, or a test's.
class batch_carrier {
public:
    virtual ~batch_carrier() = default;
    virtual link_set::carried send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) = 0;
    virtual bool busy(link_number which) const noexcept = 0;
};

struct GODWIT_EXPORT outlet {
    link_number link = 0;
    endpoint_id scope;  // empty: it remembers nothing
    flights out;
    // Sent to an earlier session of this one, or of its scope, with no word of what became of it: it goes here again and
    // nowhere else. By attempt. Counts as in flight.
    std::map<std::uint32_t, range_set> owed;
    std::uint32_t window_messages = 0;
    std::uint64_t window_bytes = 0;
    offset memory = 0;           // a rep's, of us: see memory_of
    std::uint64_t received = 0;  // data frames
    std::uint64_t handed = 0;    // records
    std::uint64_t used = 0;      // when it was last given something; smaller: idle for longer
    bool draining = false;       // takes nothing new
    bool busy = false;           // until may_write
    bool alone = false;          // what is in flight may be what kills receivers: nothing beside it
    bool sated = false;          // what is next does not fit it: for the length of one pump

    bool has_credit() const noexcept {
        return window_messages > out.messages() && (window_bytes > out.bytes() || out.empty()) && !draining &&
               !(alone && !out.empty());
    }
    free_credit room() const noexcept;
    double free_share() const noexcept;  // of the scarcer of its two credits
};

class GODWIT_EXPORT outlets {
public:
    // Replaces one of that number.
    outlet& add(outlet&& one);
    outlet* find(link_number link) noexcept;
    std::optional<outlet> remove(link_number link);

    // The one with the largest free share of its credit, of equals the one that was idle for longest; nullptr: none that
    // has credit is free.
    outlet* best(const batch_carrier& carrier) noexcept;
    void used(outlet& one) noexcept { one.used = ++uses_; }
    bool any_credit() const noexcept;
    bool any_idle(const batch_carrier& carrier) const noexcept;

    std::vector<outlet>& all() noexcept { return all_; }
    const std::vector<outlet>& all() const noexcept { return all_; }

private:
    std::vector<outlet> all_;  // by link: numbers rise
    std::uint64_t uses_ = 0;
};

}  // namespace godwit::detail
