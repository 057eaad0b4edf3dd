#include "sim/push_pull_checker.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace godwit::detail {

using namespace std::chrono_literals;

std::string body_of(std::uint64_t number, std::size_t size) {
    std::string out(std::max<std::size_t>(size, 8), '\0');
    std::memcpy(out.data(), &number, 8);
    for (std::size_t at = 8; at < out.size(); ++at) out[at] = static_cast<char>(number + at);
    return out;
}

std::optional<std::uint64_t> number_in(std::string_view body) {
    if (body.size() < 8) return {};
    std::uint64_t number = 0;
    std::memcpy(&number, body.data(), 8);
    for (std::size_t at = 8; at < body.size(); ++at) {
        if (body[at] != static_cast<char>(number + at)) return {};
    }
    return number;
}

std::string push_pull_checker::words(std::uint64_t number) const {
    const checked_record& one = records_[number];
    return "record " + std::to_string(number) + " (sender " + std::to_string(one.sender) + ", offset " +
           std::to_string(one.at) + ", key " + std::to_string(one.key) + ", sent " + std::to_string(one.times_sent) +
           " times, last as attempt " + std::to_string(one.sent_attempt) + ")";
}

bool push_pull_checker::plain(const checked_record& one) const noexcept {
    return one.priority == priority_default && one.delay.count() == 0 && options_.keys == 0;
}

std::uint64_t push_pull_checker::begin(checked_record what) {
    what.incarnation = incarnations_[what.sender].which;
    what.accepted = schedule_.now();
    records_.push_back(what);
    return records_.size() - 1;
}

void push_pull_checker::accepted(std::uint64_t number, offset at) {
    checked_record& one = records_[number];
    one.at = at;
    one.confirmed = true;
    ++confirmed;
    if (!incarnations_[one.sender].numbers.emplace(at, number).second)
        fail("an offset was given twice: " + words(number));
    if (one.key != 0) by_key_[{one.sender, one.key}].push_back(number);
    // What has a time of its own may not be ready.
    if (one.priority != priority_default && one.times_sent == 0 && one.delay.count() == 0 && one.ttl.count() == 0)
        incarnations_[one.sender].ready[one.priority].insert(at);
}

void push_pull_checker::check_key(const checked_record& record, std::uint64_t number) {
    if (record.key == 0) return;
    auto& line = by_key_[{record.sender, record.key}];
    // The sender may know the end of a record before it has told us: then some handler has brought it about.
    const auto may_be_over = [this](const checked_record& one) {
        return one.settled || one.orphan || one.rejected || one.ttl.count() != 0 ||
               one.sent_attempt == options_.sender.attempts_max ||
               (one.acked & std::uint64_t{1} << std::min(one.sent_attempt, 63u)) != 0;
    };
    std::size_t done = 0;
    while (done < line.size() && may_be_over(records_[line[done]])) ++done;
    line.erase(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(done));
    if (line.empty() || line.front() >= number) return;
    fail("order by key: " + words(number) + " goes before " + words(line.front()));
}

// The higher priority first, but one batch of sixteen, which goes to the lowest.
void push_pull_checker::check_priority(const checked_record& record, std::uint64_t number, bool again) {
    incarnation& here = incarnations_[record.sender];
    ++here.since_inversion;
    if (again) return;  // it was that link's already, or its scope's: no turn of a lane
    const auto higher = std::find_if(here.ready.upper_bound(record.priority), here.ready.end(), [&](const auto& lane) {
        return !lane.second.empty() && *lane.second.begin() < here.highest_sent;  // in the log, surely
    });
    if (higher == here.ready.end()) return;
    if (here.since_inversion < 15) {
        fail("priority: " + words(number) + " goes before offset " + std::to_string(*higher->second.begin()) + ", " +
             std::to_string(here.since_inversion) + " batches after another such");
    }
    here.since_inversion = 0;
}

bool push_pull_checker::handed(std::uint32_t receiver, const delivery& what, std::uint64_t& number) {
    ++deliveries;
    const auto found = number_in(what.text());
    if (!found || *found >= records_.size()) return fail("a delivery of nobody's, or damaged"), false;
    number = *found;
    checked_record& one = records_[number];
    ++one.times_handed;
    incarnation& here = incarnations_[receiver];
    in_hand& hand = here.hands[number];
    if (what.at() != one.at) fail("another offset: " + words(number));
    if (what.attempt() < 1 || what.attempt() > options_.sender.attempts_max) fail("attempts_max: " + words(number));
    if (what.attempt() > one.sent_attempt) fail("an attempt that was never sent: " + words(number));
    if (hand.open) fail("handed out twice at once: " + words(number));
    if (what.attempt() < hand.attempt) fail("an older attempt after a newer one: " + words(number));
    if (what.attempt() == hand.attempt || hand.acked) {
        ++duplicates;
        if (!links_ended_) fail("handed out again without any link having been lost: " + words(number));
    }
    if (one.times_sent == 1 && plain(one) && !one.orphan) {
        const auto last = here.fresh.find(one.sender);
        if (last != here.fresh.end() && last->second >= one.at && !links_ended_) {
            fail("order on a link: " + words(number) + " after offset " + std::to_string(last->second));
        }
        here.fresh[one.sender] = one.at;
    }
    hand = {what.attempt(), hand.sent, true, hand.acked && what.attempt() == hand.attempt};
    hand.delivery = deliveries;
    return true;
}

void push_pull_checker::handled(std::uint32_t receiver, std::uint64_t number, std::uint32_t attempt, verdict what) {
    checked_record& one = records_[number];
    in_hand& hand = incarnations_[receiver].hands[number];
    if (what == verdict::extend) {
        hand.extended = true;
        return;
    }
    if (hand.attempt == attempt) hand.open = false;
    if (what == verdict::reject) one.rejected = true;
    if (what != verdict::ack) return;
    // A time limit is never early, and late by its grain at most.
    const auto grain = std::clamp<std::chrono::nanoseconds>(options_.receiver.handler_max / 8, 1ms, 1s) + 20ms;
    const bool late = hand.overdue && schedule_.now() > hand.overdue_since + grain;
    if (hand.attempt == attempt && !hand.overdue) hand.acked = true;
    one.acked |= std::uint64_t{1} << std::min(attempt, 63u);
    // A copy of what was in hand is joined: the ack is its, too.
    if (!late) one.acked |= std::uint64_t{1} << std::min(hand.sent, 63u);
    ++acked;
}

void push_pull_checker::overdue(std::uint32_t receiver, std::uint64_t number, std::uint64_t of_delivery,
                                bool after_extension) {
    in_hand& hand = incarnations_[receiver].hands[number];
    if (hand.delivery != of_delivery || (hand.extended && !after_extension)) return;
    hand.open = false;
    hand.overdue = true;
    hand.overdue_since = schedule_.now();
}

void push_pull_checker::settled(std::uint32_t sender, const settled_record& what) {
    const auto found = incarnations_[sender].numbers.find(what.at);
    if (found == incarnations_[sender].numbers.end())
        return fail("settled, and never accepted: " + std::to_string(what.at));
    const std::uint64_t number = found->second;
    checked_record& one = records_[number];
    if (one.settled) fail("settled twice: " + words(number));
    one.settled = true;
    one.fate = what.what;
    switch (what.what) {
        case outcome::processed:
            if (one.acked == 0)
                return fail("lost: settled as processed, and no handler has acked it: " + words(number));
            // With dedup a later attempt is answered from memory.
            if (!options_.dedup && (one.acked & std::uint64_t{1} << std::min(one.sent_attempt, 63u)) == 0) {
                fail("settled by the ack of an older attempt: " + words(number));
            }
            break;
        case outcome::dead:
            ++dead;
            if (one.sent_attempt != options_.sender.attempts_max)
                fail("dead before its last attempt: " + words(number));
            break;
        case outcome::expired:
            ++dead;
            if (one.ttl.count() == 0) fail("expired without a time to live: " + words(number));
            if (!options_.wall_jumps && schedule_.now() < one.accepted + one.ttl)
                fail("expired too early: " + words(number));
            break;
        case outcome::refused:
            ++dead;
            if (!one.rejected) fail("refused, and no handler has rejected it: " + words(number));
            break;
        default:
            fail("settled as nothing final: " + words(number));
    }
}

void push_pull_checker::restarted(std::uint32_t node) {
    const std::uint64_t which = incarnations_[node].which + 1;
    if (node < options_.senders) {
        for (checked_record& one : records_) {
            if (one.sender == node && !one.settled) one.orphan = true;
        }
        std::erase_if(roads_, [node](const auto& each) { return each.first.first == node; });
    }
    incarnations_[node] = {};
    incarnations_[node].which = which;
    links_ended_ = true;
}

void push_pull_checker::session(std::uint32_t sender, peer_number peer) {
    road& way = roads_[{sender, peer}];
    const std::uint64_t tag = way.tag;
    way = {};
    way.tag = tag;
}

void push_pull_checker::granted(std::uint32_t sender, peer_number peer, std::uint32_t messages, std::uint64_t bytes) {
    road& way = roads_[{sender, peer}];
    way.window_messages = messages;
    way.window_bytes = bytes;
    way.known = true;
}

void push_pull_checker::answered(std::uint32_t sender, peer_number peer, offset_range what) {
    road& way = roads_[{sender, peer}];
    auto at = way.in_flight.lower_bound(what.first);
    while (at != way.in_flight.end() && at->first <= what.last) {
        way.bytes -= at->second;
        const auto found = incarnations_[sender].numbers.find(at->first);
        if (found != incarnations_[sender].numbers.end()) records_[found->second].answered = true;
        at = way.in_flight.erase(at);
    }
}

void push_pull_checker::sent(std::uint32_t sender, std::uint32_t receiver, peer_number peer, std::uint32_t attempt,
                             const batch_view& batch) {
    road& way = roads_[{sender, peer}];
    if (!way.in_flight.empty() &&
        (way.in_flight.size() >= way.window_messages || way.bytes >= way.window_bytes + way.largest)) {
        fail("credit: sender " + std::to_string(sender) + ", peer " + std::to_string(peer) + ": " +
             std::to_string(way.in_flight.size()) + " records, " + std::to_string(way.bytes) +
             " bytes are in flight, granted are " + std::to_string(way.window_messages) + " and " +
             std::to_string(way.window_bytes));
    }
    way.largest = std::max<std::uint64_t>(way.largest, batch.data().size());
    if (way.known && way.in_flight.size() + batch.count() > way.window_messages)
        fail("credit: a batch beyond the window");
    record_view record;
    bool first = true;
    for (std::uint32_t position = batch.begin_position(); batch.next(position, record);) {
        // By the body: what send() has taken may go out before it returns.
        const auto found = number_in(as_text(record.body));
        if (!found || *found >= records_.size()) return fail("sent, and nobody's: " + std::to_string(record.at));
        const std::uint64_t number = *found;
        checked_record& one = records_[number];
        if (!one.confirmed) one.at = record.at;
        if (one.confirmed && one.at != record.at) fail("sent as another offset: " + words(number));
        if (one.settled) fail("resent, although it is settled: " + words(number));
        if (attempt < one.sent_attempt) fail("an attempt smaller than one before: " + words(number));
        if (attempt > options_.sender.attempts_max) fail("attempts_max: " + words(number));
        if (!options_.wall_jumps && schedule_.now() < one.accepted + one.delay) fail("too early: " + words(number));
        check_key(one, number);
        incarnation& here = incarnations_[sender];
        if (auto lane = here.ready.find(one.priority); lane != here.ready.end()) lane->second.erase(record.at);
        // With a scope, what has an unknown outcome goes there before all else, also as another attempt.
        const bool in_doubt = options_.dedup && !one.answered;
        if (std::exchange(first, false))
            check_priority(one, number, one.times_sent > 0 && (in_doubt || one.sent_attempt == attempt));
        one.answered = false;
        here.highest_sent = std::max(here.highest_sent, record.at);
        if (one.times_sent == 0 && plain(one)) {
            if (way.any_fresh && way.fresh >= one.at) fail("order of what is fresh: " + words(number));
            way.fresh = one.at;
            way.any_fresh = true;
        }
        one.sent_attempt = attempt;
        in_hand& hand = incarnations_[receiver].hands[number];
        hand.sent = attempt;
        if (hand.acked) one.acked |= std::uint64_t{1} << std::min(attempt, 63u);  // its ack was lost, and is said again
        ++one.times_sent;
        const auto [place, fresh] = way.in_flight.emplace(record.at, record.whole.size());
        if (fresh) way.bytes += place->second;
    }
}

std::uint64_t push_pull_checker::open_of(std::uint32_t sender) const {
    return static_cast<std::uint64_t>(std::count_if(records_.begin(), records_.end(), [sender](const auto& one) {
        return one.sender == sender && one.confirmed && !one.settled && !one.orphan;
    }));
}

}  // namespace godwit::detail
