// segment_rows: what a segment has of each stream, gathered as its entries are written or read: its footer's table.
#pragma once
#include <algorithm>
#include <map>

#include "journal/segment_format.hpp"

namespace godwit::detail {

class segment_rows {
public:
    void add(const batch_view& batch) {
        footer_row& row = rows_[batch.stream()];
        if (row.end == 0) row.first = batch.first();
        row.first = std::min(row.first, batch.first());
        row.end = std::max(row.end, batch.last() + 1);
        records_ += batch.count();
    }
    void add_carried(const batch_view& batch) {
        footer_row& row = rows_[batch.stream()];
        if (row.carried_end == 0) row.carried_first = batch.first();
        row.carried_first = std::min(row.carried_first, batch.first());
        row.carried_end = std::max(row.carried_end, batch.last() + 1);
        records_ += batch.count();
    }
    void add(const entry_head& head) {
        if (last_ == 0) earliest_ = head.when;
        last_ = head.number;
        last_checksum_ = head.checksum;
        latest_ = head.when;
        mark_ = std::max(mark_, head.durable);
    }
    void checkpoint_at(std::uint64_t position) noexcept { checkpoint_ = position; }

    std::size_t streams() const noexcept { return rows_.size(); }
    std::uint64_t records() const noexcept { return records_; }
    lsn last() const noexcept { return last_; }                   // 0: no entry
    std::int64_t earliest() const noexcept { return earliest_; }  // time of an entry, in ms since 1970
    lsn mark() const noexcept { return mark_; }                   // the highest durable mark
    std::uint64_t checkpoint() const noexcept { return checkpoint_; }
    const std::map<stream_id, footer_row>& rows() const noexcept { return rows_; }

    segment_footer footer(segment_footer::ending how, lsn first) const {
        segment_footer made;
        made.last = last_ != 0 ? last_ : first - 1;
        made.last_checksum = last_checksum_;
        made.records = records_;
        made.earliest = earliest_;
        made.latest = latest_;
        made.how = how;
        made.checkpoint = checkpoint_;
        for (const auto& [id, row] : rows_) {
            made.rows.push_back(row);
            made.rows.back().stream = id;
        }
        return made;
    }

private:
    std::map<stream_id, footer_row> rows_;
    std::uint64_t records_ = 0;
    lsn last_ = 0, mark_ = 0;
    std::uint64_t last_checksum_ = 0;
    std::int64_t earliest_ = 0, latest_ = 0;
    std::uint64_t checkpoint_ = 0;
};

}  // namespace godwit::detail
