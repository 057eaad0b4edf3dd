#include "journal/journal_sight.hpp"

#include <algorithm>

#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

// A writer that lets go of segments changes the listing between two looks; one that never stops doing so is let be.
constexpr int looks_max = 100;

bool is_missing(const status& done) { return done.failed(errc::not_found); }

// Whether something was written there.
result<bool> is_begun(const file& of, std::uint64_t at) {
    std::array<std::byte, jf::head_bytes> start{};
    const auto got = of.read(at, start);
    if (!got) return got.error();
    return std::ranges::any_of(start, [](std::byte one) { return one != std::byte{0}; });
}

}  // namespace

result<std::shared_ptr<journal_sight>> journal_sight::open(std::unique_ptr<directory> in) {
    std::shared_ptr<journal_sight> made{new journal_sight{std::move(in)}};
    auto identity = read_identity(*made->in_);
    if (identity.failed(errc::not_found)) {
        const auto names = made->in_->list();
        if (!names) return names.error();
        if (segment_numbers(*names).size() > 1)
            return damage_of(*made->in_, "identity", "it is missing", "restore it from a backup");
        return error{errc::not_found, std::string{made->in_->path()} + ": no journal is there"};
    }
    if (!identity) return identity.error();
    made->identity_ = std::move(*identity);
    if (auto seen = made->refresh(); !seen) return seen.error();
    return made;
}

status journal_sight::refresh() {
    ++looks_;
    std::vector<std::uint64_t> before;
    status done;
    for (int look = 0; look < looks_max; ++look) {
        const auto names = in_->list();
        if (!names) return names.error();
        auto numbers = segment_numbers(*names);
        const bool settled = look > 0 && numbers == before;
        done = advance(numbers, settled);
        if (!is_missing(done)) return done;
        if (settled) break;
        before = std::move(numbers);
    }
    return error{errc::corrupt, done.error().value(), "a file of the journal is missing"};
}

status journal_sight::advance(const std::vector<std::uint64_t>& numbers, bool settled) {
    if (numbers.empty()) return error{errc::not_found, std::string{in_->path()} + "/" + segment_name(1)};
    if (at_.segment == 0 || !std::ranges::binary_search(numbers, at_.segment)) {
        if (auto begun = begin(numbers); !begun) return begun;
    }
    for (auto number = std::ranges::upper_bound(numbers, at_.segment); number != numbers.end(); ++number) {
        if (*number != at_.segment + 1 && !settled)
            return error{errc::not_found, std::string{in_->path()} + "/" + segment_name(at_.segment + 1)};
        auto next = ends_of(*number);
        if (next && next->unused) break;  // its maker is at it, or was stopped
        if (!next && !next.failed(errc::corrupt)) return next.error();
        if (auto finished = finish(next ? next->header.first : visible_ + 1); !finished) return finished;
        if (next) {
            enter(std::move(*next));
        } else {
            open_.reset();
            at_ = {.segment = *number};
        }
    }
    // Only now: whoever made the newest segment had the lock before it was there, so if it is free that writer is gone.
    const auto locked = in_->is_locked("lock");
    if (!locked) return locked.error();
    is_written_ = *locked;
    return open_ != nullptr ? extend() : status{};
}

// With the last checkpoint that stands in a sealed segment: the way from there is short, and all of it is synced.
status journal_sight::begin(const std::vector<std::uint64_t>& numbers) {
    state_.clear();
    at_ = {};
    visible_ = 0;
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
        auto ends = ends_of(*number);
        if (ends.failed(errc::corrupt) || (ends && ends->unused)) continue;
        if (!ends) return ends.error();
        bool begun = false;
        if (auto tried = begin_in(std::move(*ends), *number == numbers.front(), begun); !tried) return tried;
        if (begun) return {};
    }
    return damage_of(*in_, segment_name(numbers.front()), "no checkpoint can be read", "see godwit journal verify");
}

status journal_sight::begin_in(segment_ends&& ends, bool is_lowest, bool& begun) {
    const std::uint64_t checkpoint = ends.footer ? ends.footer->checkpoint : 0;
    if (checkpoint == 0 && !is_lowest) return {};
    segment_walk walk{*ends.content, ends.header, checkpoint != 0 ? checkpoint : jf::header_bytes, ends.size};
    decoded_entry first;
    const auto found = walk.next();
    if (!found) return found.error();
    const bool passes = *found == segment_walk::found::entry && decode_entry(walk, first) && begins_checkpoint(first);
    begun = passes || (checkpoint == 0 && ends.number == 1);
    if (!begun) return {};
    // What came before was removed when this checkpoint was synced.
    if (passes && is_lowest && ends.number > 1 && ends.header.lowest == ends.number) visible_ = ends.header.first;
    enter(std::move(ends));
    if (checkpoint == 0) return {};
    at_.position = checkpoint;
    at_.number = 0;
    return {};
}

void journal_sight::enter(segment_ends&& ends) {
    open_ = std::make_unique<segment_ends>(std::move(ends));
    at_ = {open_->number, jf::header_bytes, open_->header.first, open_->header.seed};
    lowest_ = open_->header.lowest;
    epoch_ = open_->header.epoch;
    judged_to_ = 0;
}

// Another segment follows, so this one was sealed before it, and all of it synced.
status journal_sight::finish(lsn first_of_next) {
    if (open_ == nullptr) return {};
    if (!open_->footer) {
        auto ends = ends_of(open_->number);
        if (!ends && !ends.failed(errc::corrupt)) return ends.error();
        if (ends) *open_ = std::move(*ends);
    }
    const lsn last = open_->footer ? open_->footer->last : first_of_next - 1;
    if (auto applied = apply_to(last); !applied) return applied;
    visible_ = std::max(visible_, last);
    return {};
}

status journal_sight::extend() {
    is_clean_ = false;
    if (!open_->footer) {
        auto ends = ends_of(open_->number);
        if (!ends) return ends.error();
        *open_ = std::move(*ends);
    }
    lsn last = visible_;
    if (open_->footer) {
        last = open_->footer->last;
        is_clean_ = !is_written_ && open_->footer->how == segment_footer::ending::clean;
    } else {
        const auto passes = last_that_passes();
        if (!passes) return passes.error();
        last = std::max(last, *passes);
    }
    if (auto applied = apply_to(last); !applied) return applied;
    visible_ = std::max(visible_, last);
    return {};
}

// Beside a writer: what it has said to be synced.
result<lsn> journal_sight::last_that_passes() {
    const file& content = *open_->content;
    std::optional<segment_walk> walk;
    walk.emplace(content, open_->header, at_.position, open_->size);
    walk->expect(at_.number, at_.chain);
    lsn mark = 0, last = 0;
    for (bool looked_again = false;;) {
        auto next = walk->next();
        if (!next) return next.error();
        if (*next == segment_walk::found::nothing) {
            // Behind zeros nothing is searched while somebody writes: it may be the whole of a segment, each time.
            const auto begun = is_begun(content, walk->position());
            if (!begun) return begun.error();
            if (is_written_ ? !*begun : judged_to_ == walk->position()) break;
            const auto verdict =
                judge_tail(content, open_->header, walk->position(), open_->size, walk->expected(), mark);
            if (!verdict) return verdict.error();
            judged_to_ = walk->position();
            if (verdict->what != tail_verdict::kind::damaged) break;
            if (is_written_ && !std::exchange(looked_again, true)) {
                // It may have been finished between the two looks.
                const std::uint64_t position = walk->position(), chain = walk->chain();
                const lsn expected = walk->expected();
                walk.emplace(content, open_->header, position, open_->size);
                walk->expect(expected, chain);
                continue;
            }
            next = walk->search(walk->expected());
            if (!next) return next.error();
            if (*next == segment_walk::found::nothing) break;
        }
        looked_again = false;
        mark = std::max(mark, walk->head().durable);
        last = walk->head().number;
    }
    return is_written_ ? std::min(mark, last) : last;
}

// What is damaged on the way is left out: whoever reads it is told.
status journal_sight::apply_to(lsn last) {
    segment_walk walk{*open_->content, open_->header, at_.position, open_->size};
    walk.expect(at_.number, at_.chain);
    decoded_entry each;
    while (walk.expected() <= last) {
        auto next = walk.next();
        if (next && *next == segment_walk::found::nothing) next = walk.search(walk.expected());
        if (!next) return next.error();
        if (*next == segment_walk::found::nothing) break;
        if (auto applied = apply_entry(walk, each, state_); applied.failed(errc::unsupported)) return applied;
    }
    at_.position = walk.position();
    at_.number = walk.expected();
    at_.chain = walk.chain();
    return {};
}

}  // namespace godwit::detail
