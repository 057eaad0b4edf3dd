#include "journal/journal_writer.hpp"

#include <algorithm>
#include <deque>

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::uint64_t least_room = 2048;  // behind a segment's checkpoint
constexpr std::ptrdiff_t removed_at_once = 64;

enum class epoch_reason : std::uint8_t { begun, clean, unclean };

note epoch_note(stream_id stream, offset goes_on, epoch_reason why, offset lost_first, offset lost_last) {
    std::string content = offset_as_bytes(goes_on);
    content += static_cast<char>(why);
    content += offset_as_bytes(lost_first) + offset_as_bytes(lost_last);
    return note_of(note::kind::epoch, stream, std::move(content));
}

bool is_live(const footer_row& row, stream_id stream, std::uint64_t segment, const journal_state& state) {
    const stream_state* const of = state.find(stream);
    return of == nullptr || is_live_in(segment, row, of->released, of->carried);
}

bool is_needed(const known_segment& one, const journal_state& state) {
    return std::ranges::any_of(one.footer.rows,
                               [&](const auto& row) { return is_live(row, row.stream, one.header.number, state); });
}

}  // namespace

std::int64_t journal_writer::now_ms() {
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(with_.time.wall().time_since_epoch()).count();
    return latest_ = std::max<std::int64_t>(latest_, now);
}

result<std::unique_ptr<journal_writer>> journal_writer::open(directory& in, const journal_limits& limits, tools with) {
    std::unique_ptr<journal_writer> made{new journal_writer{in, limits, with}};
    auto found = recover(in);
    if (!found) return found.error();
    made->recovered_ = std::move(*found);
    if (auto begun = made->begin_epoch(); !begun) return begun.error();
    return made;
}

status journal_writer::begin_epoch() {
    const bool is_new = recovered_.segments.empty();
    nonce_ = {with_.random.draw(), with_.random.draw()};
    state_ = std::move(recovered_.state);
    recovered_.state.clear();
    sealed_ = recovered_.segments;
    for (const known_segment& one : sealed_) sealed_bytes_ += one.size;
    std::map<stream_id, offset> before;
    for (const auto& [id, state] : state_.streams()) before[id] = state.next;
    std::uint64_t number = 1, seal_before = 0;
    if (is_new) {
        recovered_.identity.id = {with_.random.draw(), with_.random.draw()};
    } else {
        const known_segment& last = sealed_.back();
        epoch_ = last.header.epoch + 1;
        number = last.header.number + 1;
        seal_before = last.footer.seal;
        next_ = last.footer.last + 1;
        durable_ = last.footer.last;  // all of it was synced when it was sealed
        latest_ = last.footer.latest;
        state_.skip_what_is_settled();
        if (!recovered_.clean) state_.skip_what_may_have_been_given();
    }
    std::vector<note> more;
    for (const auto& [id, state] : state_.streams()) {
        const bool skipped = state.next != before[id];
        more.push_back(epoch_note(id, state.next, skipped ? epoch_reason::unclean : epoch_reason::clean,
                                  skipped ? before[id] : 0, skipped ? state.next - 1 : 0));
    }
    if (auto begun = begin_segment(number, seal_before, more); !begun) return begun;
    if (auto synced = sync(); !synced) return synced;
    return remove_unneeded();
}

status journal_writer::make_identity() {
    const auto place = directory_.place_of("lock");
    if (!place) return place.error();
    recovered_.identity.place = *place;
    recovered_.identity.made = now_ms();
    const auto image = encode(recovered_.identity);
    return write_whole(directory_, "identity", image);
}

// `more` stands in the checkpoint's own entry, behind it.
status journal_writer::begin_segment(std::uint64_t number, std::uint64_t seal_before, std::span<const note> more,
                                     bool may_be_small) {
    entry first;
    first.notes = state_.checkpoint();
    first.notes.insert(first.notes.end(), more.begin(), more.end());
    const std::uint64_t room = jf::header_bytes + encoded_bytes({}, first.notes) * 2 + least_room;
    segment_header header{.journal = recovered_.identity.id,
                          .number = number,
                          .epoch = epoch_,
                          .nonce = nonce_,
                          .first = next_,
                          .seal_before = seal_before,
                          .lowest = std::min(lowest_needed(), number),
                          .made = now_ms()};
    auto begun = segment_writer::begin(directory_, header, std::max(room, limits_.segment_bytes));
    // What lets go of files, or says what is settled, is not to fail for want of room for more than that.
    const bool lets_go = !sealed_.empty() && header.lowest > lowest_segment();
    if (begun.failed(errc::full) && room < limits_.segment_bytes && (lets_go || may_be_small))
        begun = segment_writer::begin(directory_, header, room);
    if (!begun) return begun.error();
    open_ = std::move(*begun);
    if (recovered_.identity.made == 0) {
        if (auto made = make_identity(); !made) return made;
    }
    rows_ = {};
    chain_ = open_->header().seed;
    return write_checkpoint(first);
}

status journal_writer::write_checkpoint(const entry& what) {
    const std::uint64_t position = open_->end();
    if (auto written = write({&what, 1}, 1, nullptr); !written) return written;
    rows_.checkpoint_at(position);
    checkpoint_bytes_ = open_->end() - position;
    return {};
}

status journal_writer::seal(segment_footer::ending how) {
    segment_footer footer = rows_.footer(how, open_->header().first);
    if (auto sealed = open_->seal(footer); !sealed) return sealed;
    durable_ = last();
    sealed_.push_back({open_->header(), std::move(footer), open_->end()});
    sealed_bytes_ += open_->end();
    return {};
}

bool journal_writer::is_sealed() const {
    return !sealed_.empty() && sealed_.back().header.number == open_->header().number;
}

// For want of space it ends at any step, and the next call goes on there.
status journal_writer::rotate(bool may_be_small) {
    if (lacks_checkpoint()) {
        entry first;
        first.notes = state_.checkpoint();
        if (auto written = write_checkpoint(first); !written) return written;
    } else {
        if (!is_sealed()) {
            if (auto sealed = seal(segment_footer::ending::another_follows); !sealed) return sealed;
        }
        const known_segment& last = sealed_.back();
        if (auto begun = begin_segment(last.header.number + 1, last.footer.seal, {}, may_be_small); !begun)
            return begun;
    }
    if (auto synced = sync(); !synced) return synced;
    return remove_unneeded();
}

journal_writer::appended journal_writer::append(std::span<const entry> entries, std::vector<placed>& where) {
    appended so_far;
    while (so_far.entries < entries.size()) {
        const auto left = entries.subspan(so_far.entries);
        std::size_t count = 0;
        std::uint64_t size = 0;
        for (; count < left.size(); ++count) {
            const std::uint64_t next = encoded_bytes(left[count].batches, left[count].notes);
            if (!open_->has_room(size + next, rows_.streams() + left[count].batches.size())) break;
            size += next;
        }
        const bool is_fresh = !is_sealed() && rows_.last() == open_->header().first;  // it has its checkpoint alone
        if (is_sealed() || lacks_checkpoint() || (count == 0 && !is_fresh)) {
            if (so_far.why = rotate(left.front().batches.empty()); !so_far.why) return so_far;
            continue;
        }
        count = std::max<std::size_t>(count, 1);  // larger than any segment: has one to itself
        if (so_far.why = write(left, count, &where); !so_far.why) return so_far;
        so_far.entries += count;
    }
    return so_far;
}

status journal_writer::write(std::span<const entry> entries, std::size_t count, std::vector<placed>* where) {
    std::deque<encoded_entry> encoded;
    std::vector<bytes> parts;
    std::uint64_t chain = chain_, position = open_->end();
    const std::int64_t when = now_ms();
    for (std::size_t i = 0; i < count; ++i) {
        const entry_head head{.number = next_ + i, .durable = durable_, .chain = chain, .when = when};
        encoded_entry& one = encoded.emplace_back();
        if (!encode(entries[i].batches, entries[i].notes, head, open_->header().seed, one))
            return error{errc::too_large, "an entry of the journal", "at most 1 GiB"};
        chain = one.head.checksum;
        parts.insert(parts.end(), one.parts.begin(), one.parts.end());
    }
    if (auto written = open_->write(parts); !written) return written;
    for (std::size_t i = 0; i < count; ++i) {
        note_written(entries[i], encoded[i].head, position);
        if (where != nullptr) where->push_back({open_->header().number, position});
        position += encoded[i].head.size;
    }
    next_ += count;
    chain_ = chain;
    written_mark_ = durable_;
    return {};
}

void journal_writer::note_written(const entry& what, const entry_head& head, std::uint64_t position) {
    rows_.add(head);
    if (!what.notes.empty() && what.notes.front().what == note::kind::checkpoint_begins) {
        for (const note& one : what.notes) {
            if (one.what == note::kind::epoch) state_.apply(one);
        }
        return;
    }
    for (const note& one : what.notes) state_.apply(one);
    if (is_carried(what)) return note_carried(what, position);
    for (const batch_ref& one : what.batches) {
        rows_.add(one.view);
        state_.wrote(one.view);
    }
}

void journal_writer::note_carried(const entry& what, std::uint64_t position) {
    const auto when = decode_carried(what.notes.front().content);
    for (std::size_t i = 0; i < what.batches.size(); ++i) {
        rows_.add_carried(what.batches[i].view);
        state_.carried(what.batches[i].view, header().number, position, when[i]);
    }
}

status journal_writer::sync() {
    if (auto synced = open_->sync(); !synced) return synced;
    durable_ = last();
    marked_ = written_mark_;
    return {};
}

status journal_writer::mark() {
    std::vector<placed> where;
    const entry nothing;
    if (auto done = append({&nothing, 1}, where); !done.why) return done.why;
    if (auto synced = sync(); !synced) return synced;
    marked_ = last();  // but for the mark itself, which nobody was promised
    return {};
}

std::uint64_t journal_writer::lowest_needed() const {
    for (const known_segment& one : sealed_) {
        if (is_needed(one, state_)) return one.header.number;
    }
    return sealed_.empty() ? 1 : sealed_.back().header.number + 1;
}

status journal_writer::remove_unneeded() {
    auto first_left = sealed_.begin();
    status removed;
    while (has_unneeded(first_left) && first_left - sealed_.begin() < removed_at_once) {
        if (removed = directory_.remove(segment_name(first_left->header.number)); !removed) break;
        sealed_bytes_ -= first_left->size;
        ++first_left;
    }
    const bool any = first_left != sealed_.begin();
    sealed_.erase(sealed_.begin(), first_left);
    if (!removed || !any) return removed;
    return directory_.sync();
}

status journal_writer::trim() {
    if (has_unneeded()) return remove_unneeded();
    const auto live = [&](const auto& row) { return is_live(row.second, row.first, header().number, state_); };
    const bool open_is_needed = rows_.rows().empty() || std::ranges::any_of(rows_.rows(), live);
    if (lowest_needed() <= lowest_segment() && (open_is_needed || !sealed_.empty())) return {};
    return rotate();
}

status journal_writer::end_segment_before(std::int64_t when) {
    return !rows_.rows().empty() && rows_.earliest() < when ? rotate() : status{};
}

status journal_writer::close() {
    entry last_words;
    last_words.notes = state_.checkpoint();
    std::vector<placed> where;
    if (auto done = append({&last_words, 1}, where); !done.why) return done.why;
    rows_.checkpoint_at(where.back().position);
    return seal(segment_footer::ending::clean);
}

}  // namespace godwit::detail
