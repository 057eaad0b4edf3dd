// Links that come, settle and go.
#include <algorithm>

#include "ack_retry/sender_half.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t named_ranges_max = 4096;
constexpr std::uint64_t stale_max = 65'536;  // counted of one range: a stranger may claim any
constexpr std::string_view lost_words = "its receiver was lost";
constexpr std::uint64_t untold_max = 64;  // records that a receiver may have handed out and died before it could tell

}  // namespace

void sender_half::greet(hello& ours) const {
    ours.stream = stream_;
    ours.below_floor.clear();
    ours.floor = dispatcher_.records().tight_floor(named_ranges_max, ours.below_floor);
    ours.epoch = with_.log.epoch();
    if (ours.epoch != 0) ours.next.emplace_back(with_.log.nonce(), with_.log.epoch_first(stream_));
}

status sender_half::meet(const hello& theirs) {
    return scopes_.met(theirs.scope, theirs.epoch, theirs.next.empty() ? endpoint_id{} : theirs.next.front().first);
}

void sender_half::joined(link_number link, const hello& theirs, link_number resumed) {
    outlet now;
    now.link = link;
    now.scope = theirs.scope;
    now.window_messages = theirs.window_messages;
    now.window_bytes = theirs.window_bytes;
    if (with_.judge != nullptr) {
        now.handed = 1;  // the first may be handed out unheard
        const auto known = std::find_if(theirs.next.begin(), theirs.next.end(),
                                        [this](const auto& one) { return one.first == stream_; });
        now.memory = known == theirs.next.end() ? memory_of(our_tag_) : known->second;
    }
    if (resumed != 0) {
        if (auto still_here = outlets_.remove(resumed)) {
            if (with_.judge != nullptr) give_back(*still_here);
            miss(std::move(*still_here), false);
        }
    }
    for (std::size_t i = 0; i < absent_.size();) {
        absence& one = absent_[i];
        const bool same = resumed != 0 && one.what.link == resumed;
        if (!same && !may_move(one.what) && !(one.for_good && one.what.scope == theirs.scope)) {
            ++i;
            continue;
        }
        absence back = std::move(one);
        absent_.erase(absent_.begin() + static_cast<std::ptrdiff_t>(i));
        if (same) {
            resume(back.what, now, theirs);
        } else if (may_move(back.what)) {
            charge(back.what, true);
        } else {
            keep_held(back.what, now, theirs);
            bequeath(back.what, now, true);
        }
    }
    outlets_.add(std::move(now));
    news_ = true;
    wake();
}

// What it says that it holds stays in flight: it will answer for it.
void sender_half::keep_held(outlet& old, outlet& now, const hello& theirs) const {
    for (const attempted_range& held : theirs.holds) {
        if (held.stream != stream_ || held.what.last < held.what.first) continue;
        while (const auto run = old.out.take(held.what, held.attempt)) now.out.carried_over(*run);
    }
}

// The rest goes to it again.
void sender_half::resume(outlet& old, outlet& now, const hello& theirs) {
    keep_held(old, now, theirs);
    // It has forgotten, and may have executed them.
    if (with_.judge != nullptr && old.memory != now.memory) return charge(old, true);
    while (const auto run = old.out.take_any()) {
        for_each_live(run->what, [&](offset_range what) { now.owed[run->attempt].add(what); });
    }
    for (auto& [attempt, ranges] : old.owed) {
        for (const offset_range& range : ranges.ranges()) now.owed[attempt].add(range);
    }
}

// How many of its first records were handed out, or may just have been.
std::uint64_t sender_half::in_hand(const outlet& of, const flights::run& run) const noexcept {
    return run.in_hand(with_.judge != nullptr ? of.handed - 1 : of.handed);
}

// Calls each(range, attempt, whether it was in hand). In a flood a receiver tells what it hands out batch by batch, and what
// it says at its very end may die with it: the rest of the batch that it has begun, and some behind it, may have been.
template <class F>
void sender_half::for_each_run(outlet& gone, F&& each) {
    while (const auto run = gone.out.take_any()) {
        const offset begin = run->what.first, fresh = begin + in_hand(gone, *run);
        if (fresh > begin)
            for_each_live({begin, fresh - 1}, [&](offset_range part) { each(part, run->attempt, handling::yes); });
        if (fresh > run->what.last) continue;
        const bool near = run->ordinal <= gone.handed + untold_max;
        const handling rest = fresh > begin || near ? handling::maybe : handling::no;
        for_each_live({fresh, run->what.last}, [&](offset_range part) { each(part, run->attempt, rest); });
    }
    for (auto& [attempt, ranges] : gone.owed) {
        for (const offset_range& range : ranges.ranges())
            each(range, attempt, with_.judge != nullptr ? handling::yes : handling::no);
    }
    gone.owed.clear();
}

void sender_half::charge(outlet& gone, bool in_hand_counts) {
    for_each_run(gone, [&](offset_range what, std::uint32_t attempt, handling how) {
        if (how == handling::maybe && in_hand_counts && with_.judge == nullptr)
            return dispatcher_.suspected(what, attempt);
        if (how != handling::yes || !in_hand_counts) return dispatcher_.returned(what, attempt);
        for (offset at = what.first; at <= what.last; ++at) doubt(at, attempt, gone.link, lost_words, true);
    });
}

void sender_half::bequeath(outlet& gone, outlet& heir, bool in_hand_counts) {
    for_each_run(gone, [&](offset_range what, std::uint32_t attempt, handling how) {
        if (how != handling::yes || !in_hand_counts) return static_cast<void>(heir.owed[attempt].add(what));
        for (offset at = what.first; at <= what.last; ++at) {
            if (dispatcher_.failed_in_place(at, attempt, lost_words)) heir.owed[attempt + 1].add(at);
        }
    });
}

// Of what was in hand there, a repeat elsewhere is allowed.
bool sender_half::may_move(const outlet& one) const noexcept { return one.scope.empty() && with_.judge == nullptr; }

// Its scope may have handled what we have heard nothing of: nobody else gets it before evict_after.
void sender_half::miss(outlet&& gone, bool for_good) {
    if (gone.out.empty() && gone.owed.empty()) return;
    absent_.push_back({std::move(gone), for_good, with_.time.now()});
}

void sender_half::left(link_number link, link_end why) {
    auto gone = outlets_.remove(link);
    news_ = true;
    if (!gone) {
        const auto found =
            std::find_if(absent_.begin(), absent_.end(), [&](const absence& one) { return one.what.link == link; });
        if (found == absent_.end()) return;
        gone = std::move(found->what);
        absent_.erase(found);
    }
    if (with_.judge != nullptr) give_back(*gone);
    if (why == link_end::goodbye && may_move(*gone)) {
        charge(*gone, false);
    } else if (why == link_end::goodbye && with_.judge != nullptr) {
        charge(*gone, true);
    } else if (gone->scope.empty() && with_.judge != nullptr && why == link_end::lost) {
        repeat_or_wait(*gone);
        miss(std::move(*gone), false);
    } else if (may_move(*gone) && why == link_end::lost && outlets_.all().empty()) {
        miss(std::move(*gone), false);  // nobody else could have it now, and what it has settled may come yet
    } else if (gone->scope.empty()) {
        charge(*gone, true);
    } else {
        if (why == link_end::goodbye) give_back_unseen(*gone);
        const auto heir = std::find_if(outlets_.all().begin(), outlets_.all().end(),
                                       [&](const outlet& one) { return one.scope == gone->scope && !one.draining; });
        if (why != link_end::lost && heir != outlets_.all().end()) {
            bequeath(*gone, *heir, true);
        } else {
            miss(std::move(*gone), why != link_end::lost);
        }
    }
    wake();
}

// What had not come when its receiver said good-bye was not handled there.
void sender_half::give_back_unseen(outlet& gone) {
    while (const auto run = gone.out.take_beyond(gone.received)) {
        for_each_live(run->what, [&](offset_range part) { dispatcher_.returned(part, run->attempt); });
    }
}

// It has waited for its scope as long as it may: anybody gets it now, and it may be handled twice.
void sender_half::evict(outlet& gone) {
    std::uint64_t records = gone.out.messages();
    for (const auto& [attempt, ranges] : gone.owed) records += ranges.count();
    if (!gone.scope.empty()) {
        evicted_ += records;
        with_.port.report(event_kind::possible_repeat, 0,
                          std::to_string(records) + " records left scope " + to_string(gone.scope));
    }
    charge(gone, true);
}

void sender_half::took(link_number link, const ack_frame& acks) {
    outlet* const from = outlets_.find(link);
    if (from == nullptr) return;
    from->received = std::max(from->received, acks.received);
    from->handed = std::max(from->handed, acks.handed);
    from->window_messages = acks.window_messages;
    from->window_bytes = acks.window_bytes;
    for (const ack_frame::settled& said : acks.ranges) settle(*from, said);
    after_ends();
    news_ = true;
    wake();
}

// Only what is in flight to that link at that attempt is settled; all else changes nothing, and counts.
void sender_half::settle(outlet& from, const ack_frame::settled& said) {
    if (said.what.last < said.what.first) return;
    using how = ack_frame::settled::how;
    if (with_.judge != nullptr && said.outcome == how::acked) return;  // what it came to is on its way
    std::uint64_t done = 0;
    const bool ours = said.stream == stream_;
    while (const auto run = ours ? from.out.take(said.what, said.attempt) : std::nullopt) {
        done += run->what.count();
        for_each_live(run->what, [&](offset_range live) { settle(from, said, live); });
    }
    if (ours && said.outcome != how::returned) done += settle_owed(from, said);
    if (ours && done > 0 && done == said.what.count()) return;
    stale_ += std::min(said.what.count() - done, stale_max);
}

// It had it from an earlier session, and was to get it again.
std::uint64_t sender_half::settle_owed(outlet& from, const ack_frame::settled& said) {
    const auto owed = from.owed.find(said.attempt);
    if (owed == from.owed.end()) return 0;
    short_list<offset_range, 8> had;
    owed->second.for_each_in(said.what, [&](offset_range part) { had.push_back(part); });
    const std::uint64_t count = owed->second.remove(said.what);
    if (owed->second.empty()) from.owed.erase(owed);
    for (const offset_range part : had.view()) settle(from, said, part);
    return count;
}

void sender_half::settle(outlet& from, const ack_frame::settled& said, offset_range live) {
    using how = ack_frame::settled::how;
    if (said.outcome == how::acked) return dispatcher_.acked(live);
    if (said.outcome == how::returned) return dispatcher_.returned(live, said.attempt);
    for (offset at = live.first; at <= live.last; ++at) {
        if (said.outcome == how::refused) {
            dispatcher_.refused(at, said.attempt, said.why);
        } else if (said.outcome == how::crashed) {
            doubt(at, said.attempt, from.link, said.why, false);
        } else {
            dispatcher_.failed(at, said.attempt, std::chrono::milliseconds{said.delay_ms}, said.why);
        }
    }
}

void sender_half::drains(link_number link) {
    if (outlet* const one = outlets_.find(link)) one->draining = true;
    wake();
}

void sender_half::may_write() {
    for (outlet& one : outlets_.all()) one.busy = false;
    wake();
}

}  // namespace godwit::detail
