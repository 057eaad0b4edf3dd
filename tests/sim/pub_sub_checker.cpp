#include "sim/pub_sub_checker.hpp"

#include <algorithm>

namespace godwit::detail {

void pub_sub_checker::published(std::uint64_t publication, offset at, std::uint32_t topic) {
    topics_[publication][at] = topic;
    ++messages;
}

offset pub_sub_checker::first_wanted(const reader& of, std::uint64_t publication, offset from) const {
    const auto all = topics_.find(publication);
    if (all == topics_.end()) return offset_max;
    for (auto at = all->second.lower_bound(from); at != all->second.end(); ++at) {
        if ((of.wants & std::uint64_t{1} << at->second) != 0) return at->first;
    }
    return offset_max;
}

void pub_sub_checker::got(std::size_t subscriber, stream_id stream, offset at, std::uint64_t publication) {
    ++deliveries;
    if (publications_.emplace(stream, publication).first->second != publication) return fail("another's stream");
    reader& to = readers_[subscriber];
    const std::string who = "subscriber " + std::to_string(subscriber) + ", offset " + std::to_string(at);
    const auto topic = topics_[publication].find(at);
    if (topic == topics_[publication].end()) return fail("delivered, and never published: " + who);
    if ((to.wants & std::uint64_t{1} << topic->second) == 0) fail("delivered, and not subscribed to: " + who);
    const auto [next, first] = to.next.try_emplace(publication, from_first_ ? 0 : at);
    if (at < next->second) fail("twice, or out of order: " + who);
    if (const offset due = first_wanted(to, publication, next->second); due < at)
        fail("lost untold: " + who + " came, " + std::to_string(due) + " did not");
    next->second = at + 1;
}

void pub_sub_checker::gap(std::size_t subscriber, offset_range what) {
    ++gaps;
    reader& to = readers_[subscriber];
    for (const auto& [stream, publication] : publications_) {
        const auto next = to.next.find(publication);
        if (next == to.next.end() || next->second > what.first) continue;
        if (const offset due = first_wanted(to, publication, next->second); due < what.first) continue;
        next->second = what.last + 1;
        return;
    }
    // Nothing had come: from here on.
    for (const auto& [publication, all] : topics_) {
        if (all.count(what.last) != 0) to.next.try_emplace(publication, what.last + 1);
    }
}

bool pub_sub_checker::complete(std::size_t subscriber, std::uint64_t publication) const {
    const reader& one = readers_[subscriber];
    const auto next = one.next.find(publication);
    const offset from = next == one.next.end() ? 0 : next->second;
    return first_wanted(one, publication, from) == offset_max;
}

std::string pub_sub_checker::words(std::size_t subscriber, std::uint64_t publication) const {
    const auto next = readers_[subscriber].next.find(publication);
    return "subscriber " + std::to_string(subscriber) + " of publication " + std::to_string(publication) +
           ", at offset " + (next == readers_[subscriber].next.end() ? "none" : std::to_string(next->second));
}

}  // namespace godwit::detail
