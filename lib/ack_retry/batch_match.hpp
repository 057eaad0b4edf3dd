// batch_match: what of one batch each subscriber gets: all of it, a cut, or nothing. Each filter is tried once on each
// topic of the batch, and its predicates once on each record; subscribers that want the same records share one cut.
// Threads: inside a turn. Its memory is kept from batch to batch.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "ack_retry/filter_table.hpp"
#include "base/batch.hpp"

namespace godwit::detail {

class GODWIT_EXPORT batch_match {
public:
    explicit batch_match(filter_table& table) noexcept : table_{&table} {}

    void reset(batch_ref batch);
    bool empty() const noexcept { return batch_.empty(); }
    bool covers(offset at) const noexcept { return !empty() && first_ <= at && at <= last_; }
    offset first() const noexcept { return first_; }
    offset last() const noexcept { return last_; }
    wall_time sealed() const noexcept { return batch_.view.sealed(); }

    // The batch's own bytes if all of it is wanted; empty if nothing is. Lives until reset(). Throws std::bad_alloc.
    const batch_ref& pick(const link_filters& of);
    // Of the records at `from` and above alone: not shared.
    batch_ref pick(const link_filters& of, offset from);

private:
    struct topic {  // its filters, in ids_
        bool known = false;
        std::uint32_t plain = 0, conditional = 0, end = 0;
    };
    void forget();
    const topic& look(std::uint32_t number);
    void make_key(const link_filters& of, bool& all, bool& none);
    bool wanted(const record_view& record, std::size_t ordinal);  // by the key
    bool holds(filter_id which, const record_view& record, std::size_t ordinal);
    batch_ref make_cut();

    filter_table* table_;
    batch_ref batch_;
    offset first_ = 0, last_ = 0;
    std::uint64_t generation_ = 0;
    std::vector<topic> topics_;  // by number; 0: records without one
    std::vector<filter_id> ids_, conditional_ids_;
    std::vector<std::uint64_t>
        key_;  // a bit for each topic; behind them topic and filter of what depends on the record
    std::vector<offset_range> ranges_;
    std::map<std::vector<std::uint64_t>, batch_ref> cuts_;
    enum class verdict : std::uint8_t { unknown, no, yes };
    std::map<filter_id, std::vector<verdict>> verdicts_;  // by the record's place in the batch
};

}  // namespace godwit::detail
