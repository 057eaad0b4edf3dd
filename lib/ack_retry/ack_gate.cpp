#include "ack_retry/ack_gate.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace godwit::detail {

void ack_gate::offer(receiving_link& link) {
    if (memory_ == nullptr) return;
    auto& ranges = link.frame().ranges;
    receiving_link::free_to_go& free = link.free;
    if (ranges.size() == free.ranges && link.next_records == free.records) return;
    told_.clear();
    const auto fresh = ranges.begin() + static_cast<std::ptrdiff_t>(free.ranges);
    for (auto one = fresh; one != ranges.end(); ++one) {
        if (one->outcome == ack_frame::settled::how::acked) told_.push_back({one->stream, one->what});
    }
    const std::uint64_t number = told_.empty() ? 0 : memory_->settling(told_);
    last_ = std::max(last_, number);
    if (number > memory_->kept()) {
        receiving_link::kept_soon one{number, {}, link.next_records - free.records, link.next_bytes - free.bytes};
        one.ranges.assign(std::make_move_iterator(fresh), std::make_move_iterator(ranges.end()));
        link.being_kept.push_back(std::move(one));
        ranges.erase(fresh, ranges.end());
        link.untold -= static_cast<std::uint32_t>(link.next_records - free.records);
        link.next_records = free.records;
        link.next_bytes = free.bytes;
    }
    free = {ranges.size(), link.next_records, link.next_bytes};
}

bool ack_gate::release(receiving_link& link) {
    if (link.being_kept.empty() || link.being_kept.front().number > memory_->kept()) return false;
    offer(link);
    auto& ranges = link.frame().ranges;
    while (!link.being_kept.empty() && link.being_kept.front().number <= memory_->kept()) {
        receiving_link::kept_soon& one = link.being_kept.front();
        std::move(one.ranges.begin(), one.ranges.end(), std::back_inserter(ranges));
        link.untold += static_cast<std::uint32_t>(one.records);
        link.next_records += one.records;
        link.next_bytes += one.bytes;
        link.being_kept.pop_front();
    }
    link.free = {ranges.size(), link.next_records, link.next_bytes};
    return true;
}

}  // namespace godwit::detail
