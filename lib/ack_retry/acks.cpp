#include "ack_retry/acks.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

namespace {

// Of the records that are told now, as the sender counts them.
std::uint64_t bytes_of(const taken_batch& of, std::span<const ack_frame::settled> told) {
    if (of.settled.count() == of.records || of.held == nullptr) return of.untold_bytes;
    std::uint64_t sum = 0;
    const batch_view& view = of.held->batch.view;
    record_view record;
    for (auto position = view.begin_position(); position < of.position && view.next(position, record);) {
        const bool in =
            std::any_of(told.begin(), told.end(), [&](const auto& one) { return one.what.contains(record.at); });
        if (in) sum += record.whole.size();
    }
    return std::min(sum, of.untold_bytes);
}

}  // namespace

void acks::collect(taken_batch& from) {
    const std::uint32_t untold = from.settled.untold();
    if (untold == 0) return;
    receiving_link& link = *from.link;
    auto& ranges = link.frame().ranges;
    const std::size_t before = ranges.size();
    from.settled.tell(from.stream, from.attempt, ranges);
    const std::uint64_t size = bytes_of(from, std::span{ranges}.subspan(before));
    from.untold_bytes -= size;
    link.next_bytes += size;
    link.next_records += untold;
}

void acks::add(receiving_link& link, const ack_frame::settled& one) {
    link.frame().ranges.push_back(one);
    ++link.untold;
    ++link.next_records;
    note(link);
}

void acks::gather(receiving_link& link) {
    std::uint64_t left = link.untold - link.next_records;
    for (taken_batch* at = link.first; at != nullptr && left != 0; at = at->behind) {
        left -= at->settled.untold();
        collect(*at);
    }
}

// False: it is busy, or gone; all stays as it is.
bool acks::send(receiving_link& link) {
    ack_frame& frame = link.frame();
    frame.received = link.received;
    frame.handed = link.lane.passed;
    frame.window_messages = link.window.messages();
    frame.window_bytes = link.window.bytes();
    std::vector<ack_frame::settled> rest;
    if (frame.ranges.size() > link_ranges_max) {
        rest.assign(frame.ranges.begin() + link_ranges_max, frame.ranges.end());
        frame.ranges.resize(link_ranges_max);
    }
    const bool sent = out_.send(link.number, link.next) == link_set::carried::done;
    if (sent) frame.ranges.clear();
    if (!sent || !rest.empty()) {
        frame.ranges.insert(frame.ranges.end(), rest.begin(), rest.end());
        return sent && send(link);
    }
    return true;
}

void acks::tell(receiving_link& link) {
    if (link.away || !link.has_news()) return;
    gather(link);
    if (!send(link)) return note(link);
    link.window.told(link.next_records, link.next_bytes);
    link.window.grant();
    link.received_told = link.received;
    link.passed_told = link.lane.passed;
    link.untold = 0;
    link.next_records = link.next_bytes = 0;
}

void acks::tell_all() {
    receiving_link* link = std::exchange(first_, nullptr);
    while (link != nullptr) {
        receiving_link* const next = std::exchange(link->next_in_list, nullptr);
        link->in_list = false;
        tell(*link);
        link = next;
    }
}

void acks::forget(receiving_link& link) noexcept {
    if (!link.in_list) return;
    receiving_link** at = &first_;
    while (*at != &link) at = &(*at)->next_in_list;
    *at = link.next_in_list;
    link.next_in_list = nullptr;
    link.in_list = false;
}

}  // namespace godwit::detail
