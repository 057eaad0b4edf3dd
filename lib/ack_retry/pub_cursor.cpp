#include "ack_retry/pub_cursor.hpp"

#include <algorithm>

namespace godwit::detail {

void pub_cursor::went(offset_range what, std::uint32_t records, std::uint64_t size_bytes, offset last) {
    flights_.push_back({what, records, size_bytes});
    messages_ += records;
    bytes_ += size_bytes;
    sent_below_ = what.last + 1;
    next_ = last + 1;
}

void pub_cursor::dropped(offset_range what) noexcept {
    if (gap_) {
        gap_->last = what.last;
    } else {
        gap_ = what;
    }
    next_ = what.last + 1;
}

std::uint64_t pub_cursor::acked(offset_range what) noexcept {
    std::uint64_t records = 0;
    auto at = std::ranges::lower_bound(flights_, what.first, {}, [](const flight& one) { return one.what.first; });
    for (; at != flights_.end() && at->what.last <= what.last; ++at) {
        if (at->records == 0) continue;
        records += at->records;
        bytes_ -= at->size_bytes;
        at->records = 0;
    }
    messages_ -= records;
    while (!flights_.empty() && flights_.front().records == 0) flights_.pop_front();
    return records;
}

}  // namespace godwit::detail
