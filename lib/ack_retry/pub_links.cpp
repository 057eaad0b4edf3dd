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
    ours.epoch = world().log.epoch();
}

status pub_protocol::meet(const hello& theirs) {
    if (theirs.own != pattern::sub) return error{errc::mismatch, name(theirs.own), "a pub sends to a sub"};
    link_filters trial{filters_};
    for (const std::string& each : theirs.filters) {
        if (auto ok = trial.add(each); !ok) return ok;
    }
    if (holds_ && !theirs.name.empty() && !holds_->has_room(theirs.name))
        return error{errc::full, theirs.name, "65,536 holds are as many as a publisher keeps"};
    const auto had = std::ranges::find(theirs.next, log_->stream(), [](const auto& one) { return one.first; });
    if (holds_ && had != theirs.next.end() && had->second > log_->next())
        return error{errc::conflict, "an older copy of the journal: it has had records up to " +
                                         std::to_string(had->second - 1) + " of the stream"};
    return {};
}

pub_cursor pub_protocol::cursor_for(const hello& theirs, link_number resumed) {
    const offset dropped_below = log_->dropped_below();
    const auto had = std::ranges::find(theirs.next, log_->stream(), [](const auto& one) { return one.first; });
    std::optional<remembered> known;
    if (const auto found = remembered_.find(resumed); found != remembered_.end()) {
        known = found->second;
        remembered_.erase(found);
    }
    if (had == theirs.next.end()) return start_of(theirs);
    // All that went has come: what was passed over then need not be looked at again.
    if (known && known->sent_below <= had->second && had->second <= known->next) {
        pub_cursor made{known->gap ? known->gap->first : known->next};
        if (known->gap) made.dropped(*known->gap);
        made.passes(known->next - 1);
        if (made.next() < dropped_below) made.dropped({made.next(), dropped_below - 1});
        return made;
    }
    return going_on_at(std::min(had->second, log_->next()));
}

pub_cursor pub_protocol::going_on_at(offset next) const {
    pub_cursor made{next};
    if (const offset end = log_->dropped_below(); next < end) made.dropped({next, end - 1});
    return made;
}

// Of one that has had nothing.
pub_cursor pub_protocol::start_of(const hello& theirs) const {
    if (holds_ && !theirs.name.empty()) {
        if (const auto held = holds_->find(theirs.name)) return going_on_at(std::min(*held, log_->next()));
    }
    const offset first = log_->first(), next = log_->next();
    switch (static_cast<start>(theirs.from)) {
        case start::first:
            return pub_cursor{first};
        case start::last:
            return pub_cursor{log_->last()};
        case start::at:
            return going_on_at(std::min(theirs.floor, next));
        case start::since:
            return pub_cursor{std::min(log_->first_since(wall_time{std::chrono::milliseconds{theirs.floor}}), next)};
        default:
            return pub_cursor{next};
    }
}

void pub_protocol::hold(const subscriber& one) {
    if (holds_ && !one.name.empty()) holds_->moved(one.name, one.cursor.position());
}

void pub_protocol::joined(link_number link, const hello& theirs, link_number resumed) {
    if (subscribers_.contains(resumed)) left(resumed, link_end::lost);  // it has come by another way
    flush();  // what was sent before it came is not for it, unless it wants the first
    subscriber made{link, link_filters{filters_}, cursor_for(theirs, resumed), holds_ ? theirs.name : std::string{}};
    const bool is_new = std::ranges::none_of(theirs.next, [&](const auto& one) { return one.first == log_->stream(); });
    if (is_new && theirs.from == static_cast<std::uint8_t>(start::since))
        made.since = wall_time{std::chrono::milliseconds{theirs.floor}};
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
    if (holds_ && holds_->changed() && world().time.now() >= holds_told_ + pub_holds::telling_every)
        world().port.ring();  // a step tells the log
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
    sum.unsettled = behind();
    for (const auto& [link, one] : subscribers_) sum.in_flight += one.cursor.messages_in_flight();
    sum.acked = acked_;
    sum.gaps = gaps_;
    sum.links = links().count();
    sum.malformed = links().malformed();
    sum.fenced = links().fenced();
    return sum;
}

// What is kept is got from who opens the log next.
std::uint64_t pub_protocol::unsettled() const { return !log_ ? 0 : holds_ ? log_->unkept() : behind(); }

std::uint64_t pub_protocol::behind() const {
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
    if (!log_) return;
    flush();
    tell_holds(world().time.now());
}

std::unique_ptr<delivery_protocol> make_pub(const ack_retry& options) {
    return std::make_unique<pub_protocol>(options);
}

}  // namespace godwit::detail
