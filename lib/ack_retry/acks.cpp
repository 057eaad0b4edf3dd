#include "ack_retry/acks.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

namespace {

// Of the records that are told now: their share by number, as the sender counts a batch that it hears of in parts, and
// rather more than that, so that what its roundings free is never taken for a breach.
std::uint64_t bytes_of(const taken_batch& of, std::uint32_t told) {
    const std::uint64_t left = of.records - (of.settled.count() - told);
    if (left <= told) return of.untold_bytes;
    return std::min(of.untold_bytes, of.untold_bytes / left * told + of.untold_bytes % left * told / left + of.records);
}

}  // namespace

void acks::collect(taken_batch& from) {
    const std::uint32_t untold = from.settled.untold();
    if (untold == 0) return;
    receiving_link& link = *from.link;
    from.settled.tell(from.stream, from.attempt, link.frame().ranges);
    const std::uint64_t size = bytes_of(from, untold);
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

void acks::remember(receiving_link& link) {
    if (!gate_.is_there()) return;
    gather(link);
    gate_.offer(link);
}

void acks::kept(receiving_link& link) {
    if (link.being_kept.empty() || !gate_.release(link) || link.away) return;
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
    frame.handed = link.handed();
    frame.window_messages = link.window.messages();
    frame.window_bytes = link.window.bytes();
    std::vector<ack_frame::settled> rest;
    if (frame.ranges.size() > link_ranges_max) {
        rest.assign(frame.ranges.begin() + link_ranges_max, frame.ranges.end());
        frame.ranges.resize(link_ranges_max);
    }
    const bool sent = out_.send(link.number, link.next) == link_set::carried::done;
    if (sent) keep(link);
    if (!sent || !rest.empty()) {
        frame.ranges.insert(frame.ranges.end(), rest.begin(), rest.end());
        return sent && send(link);
    }
    return true;
}

// Until the sender is known to have heard. Of what failed it is better not to know: the record comes again, also by a requeue,
// which begins at the first attempt. What a requester may not repeat is told by how it ended.
void acks::keep(receiving_link& link) {
    using how = ack_frame::settled::how;
    auto& told = link.frame().ranges;
    std::erase_if(told, [this](const auto& one) {
        return exact_ ? one.outcome != how::crashed && one.outcome != how::refused : one.outcome != how::acked;
    });
    link.told.add(std::move(told));
}

void acks::tell(receiving_link& link) {
    if (link.away || !link.has_news()) return;
    if (gate_.is_there()) {
        remember(link);
        if (!link.has_news()) return;
    } else {
        gather(link);
    }
    if (!send(link)) {
        link.free.ranges = link.frame().ranges.size();  // some may have gone
        return note(link);
    }
    link.window.told(link.next_records, link.next_bytes);
    link.window.grant();
    link.received_told = link.received;
    link.passed_told = link.handed();
    link.agreement.told(link.passed_told);
    link.untold = 0;
    link.next_records = link.next_bytes = 0;
    link.free = {};
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

void acks::tell_all_but_arrivals() {
    receiving_link* link = std::exchange(first_, nullptr);
    while (link != nullptr) {
        receiving_link* const next = std::exchange(link->next_in_list, nullptr);
        link->in_list = false;
        link->has_more_than_arrivals() ? tell(*link) : note(*link);
        link = next;
    }
}

bool acks::all_told() const noexcept {
    const receiving_link* link = first_;
    while (link != nullptr && !link->has_news()) link = link->next_in_list;
    return link == nullptr;
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
