// outcomes: what became of records, for receipts: only of those that were not acked, since an ack is the rule.
// Bounded: the oldest are forgotten, and count as processed then. Threads: a value.
#pragma once
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ports.hpp"
#include "godwit/export.hpp"
#include "godwit/reliability.hpp"

namespace godwit::detail {

GODWIT_EXPORT outcome outcome_of(dead_reason why) noexcept;

class GODWIT_EXPORT outcomes {
public:
    static constexpr std::size_t kept_max = 65'536;       // records whose end was no ack
    static constexpr std::size_t collected_max = 65'536;  // ranges that take() has not fetched; the oldest are dropped

    void acked(offset_range what) { collect(what, outcome::processed); }
    void ended(offset at, outcome how);
    void begins_again(offset at) { kept_.erase(at); }  // a dead letter was requeued
    outcome of_settled(offset at) const noexcept;

    // Nothing is collected before the first call. In the order in which they were settled.
    std::vector<settled_record> take(std::size_t at_most);

private:
    struct settled_range {
        offset_range what;
        outcome how;
    };
    void collect(offset_range what, outcome how);

    std::unordered_map<offset, outcome> kept_;
    std::deque<offset> order_;
    bool collects_ = false;
    std::deque<settled_range> collected_;
};

}  // namespace godwit::detail
