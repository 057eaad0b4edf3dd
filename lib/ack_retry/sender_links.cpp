// Links that come, settle and go.
#include <algorithm>

#include "ack_retry/sender_half.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t named_ranges_max = 4096;
constexpr std::uint64_t stale_max = 65'536;  // counted of one range: a stranger may claim any
constexpr std::string_view lost_words = "its receiver was lost";

}  // namespace

void sender_half::greet(hello& ours) const {
    ours.stream = stream_;
    ours.below_floor.clear();
    ours.floor = dispatcher_.records().tight_floor(named_ranges_max, ours.below_floor);
}

void sender_half::joined(link_number link, const hello& theirs, link_number resumed) {
    outlet now;
    now.link = link;
    now.scope = theirs.scope;
    now.window_messages = theirs.window_messages;
    now.window_bytes = theirs.window_bytes;
    if (resumed != 0) {
        if (auto still_here = outlets_.remove(resumed)) miss(std::move(*still_here), false);
    }
    for (std::size_t i = 0; i < absent_.size();) {
        absence& one = absent_[i];
        const bool same = resumed != 0 && one.what.link == resumed;
        if (!same && !(one.for_good && one.what.scope == theirs.scope)) {
            ++i;
            continue;
        }
        absence back = std::move(one);
        absent_.erase(absent_.begin() + static_cast<std::ptrdiff_t>(i));
        same ? resume(back.what, now, theirs) : bequeath(back.what, now, true);
    }
    outlets_.add(std::move(now));
    news_ = true;
    wake();
}

// What it says that it holds stays in flight; the rest goes to it again.
void sender_half::resume(outlet& old, outlet& now, const hello& theirs) {
    for (const attempted_range& held : theirs.holds) {
        if (held.stream != stream_ || held.what.last < held.what.first) continue;
        while (const auto run = old.out.take(held.what, held.attempt)) now.out.carried_over(*run);
    }
    while (const auto run = old.out.take_any()) now.owed[run->attempt].add(run->what);
    for (auto& [attempt, ranges] : old.owed) {
        for (const offset_range& range : ranges.ranges()) now.owed[attempt].add(range);
    }
}

// Calls each(range, attempt, how many of its first records were in hand).
template <class F>
void sender_half::for_each_run(outlet& gone, F&& each) {
    const std::uint64_t handed = gone.handed;
    while (const auto run = gone.out.take_any()) each(run->what, run->attempt, run->in_hand(handed));
    for (auto& [attempt, ranges] : gone.owed) {
        for (const offset_range& range : ranges.ranges()) each(range, attempt, std::uint64_t{0});
    }
    gone.owed.clear();
}

void sender_half::charge(outlet& gone, bool in_hand_counts) {
    for_each_run(gone, [&](offset_range what, std::uint32_t attempt, std::uint64_t in_hand) {
        for (; in_hand_counts && in_hand > 0; --in_hand) {
            dispatcher_.crashed(what.first, attempt, lost_words);
            if (what.first++ == what.last) return;
        }
        dispatcher_.returned(what, attempt);
    });
}

void sender_half::bequeath(outlet& gone, outlet& heir, bool in_hand_counts) {
    for_each_run(gone, [&](offset_range what, std::uint32_t attempt, std::uint64_t in_hand) {
        for (; in_hand_counts && in_hand > 0; --in_hand) {
            if (dispatcher_.failed_in_place(what.first, attempt, lost_words)) heir.owed[attempt + 1].add(what.first);
            if (what.first++ == what.last) return;
        }
        heir.owed[attempt].add(what);
    });
}

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
    if (why == link_end::goodbye) {
        charge(*gone, false);
    } else if (gone->scope.empty()) {
        charge(*gone, true);
    } else {
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
    std::uint64_t done = 0;
    const bool ours = said.stream == stream_;
    while (const auto run = ours ? from.out.take(said.what, said.attempt) : std::nullopt) {
        const offset_range what = run->what;
        done += what.count();
        if (said.outcome == how::acked) {
            dispatcher_.acked(what);
        } else if (said.outcome == how::returned) {
            dispatcher_.returned(what, said.attempt);
        } else {
            for (offset at = what.first; at <= what.last; ++at) {
                said.outcome == how::refused
                    ? dispatcher_.refused(at, said.attempt, said.why)
                    : dispatcher_.failed(at, said.attempt, std::chrono::milliseconds{said.delay_ms}, said.why);
            }
        }
    }
    if (ours && done > 0 && done == said.what.count()) return;
    stale_ += std::min(said.what.count() - done, stale_max);
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
