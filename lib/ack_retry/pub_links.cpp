// A publisher's subscribers: who comes, goes, acks, and asks for what; and what is told of them.
#include <algorithm>
#include <string>
#include <utility>

#include "ack_retry/pub_protocol.hpp"
#include "ack_retry/topic_filter.hpp"
#include "base/rights.hpp"
#include "godwit/subscription.hpp"

namespace godwit::detail {

// The floor is from where a subscriber that starts at the next gets everything.
void pub_protocol::greet(hello& ours) {
    ours.stream = log_->stream();
    ours.floor = log_->next();
}

status pub_protocol::meet(const hello& theirs) {
    if (theirs.own != pattern::sub) return error{errc::mismatch, name(theirs.own), "a pub sends to a sub"};
    link_filters trial{filters_};
    for (const std::string& each : theirs.filters) {
        if (auto ok = trial.add(each); !ok) return ok;
    }
    return {};
}

pub_cursor pub_protocol::cursor_for(const hello& theirs, link_number resumed) {
    const offset first = log_->first();
    const auto had = std::ranges::find(theirs.next, log_->stream(), [](const auto& one) { return one.first; });
    std::optional<remembered> known;
    if (const auto found = remembered_.find(resumed); found != remembered_.end()) {
        known = found->second;
        remembered_.erase(found);
    }
    if (had == theirs.next.end()) {
        const bool all = theirs.from == static_cast<std::uint8_t>(start::first);
        return pub_cursor{all ? first : log_->next()};
    }
    // All that went has come: what was passed over then need not be looked at again.
    if (known && known->sent_below <= had->second && had->second <= known->next) {
        pub_cursor made{known->gap ? known->gap->first : known->next};
        if (known->gap) made.dropped(*known->gap);
        made.passes(known->next - 1);
        if (made.next() < first) made.dropped({made.next(), first - 1});
        return made;
    }
    pub_cursor made{std::min(had->second, log_->next())};
    if (made.next() < first) made.dropped({made.next(), first - 1});
    return made;
}

void pub_protocol::joined(link_number link, const hello& theirs, link_number resumed) {
    if (subscribers_.contains(resumed)) left(resumed, link_end::lost);  // it has come by another way
    flush();  // what was sent before it came is not for it, unless it wants the first
    subscriber made{link, link_filters{filters_}, cursor_for(theirs, resumed)};
    made.cursor.window(theirs.window_messages, theirs.window_bytes);
    made.complete = theirs.window_messages > 0;
    for (const std::string& each : theirs.filters) {
        if (!may_have(link, each)) continue;
        if (auto ok = made.filters.add(each); !ok) break;  // meet() has tried them
    }
    auto& one = subscribers_.emplace(link, std::move(made)).first->second;
    news_ = true;
    pump(one);
}

// Every topic that it stands for must be within the subscriber's rights.
bool pub_protocol::may_have(link_number link, std::string_view filter) {
    const auto may = links().rights_of(link);
    if (may == nullptr) return true;
    const auto parsed = topic_filter::parse(filter);
    if (!parsed) return true;  // it is refused for that
    if (may_speak(*may, pattern::sub, parsed->lead())) return true;
    std::string words = "key ";
    words.append(links().key_of(link)).append(": it has no right to topic ").append(parsed->lead().substr(0, 256));
    links().report(event_kind::subscription_refused, link, words);
    return false;
}

void pub_protocol::remove(std::map<link_number, subscriber>::iterator which) {
    which->second.draining = true;
    count(which->second);
    subscribers_.erase(which);
    news_ = true;
}

void pub_protocol::left(link_number link, link_end why) {
    if (const auto found = subscribers_.find(link); found != subscribers_.end()) {
        const pub_cursor& cursor = found->second.cursor;
        if (why == link_end::lost) remembered_[link] = {cursor.next(), cursor.sent_below(), cursor.gap()};
        remove(found);
    }
    if (why != link_end::lost) remembered_.erase(link);
    maybe_flush();
}

void pub_protocol::drains(link_number link) {
    const auto found = subscribers_.find(link);
    if (found == subscribers_.end()) return;
    found->second.draining = true;
    count(found->second);
    news_ = true;
    maybe_flush();
}

void pub_protocol::took(link_number link, ack_frame&& acks) {
    const auto found = subscribers_.find(link);
    if (found == subscribers_.end()) return;
    subscriber& one = found->second;
    one.cursor.window(acks.window_messages, acks.window_bytes);
    one.complete = true;
    for (const auto& each : acks.ranges) {
        if (each.stream == log_->stream()) acked_ += one.cursor.acked(each.what);
    }
    if (draining_) news_ = true;
    pump(one);
    maybe_flush();
}

void pub_protocol::took(link_number link, filter_frame&& change) {
    const auto found = subscribers_.find(link);
    if (found == subscribers_.end()) return;
    flush();  // it counts from here
    subscriber& one = found->second;
    if (change.add) {
        if (!may_have(link, change.filter)) return;
        if (auto ok = one.filters.add(change.filter); !ok) {
            world().port.report(event_kind::over_limit, 0, ok.error().what());
            links().send(link, refuse_frame{ok.error().code(), ok.error().what()});
            return;
        }
        one.interested = true;
    } else {
        one.filters.remove(change.filter);
    }
    news_ = true;
    pump(one);
}

std::size_t pub_protocol::subscribers(std::string_view topic) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        subscribers_, [&](const auto& each) { return !each.second.draining && each.second.filters.wants(topic); }));
}

std::optional<outcome> pub_protocol::outcome_of(offset at, stage wanted) const {
    if (!log_ || at >= log_->next()) return std::nullopt;
    const stage reaches = world().log.reaches();
    if (wanted != stage::stored && wanted != stage::durable) return outcome::accepted;
    if (reaches < wanted) return outcome::accepted;  // it can never come
    if (at >= log_->visible()) return std::nullopt;
    return wanted == stage::stored ? outcome::stored : outcome::durable;
}

delivery_stats pub_protocol::stats() const {
    delivery_stats sum;
    if (!log_) return sum;
    sum.stored_bytes = log_->bytes_used();
    sum.unsettled = unsettled();
    for (const auto& [link, one] : subscribers_) sum.in_flight += one.cursor.messages_in_flight();
    sum.acked = acked_;
    sum.gaps = gaps_;
    sum.links = links().count();
    sum.malformed = links().malformed();
    sum.fenced = links().fenced();
    return sum;
}

std::uint64_t pub_protocol::unsettled() const {
    if (!log_) return 0;
    std::uint64_t most = 0;
    for (const auto& [link, one] : subscribers_) {
        if (one.draining) continue;
        most = std::max(most, log_->next() - one.cursor.next() + one.cursor.messages_in_flight());
    }
    return most;
}

// What has been sent still goes out: only nothing new comes in.
void pub_protocol::drain() {
    draining_ = true;
    if (log_) flush();
}

std::unique_ptr<delivery_protocol> make_pub(const ack_retry& options) {
    return std::make_unique<pub_protocol>(options);
}

}  // namespace godwit::detail
