// What a sender is asked about its records.
#include "ack_retry/sender_half.hpp"
#include "base/message_of.hpp"

namespace godwit::detail {

std::optional<outcome> sender_half::outcome_of(offset at, stage wanted) const {
    if (at >= open_.next()) return std::nullopt;
    const ledger& records = dispatcher_.records();
    if (wanted == stage::accepted) return outcome::accepted;
    if (wanted == stage::stored || wanted == stage::durable) {
        if (with_.log.reaches() < wanted) return outcome::accepted;  // can never come
        if (at >= kept_below_) return std::nullopt;
        return wanted == stage::stored ? outcome::stored : outcome::durable;
    }
    if (records.is_settled(at)) return dispatcher_.ends().of_settled(at);
    const auto special = records.specials.find(at);
    const bool is_special = special != records.specials.end();
    if (is_special && special->second.died) return detail::outcome_of(special->second.died->why);
    if (wanted == stage::processed) return std::nullopt;
    if (is_special && special->second.attempts > 0) return outcome::received;
    for (const outlet& one : outlets_.all()) {
        if (const auto* run = one.out.find(at); run != nullptr && run->received(one.received)) return outcome::received;
    }
    return std::nullopt;
}

std::uint64_t sender_half::settled_below() const { return dispatcher_.records().decided_below(); }

tried sender_half::dead_letters(offset from, std::size_t at_most, std::vector<dead_letter>& out) const {
    const auto& specials = dispatcher_.records().specials;
    if (dispatcher_.records().dead == 0) return tried::done;
    for (auto one = specials.lower_bound(from); one != specials.end() && out.size() < at_most; ++one) {
        const auto& [at, record] = *one;
        if (!record.died) continue;
        const read_batch read = with_.log.read(stream_, at);
        if (read.answer == log_answer::pending) return tried::would_block;
        record_view view;
        if (read.answer != log_answer::done || !read.batch.view.find(at, view)) continue;
        auto content = message_of(view);
        if (!content) continue;
        out.push_back({stream_, at, record.died->why, record.attempts, record.died->detail, record.died->when,
                       std::move(*content)});
    }
    return tried::done;
}

tried sender_half::requeue(offset dead, status& why) {
    // Its key is in its content.
    if (options_.ordered_by_key && with_.log.read(stream_, dead).answer == log_answer::pending)
        return tried::would_block;
    if (!dispatcher_.requeue(dead))
        return why = error{errc::not_found, std::to_string(dead), "it is no dead letter"}, tried::failed;
    wake();
    return tried::done;
}

status sender_half::discard(offset dead) {
    if (!dispatcher_.discard(dead)) return error{errc::not_found, std::to_string(dead), "it is no dead letter"};
    after_ends();
    wake();
    return {};
}

void sender_half::fill(delivery_stats& out) const {
    const ledger& records = dispatcher_.records();
    const auto& counts = dispatcher_.counts();
    out.stored_bytes = with_.log.bytes_used();
    out.unsettled = unsettled();
    out.in_flight = records.in_flight;
    out.acked = counts.acked;
    out.nacked = counts.nacked;
    out.redelivered = counts.redelivered;
    out.dead = records.dead;
    out.expired = counts.expired;
    out.refused = counts.refused;
    out.stale_settlements = stale_;
    out.evicted = evicted_;
    out.links = outlets_.all().size();
}

}  // namespace godwit::detail
