// receiver: links as they come, and as they go. What comes by them: receiver_batches.cpp.
#include <algorithm>
#include <tuple>
#include <utility>

#include "ack_retry/receiver.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

void receiver::greet(hello& ours) {
    const credit window{options_.credit_bytes, options_.credit_messages};
    ours.window_messages = window.messages();
    ours.window_bytes = window.bytes();
    if (const layer* const memory = layers_.memory()) {
        const memory_identity what = memory->memory();
        ours.scope = what.scope;
        ours.epoch = what.epoch;
        ours.next.emplace_back(what.nonce, 0);
    }
    layers_.list_codecs(ours.codecs);
    list_holds(ours.holds);
}

status receiver::meet(const hello& theirs) {
    layer* const memory = layers_.memory();
    if (memory == nullptr) return {};
    sender_greeting said{.stream = theirs.stream, .floor = theirs.floor, .live_below = theirs.below_floor};
    if (theirs.epoch != 0 && !theirs.next.empty()) {
        said.epoch = theirs.epoch;
        std::tie(said.nonce, said.epoch_first) = theirs.next.front();
    }
    return memory->met(said);
}

// What is in hand, and what is settled and maybe not heard of; what only waits is dropped with its link, so it is not said.
void receiver::list_holds(std::vector<attempted_range>& into) const {
    const auto add = [&](stream_id stream, offset_range what, std::uint32_t attempt) {
        if (!into.empty() && into.back().stream == stream && into.back().attempt == attempt &&
            into.back().what.last + 1 == what.first) {
            into.back().what.last = what.last;
        } else if (into.size() < link_ranges_max) {
            into.push_back({stream, what, attempt});
        }
    };
    for (const auto& [number, link] : links_) {
        for (const taken_batch* at = link->first; at != nullptr; at = at->behind) {
            std::uint32_t left = at->records - at->unread;
            for_each_record(*at, at->held->batch.view.begin_position(), [&](const record_view& record) {
                if (left == 0) return;
                --left;
                if (waits(*at, record.at) || at->settled.untold(record.at))
                    add(at->stream, {record.at, record.at}, at->attempt);
            });
        }
    }
    for (const auto& [number, link] : links_) {
        link->for_each_untold([&](const auto& one) { add(one.stream, one.what, one.attempt); });
    }
    for (const auto& [number, link] : links_) {
        link->told.for_each([&](const auto& one) { add(one.stream, one.what, one.attempt); });
    }
}

receiving_link* receiver::link_of(link_number number) noexcept {
    const auto found = links_.find(number);
    return found == links_.end() ? nullptr : found->second.get();
}

// Where what is in hand of that stream is. The other side may have given us up, or we it, and the other not.
receiver::link_map::iterator receiver::former(const hello& theirs, link_number resumed) {
    const auto named = resumed == 0 ? links_.end() : links_.find(resumed);
    if (named != links_.end()) return named;
    return std::find_if(links_.begin(), links_.end(), [&](const auto& one) {
        return one.second->away && one.second->identity == theirs.identity && one.second->stream == theirs.stream;
    });
}

void receiver::joined(link_number number, const hello& theirs, link_number resumed) {
    range_set live_below;
    for (const offset_range& live : theirs.below_floor) live_below.add(live);
    const auto old = former(theirs, resumed);
    if (old != links_.end()) {
        if (!old->second->away) left(resumed, link_end::superseded);
        auto node = links_.extract(old);
        keep_joined(node.key(), number);
        node.key() = number;
        resume(*links_.insert(std::move(node)).position->second, number);
    } else {
        const credit window{options_.credit_bytes, options_.credit_messages};
        links_.insert_or_assign(number, std::make_unique<receiving_link>(number, window));
    }
    receiving_link& link = *links_.at(number);
    if (exact_) {
        link.agreement.use();
        link.passed_told = 1;
        inbox_.let_pass(link.lane, link.agreement.may_pass());
    }
    link.identity = theirs.identity;
    link.stream = theirs.stream;
    for (const auto& one : link.told.take_unheard(theirs.floor, live_below)) acks_.add(link, one);
    answer_for_claims(link, theirs, live_below);
    // An older incarnation will not come again. With a memory what is in hand of it goes on, and copies of it wait.
    std::erase_if(links_, [&](const auto& one) {
        receiving_link& other = *one.second;
        if (!other.away || other.identity != theirs.identity) return false;
        if (layers_.memory() != nullptr && other.first != nullptr) {
            other.over = any_over_ = true;
            return false;
        }
        abandon(other);
        return true;
    });
}

void receiver::resume(receiving_link& link, link_number as) {
    link.number = as;
    link.away = link.over = false;
    link.has_resumed = true;
    link.window = credit{options_.credit_bytes, options_.credit_messages};
    link.lane.passed = link.passed_told = 0;
    link.received = link.received_told = 0;
    link.untold = static_cast<std::uint32_t>(link.next_records);
    // The window counts what comes from now on: which of our claims the sender knows, and counts, is its to say.
    for (const taken_batch* at = link.first; at != nullptr; at = at->behind) {
        link.untold += at->settled.untold();
        at->held->link = as;
    }
    acks_.note(link);
    want_step_within(0ns);
}

// What our greeting said that we have, and we have no more: it was settled, and told by a way that may be cut. The sender
// knows by the attempt whether it heard; of what it says to be settled it has.
void receiver::answer_for_claims(receiving_link& link, const hello& theirs, const range_set& live_below) {
    const stream_id stream = theirs.stream;
    for (const auto& claim : claimed_) {
        if (claim.stream != stream) continue;
        range_set missing;
        missing.add(claim.what);
        live_.for_each_beside(stream, claim.what, [&](const taken_batch& of) {
            for_each_record(of, of.held->batch.view.begin_position(), [&](const record_view& record) {
                if (waits(of, record.at) || of.settled.untold(record.at)) missing.remove(record.at);
            });
        });
        link.for_each_untold([&](const auto& one) {
            if (one.stream == stream && one.attempt == claim.attempt) missing.remove(one.what);
        });
        const auto give_back = [&](offset_range what) {
            if (layers_.memory() == nullptr)
                return acks_.add(link, {stream, what, claim.attempt, how::returned, 0, {}});
            for (offset at = what.first; at <= what.last; ++at) {
                const how outcome = layers_.remembers(stream, at) ? how::acked : how::returned;
                acks_.add(link, {stream, {at, at}, claim.attempt, outcome, 0, {}});
            }
        };
        for (const auto& range : missing.ranges()) {
            if (range.last >= theirs.floor) give_back({std::max(range.first, theirs.floor), range.last});
            if (range.first >= theirs.floor) continue;
            live_below.for_each_in({range.first, std::min(range.last, theirs.floor - 1)}, give_back);
        }
    }
    claimed_.clear();
}

void receiver::left(link_number number, link_end why) {
    receiving_link* const link = link_of(number);
    if (link == nullptr) return;
    acks_.remember(*link);
    link->away = true;
    acks_.forget(*link);
    for (taken_batch* at = link->first; at != nullptr;) {
        taken_batch& of = *std::exchange(at, at->behind);
        drop_waiting(of, false);
        if (of.finished()) finish(of);
    }
    if (why != link_end::goodbye && why != link_end::closed) return;
    // A handler goes on, whatever becomes of the link: a copy that comes by another one is joined to it.
    if (link->first == nullptr) {
        links_.erase(number);
    } else {
        link->over = any_over_ = true;
    }
}

void receiver::refuse(link_number number, const error& why) {
    ++counted_.malformed;
    out_.refuse(number, why.code(), why.what());
    left(number, link_end::closed);
}

void receiver::tell(link_number number) {
    if (receiving_link* const link = link_of(number)) acks_.tell(*link);
}

void receiver::floor_moved(link_number number, offset to) {
    receiving_link* const link = link_of(number);
    if (link == nullptr) return;
    link->told.heard_below(to);
    if (layers_.memory() != nullptr) layers_.memory()->floor_moved(link->stream, to);
}

void receiver::agreed(link_number number, std::uint64_t handed) {
    receiving_link* const link = link_of(number);
    if (link == nullptr || link->away) return;
    link->agreement.agreed(handed);
    let_pass(*link);
}

// What was dropped meanwhile counts as passed: it may be at its limit already.
void receiver::let_pass(receiving_link& link) {
    inbox_.let_pass(link.lane, link.agreement.may_pass());
    if (link.lane.waiting != nullptr && link.lane.passed >= link.lane.may_pass) tell_ahead();
}

void receiver::hold_up(link_number number, bool all) {
    receiving_link* const link = link_of(number);
    if (link == nullptr) return;
    link->agreement.hold_up(all);
    let_pass(*link);
}

// Those at their limit say what they mean to hand out next.
void receiver::tell_ahead() {
    now();
    for (auto& [number, link] : links_) {
        if (link->away || link->lane.waiting == nullptr || link->lane.passed < link->lane.may_pass) continue;
        if (link->agreement.wants_more(link->lane.passed, now_)) acks_.tell(*link);
    }
}

// Those that were joined to what is in hand are told by the link that has taken their own one's place.
void receiver::keep_joined(link_number before, link_number now) noexcept {
    for (const auto& one : batches_) {
        for (auto& copy : one->joined) {
            if (copy.link == before) copy.link = now;
        }
    }
}

bool receiver::keeps_any() const noexcept {
    return layers_.memory() != nullptr && std::any_of(links_.begin(), links_.end(), [](const auto& one) {
               return !one.second->away && !one.second->being_kept.empty();
           });
}

void receiver::look_at_memory() {
    for (const auto& [number, link] : links_) acks_.kept(*link);
    if (!health_) return;
    health_ = layers_.memory()->health();
    if (!health_) world_.port.report(event_kind::memory_failed, 0, health_.error().what());
}

void receiver::abandon(receiving_link& link) {
    acks_.remember(link);
    acks_.forget(link);
    while (link.first != nullptr) {
        taken_batch& of = *link.first;
        drop_waiting(of, false);
        if (layers_.memory() != nullptr) {
            for_each_record(of, of.held->batch.view.begin_position(), [&](const record_view& record) {
                if (!of.settled.contains(record.at)) layers_.let_go(of.stream, {record.at, record.at});
            });
        }
        in_hand_ -= of.in_hand;
        unlink(of);
    }
    inbox_.drop(link.lane);
}

void receiver::forget_over() {
    any_over_ = false;
    std::erase_if(links_, [&](const auto& one) {
        receiving_link& link = *one.second;
        if (!link.over || link.first != nullptr) {
            any_over_ = any_over_ || link.over;
            return false;
        }
        acks_.forget(link);
        return true;
    });
}

}  // namespace godwit::detail
