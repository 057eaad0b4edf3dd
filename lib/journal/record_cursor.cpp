#include "journal/record_cursor.hpp"

#include <algorithm>

#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

status check_codec(const batch_view& batch) {
    if (batch.codec() == batch_format::codec_none) return {};
    return error{errc::unsupported, "codec " + std::to_string(batch.codec()),
                 "a batch of the journal is encoded, and this release cannot decode it"};
}

// Where nothing else is live.
std::optional<record_place> last_copy(const journal_sight& in, const std::optional<stream_id>& stream) {
    std::optional<record_place> last;
    std::int64_t latest = std::numeric_limits<std::int64_t>::min();
    for (const auto& [id, state] : in.state().streams()) {
        if (stream && id != *stream) continue;
        state.carried.for_each_in({0, offset_max}, [&, of = id, &state = state](const carried_place& one) {
            if (one.when < latest) return;
            latest = one.when;
            state.released.for_each_missing_in({one.first, one.last}, [&](offset_range part) {
                last = {one.segment, 0, of, part.last};
            });
        });
    }
    return last;
}

}  // namespace

record_cursor::record_cursor(std::shared_ptr<journal_sight> of, const wanted_records& what,
                             const journal_sight::place& from)
    : sight_{std::move(of)},
      what_{what},
      next_segment_{from.segment},
      from_{from},
      ahead_{sight_, {what.stream, what.from, what.not_before}} {
    if (!what_.copies || what_.from_record || from.position != 0) ahead_.all_passed();
    if (what_.from_record && what_.from_record->entry == 0) {
        ahead_.not_passed(what_.from_record->stream, what_.from_record->at);
        what_.from_record.reset();
    }
}

error record_cursor::damaged(std::uint64_t number, std::string_view what) const {
    return damage_of(sight_->where(), segment_name(number), what, "what is behind it can be read if you say so");
}

lsn record_cursor::last_here() const {
    if (here_->ends.footer) return here_->ends.footer->last;
    return here_->unsealed ? std::numeric_limits<lsn>::max() : sight_->visible();
}

bool record_cursor::has_nothing_wanted(const segment_footer& footer) const {
    if (footer.latest < what_.not_before) return true;
    if (!what_.stream) return std::ranges::none_of(footer.rows, [](const footer_row& row) { return row.end > 0; });
    return std::ranges::none_of(
        footer.rows, [&](const footer_row& row) { return row.stream == *what_.stream && row.end > what_.from; });
}

status record_cursor::follows(const segment_ends& ends) const {
    if (!before_ || before_->number + 1 != ends.number || ends.header.behind_quarantine) return {};
    if (ends.header.seal_before == before_->seal && ends.header.first == before_->last + 1) return {};
    return damaged(ends.number, "it does not follow the segment before it");
}

status record_cursor::walk_from(std::uint64_t position, lsn number, std::uint64_t chain) {
    // One that is written to has grown.
    if (const auto size = here_->ends.content->size()) {
        here_->ends.size = *size;
    } else {
        return size.error();
    }
    here_->walk.emplace(*here_->ends.content, here_->ends.header, position, here_->ends.size);
    here_->walk->expect(number, chain);
    here_->made_for = sight_->visible();
    return {};
}

// False: there is none yet.
result<bool> record_cursor::open_segment() {
    for (;; ++next_segment_) {
        if (next_segment_ < sight_->lowest()) next_segment_ = sight_->lowest();
        if (next_segment_ > std::min(sight_->newest(), what_.last_segment)) return false;
        auto ends = read_ends(sight_->where(), next_segment_, &sight_->identity());
        if (ends.failed(errc::not_found)) {
            // The writer may have let go of it.
            if (auto seen = sight_->refresh(); !seen) return seen.error();
            if (next_segment_ < sight_->lowest()) continue;
            ends = read_ends(sight_->where(), next_segment_, &sight_->identity());
        }
        if (ends.failed(errc::not_found)) ends = damaged(next_segment_, "it is missing");
        if (ends && ends->unused) ends = damaged(next_segment_, "its header does not pass");
        if (ends) {
            if (auto fits = follows(*ends); !fits) {
                if (!what_.past_damage) return fits.error();
                before_.reset();
            }
        }
        if (ends.failed(errc::corrupt) && what_.past_damage) continue;
        if (!ends) return ends.error();
        const bool begins_here = from_ && from_->position != 0 && from_->segment == ends->number;
        if (ends->footer && !begins_here && has_nothing_wanted(*ends->footer)) {
            before_ = {ends->number, ends->footer->seal, ends->footer->last};
            continue;
        }
        here_ = std::make_unique<opened_segment>();
        here_->ends = std::move(*ends);
        const auto walks = begins_here ? walk_from(from_->position, from_->number, from_->chain)
                                       : walk_from(jf::header_bytes, here_->ends.header.first, here_->ends.header.seed);
        from_.reset();
        return walks ? result<bool>{true} : result<bool>{walks.error()};
    }
}

// It was open when we came to it, and another follows now.
status record_cursor::look_at_its_end() {
    const segment_walk& walk = *here_->walk;
    auto ends = read_ends(sight_->where(), here_->ends.number, &sight_->identity());
    if (ends.failed(errc::not_found)) {  // let go of: all in it is released
        before_.reset();
        next_segment_ = here_->ends.number + 1;
        here_.reset();
        return {};
    }
    if (!ends && !ends.failed(errc::corrupt)) return ends.error();
    if (!ends || !ends->footer) {
        if (!what_.past_damage) return damaged(here_->ends.number, "its footer does not pass");
        here_->unsealed = true;
        return {};
    }
    const std::uint64_t position = walk.position(), chain = walk.chain();
    const lsn expected = walk.expected();
    here_->ends = std::move(*ends);
    return walk_from(position, expected, chain);
}

void record_cursor::leave_segment() {
    before_.reset();
    if (const auto& footer = here_->ends.footer) before_ = {here_->ends.number, footer->seal, footer->last};
    next_segment_ = here_->ends.number + 1;
    here_.reset();
}

result<segment_walk::found> record_cursor::read_entry() {
    segment_walk& walk = *here_->walk;
    auto found = walk.next();
    if (!found || *found == segment_walk::found::entry) return found;
    if (!what_.past_damage) {
        return damaged(here_->ends.number, "entry " + std::to_string(walk.expected()) + " at byte " +
                                               std::to_string(walk.position()) + " is damaged");
    }
    const std::uint64_t position = walk.position(), chain = walk.chain();
    const lsn expected = walk.expected();
    found = walk.search(expected);
    if (found && *found == segment_walk::found::entry && walk.head().number > last_here()) {
        if (auto back = walk_from(position, expected, chain); !back) return back.error();
        return segment_walk::found::nothing;  // not for us yet
    }
    return found;
}

// False: there is none yet.
result<bool> record_cursor::next_entry() {
    for (;;) {
        if (here_ == nullptr) {
            const auto opened = open_segment();
            if (!opened || !*opened) return opened;
        }
        opened_segment& here = *here_;
        const bool is_newest = here.ends.number >= sight_->newest();
        if (!is_newest && !here.ends.footer && !here.unsealed) {
            if (auto looked = look_at_its_end(); !looked) return looked.error();
            continue;
        }
        if (!here.ends.footer && here.made_for != sight_->visible()) {
            const segment_walk& walk = *here.walk;
            if (auto anew = walk_from(walk.position(), walk.expected(), walk.chain()); !anew) return anew.error();
        }
        auto found = here.walk->expected() > last_here() ? segment_walk::found::nothing : read_entry();
        if (!found) return found.error();
        if (*found == segment_walk::found::nothing) {
            if (is_newest) return false;
            leave_segment();
            continue;
        }
        if (here.walk->head().when < what_.not_before) continue;
        if (what_.from_record && here.walk->head().number < what_.from_record->entry) continue;
        const auto decoded = decode_entry(*here.walk, entry_);
        if (decoded && is_carried(entry_)) {
            entry_.batches.clear();
            continue;
        }
        if (decoded) break;
        entry_.batches.clear();
        if (decoded.failed(errc::unsupported)) return decoded.error();
        if (!what_.past_damage)
            return damaged(here.ends.number, "the entry at byte " + std::to_string(here.walk->begin()));
    }
    batch_ = 0;
    record_ = batch_header_bytes;
    return true;
}

bool record_cursor::is_wanted(const record_view& record) noexcept {
    if (record.at < what_.from) return false;
    if (!what_.from_record) return true;
    const bool is_there =
        entry_.head.number > what_.from_record->entry ||
        (record.at == what_.from_record->at && entry_.batches[batch_].stream() == what_.from_record->stream);
    if (is_there) what_.from_record.reset();
    return is_there;
}

// The next of a batch, from record_ on.
bool record_cursor::next_of(const batch_view& batch, std::int64_t when, found_record& out) {
    const stream_state* const state = sight_->state().find(batch.stream());
    while (batch.next(record_, out.record)) {
        if (!is_wanted(out.record)) continue;
        out.released = state != nullptr && state->released.contains(out.record.at);
        if (out.released && !what_.released) continue;
        out.stream = batch.stream();
        out.when = when;
        return true;
    }
    return false;
}

// True: copied_ is one whose turn has come.
result<bool> record_cursor::next_copy(bool is_end) {
    while (const auto next = ahead_.next_before(is_end ? nullptr : &entry_)) {
        auto batch = ahead_.read(*next);
        if (!batch && !(batch.failed(errc::corrupt) && what_.past_damage)) return batch.error();
        if (!batch) ahead_.passed(next->stream, next->place.last + 1);
        if (!batch || batch->empty()) continue;
        copy_ = *next;
        copied_ = std::move(*batch);
        record_ = batch_header_bytes;
        return true;
    }
    return false;
}

result<bool> record_cursor::next(found_record& out) {
    for (;;) {
        if (!copied_.empty()) {
            if (auto readable = check_codec(copied_.view); !readable) return readable.error();
            out.segment = copy_.place.segment;
            out.entry = 0;
            while (next_of(copied_.view, copy_.place.when, out)) {
                if (out.record.at >= ahead_.passed(copy_.stream)) return true;
            }
            ahead_.passed(copy_.stream, copy_.place.last + 1);
            copied_ = {};
            record_ = batch_header_bytes;
        }
        if (!has_entry_) {
            const auto more = next_entry();
            if (!more) return more;
            has_entry_ = *more;
        }
        if (batch_ == 0 && record_ == batch_header_bytes) {
            const auto copy = next_copy(!has_entry_);
            if (!copy) return copy;
            if (*copy) continue;
        }
        if (!has_entry_) return false;
        for (; batch_ < entry_.batches.size(); ++batch_, record_ = batch_header_bytes) {
            const batch_view& batch = entry_.batches[batch_];
            if ((what_.stream && batch.stream() != *what_.stream) || batch.last() < what_.from) continue;
            if (auto readable = check_codec(batch); !readable) return readable.error();
            out.segment = here_->ends.number;
            out.entry = entry_.head.number;
            if (next_of(batch, entry_.head.when, out)) return true;
            ahead_.passed(batch.stream(), batch.last() + 1);
        }
        has_entry_ = false;
        entry_.batches.clear();
        batch_ = 0;
    }
}

// By halves: times never fall. What cannot be read there is met on the way.
result<journal_sight::place> place_of_time(const journal_sight& in, std::int64_t not_before) {
    std::uint64_t low = in.lowest(), high = std::max(in.lowest(), in.newest());
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto ends = read_ends(in.where(), middle, &in.identity());
        if (ends.failed(errc::io)) return ends.error();
        if (!ends || !ends->footer) break;
        if (ends->footer->latest < not_before) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return journal_sight::place{.segment = low};
}

result<std::optional<record_place>> find_last(const std::shared_ptr<journal_sight>& in, wanted_records what) {
    what.past_damage = true;
    what.copies = false;
    std::optional<record_place> last;
    for (std::uint64_t number = in->newest(); number >= in->lowest() && number > 0 && !last; --number) {
        what.last_segment = number;
        record_cursor cursor{in, what, {.segment = number}};
        found_record each;
        auto found = cursor.next(each);
        for (; found && *found; found = cursor.next(each)) last = {number, each.entry, each.stream, each.record.at};
        if (!found) return found.error();
    }
    return last ? last : last_copy(*in, what.stream);
}

}  // namespace godwit::detail
