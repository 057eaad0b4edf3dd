// With a judge: attempts that may have been executed, and records that end in other ways than by an ack.
#include "ack_retry/sender_half.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

// What is in flight there of a range, whatever its attempt; `at` is the first of it that is left.
std::optional<flights::run> take_next(flights& from, offset& at, offset last) {
    for (; at <= last; ++at) {
        const flights::run* const found = from.find(at);
        if (found == nullptr) continue;
        auto run = from.take({at, last}, found->attempt);
        at = run->what.last + 1;
        return run;
    }
    return std::nullopt;
}

bool contains(const outlet& one, offset at) {
    return std::any_of(one.owed.begin(), one.owed.end(), [&](const auto& owed) { return owed.second.contains(at); });
}

}  // namespace

void sender_half::doubt(offset at, std::uint32_t attempt, link_number by, std::string_view why, bool died) {
    if (with_.judge != nullptr && !with_.judge->may_repeat(at, by)) {
        dispatcher_.ended(at, outcome::unknown, true);
    } else if (died) {
        dispatcher_.crashed(at, attempt, why);
    } else {
        dispatcher_.failed(at, attempt, std::chrono::milliseconds{0}, why);
    }
}

// What its receiver has surely not begun, since it would have told us before, goes elsewhere at once.
void sender_half::give_back(outlet& gone) {
    flights in_doubt;
    while (auto run = gone.out.take_any()) {
        const std::uint64_t begun = in_hand(gone, *run);
        const offset fresh = run->what.first + begun;
        if (fresh <= run->what.last) {
            for_each_live({fresh, run->what.last},
                          [&](offset_range part) { dispatcher_.returned(part, run->attempt); });
        }
        if (begun == 0) continue;
        run->bytes = run->bytes / run->what.count() * begun;
        run->what.last = fresh - 1;
        in_doubt.carried_over(*run);
    }
    gone.out = std::move(in_doubt);
}

// Of those in doubt: what may be repeated is; the rest waits until its receiver comes again or is gone for good.
void sender_half::repeat_or_wait(outlet& gone) {
    flights waiting;
    const auto judge = [&](offset at, std::uint32_t attempt) {
        if (!with_.judge->may_repeat(at, gone.link)) return false;
        dispatcher_.crashed(at, attempt, "its receiver was lost");
        return true;
    };
    while (const auto run = gone.out.take_any()) {
        for_each_live(run->what, [&](offset_range part) {
            for (offset at = part.first; at <= part.last; ++at) {
                if (!judge(at, run->attempt)) waiting.carried_over({{at, at}, run->attempt, 0, 0, 0});
            }
        });
    }
    for (auto& [attempt, ranges] : gone.owed) {
        const std::vector<offset_range> all{ranges.ranges().begin(), ranges.ranges().end()};
        for (const offset_range& range : all) {
            for (offset at = range.first; at <= range.last; ++at) {
                if (judge(at, attempt)) ranges.remove(at);
            }
        }
    }
    std::erase_if(gone.owed, [](const auto& owed) { return owed.second.empty(); });
    gone.out = std::move(waiting);
}

void sender_half::answered(link_number link, std::span<const offset_range> runs, std::vector<offset_range>& accepted) {
    outlet* const from = outlets_.find(link);
    if (from == nullptr) return;
    const auto accept = [&](offset_range live) {
        dispatcher_.acked(live);
        accepted.push_back(live);
    };
    for (const offset_range& what : runs) {
        for (offset at = what.first; const auto run = take_next(from->out, at, what.last);) {
            for_each_live(run->what, accept);
        }
        // Its answer to an earlier session came before we have asked again.
        for (auto& [attempt, ranges] : from->owed) {
            short_list<offset_range, 4> had;
            ranges.for_each_in(what, [&](offset_range part) { had.push_back(part); });
            for (const offset_range part : had.view()) {
                ranges.remove(part);
                accept(part);
            }
        }
    }
    std::erase_if(from->owed, [](const auto& owed) { return owed.second.empty(); });
    std::sort(accepted.begin(), accepted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    after_ends();
    wake();
}

link_number sender_half::end(offset at, outcome how) {
    if (at >= open_.next() || dispatcher_.records().is_settled(at)) return 0;
    link_number has_it = 0;
    bool in_flight = false;
    const auto look = [&](outlet& one) {
        if (one.out.find(at) != nullptr) {
            has_it = one.link;
            in_flight = true;
            given_up_.add(at);
        } else if (contains(one, at)) {
            in_flight = true;
            for (auto& [attempt, ranges] : one.owed) ranges.remove(at);
            std::erase_if(one.owed, [](const auto& owed) { return owed.second.empty(); });
        }
    };
    for (outlet& one : outlets_.all()) look(one);
    for (absence& one : absent_) {
        const link_number before = has_it;
        look(one.what);
        has_it = before;  // nobody is there to be told
    }
    dispatcher_.ended(at, how, in_flight);
    after_ends();
    news_ = true;
    return has_it;
}

bool sender_half::may_have_begun(offset at) const {
    const auto begun = [&](const outlet& one) {
        const flights::run* const run = one.out.find(at);
        if (run == nullptr) return contains(one, at);
        return at - run->what.first < in_hand(one, *run);
    };
    return std::any_of(outlets_.all().begin(), outlets_.all().end(), begun) ||
           std::any_of(absent_.begin(), absent_.end(), [&](const absence& one) { return begun(one.what); });
}

bool sender_half::is_sent_to(link_number link) const {
    return std::any_of(outlets_.all().begin(), outlets_.all().end(),
                       [&](const outlet& one) { return one.link == link && !one.out.empty(); });
}

const special_record::epitaph* sender_half::epitaph_of(offset dead) const {
    const auto found = dispatcher_.records().specials.find(dead);
    return found == dispatcher_.records().specials.end() ? nullptr : found->second.died.get();
}

}  // namespace godwit::detail
