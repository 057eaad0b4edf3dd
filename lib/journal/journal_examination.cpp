#include "journal/journal_examination.hpp"

#include <algorithm>

#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

class examination {
public:
    explicit examination(directory& in) : in_{in} {}

    result<examined_journal> run();

private:
    status list();
    status judge_identity();
    result<bool> has_entries();  // the first segment, of a directory without an identity
    status find_last();
    status scan_last();
    status find_lowest();
    status check_chain() const;
    status build_state();

    status read(examined_segment& one, bool is_last);
    result<scanned_segment> scan(const examined_segment& of);
    result<bool> apply_from(const examined_segment& of, std::uint64_t position, lsn last);
    error corrupt(const std::string& name, std::string_view what) const {
        return damage_of(
            in_, name, what,
            "nothing was changed: restore it from a backup, or take the directory aside and begin a new one");
    }
    lsn last_of(const examined_segment& one) const {
        if (one.footer) return one.footer->last;
        return out_.open->rows.last() != 0 ? out_.open->rows.last() : one.header.first - 1;
    }

    directory& in_;
    std::size_t checkpoint_in_ = 0;  // which segment has the last one
    examined_journal out_;
};

status examination::list() {
    const auto names = in_.list();
    if (!names) return names.error();
    for (const std::uint64_t number : segment_numbers(*names)) out_.segments.emplace_back().number = number;
    std::ranges::copy_if(*names, std::back_inserter(out_.unneeded),
                         [](const auto& name) { return name.ends_with(".new"); });
    return {};
}

status examination::read(examined_segment& one, bool is_last) {
    auto ends = read_ends(in_, one.number, &out_.identity);
    if (!ends) return ends.error();
    if (ends->unused) return corrupt(segment_name(one.number), "its header does not pass");
    if (!ends->footer && !is_last) return corrupt(segment_name(one.number), "its footer does not pass");
    one.size = ends->size;
    one.header = ends->header;
    one.footer = std::move(ends->footer);
    return {};
}

status examination::judge_identity() {
    auto identity = read_identity(in_);
    if (identity.failed(errc::not_found)) {
        // Segment 1 without an entry: the making was cut short.
        if (out_.segments.empty()) return {};
        const auto any =
            out_.segments.size() > 1 || out_.segments.front().number != 1 ? result<bool>{true} : has_entries();
        if (!any) return any.error();
        if (*any) return corrupt("identity", "it is missing");
        out_.unneeded.push_back(segment_name(1));
        out_.segments.clear();
        return {};
    }
    if (!identity) return identity.error();
    const auto place = in_.place_of("lock");
    if (!place) return place.error();
    out_.identity = std::move(*identity);
    if (*place != out_.identity.place)
        return error{errc::conflict, std::string{in_.path()},
                     "this is a copy, or was restored, and may have a twin: godwit journal adopt, if it is to go on"};
    if (out_.segments.empty()) return corrupt(segment_name(1), "it is missing");
    return {};
}

result<bool> examination::has_entries() {
    examined_segment& first = out_.segments.front();
    auto ends = read_ends(in_, first.number, nullptr);
    if (!ends) return ends.failed(errc::io) ? result<bool>{ends.error()} : result<bool>{true};
    if (ends->unused) return false;
    first.header = ends->header;
    first.size = ends->size;
    const auto found = scan(first);
    if (!found) return found.error();
    return found->rows.last() != 0 || found->cut_bytes != 0;
}

// One whose header does not pass, with nothing behind it, was never used.
status examination::find_last() {
    const auto ends = read_ends(in_, out_.segments.back().number, &out_.identity);
    if (!ends) return ends.error();
    if (ends->unused) {
        out_.unneeded.push_back(segment_name(out_.segments.back().number));
        out_.segments.pop_back();
        if (out_.segments.empty()) return corrupt(segment_name(1), "it is missing");
    }
    return read(out_.segments.back(), true);
}

// Also a segment whose footer says that another follows: its maker ended before that one was there.
status examination::scan_last() {
    examined_segment& last = out_.segments.back();
    const bool is_ended = last.footer && last.footer->how != segment_footer::ending::another_follows;
    // Of a copy that was adopted nobody knows what its twin has given.
    const bool is_adopted = last.header.journal != out_.identity.id;
    out_.clean = is_ended && last.footer->how == segment_footer::ending::clean && !is_adopted;
    if (is_ended) return {};
    if (last.footer) last.size -= encode(*last.footer, last.header.seed).size();
    auto what = scan(last);
    if (!what) return what.error();
    if (last.footer && what->rows.last() != last.footer->last)
        return corrupt(segment_name(last.number), "its entries end before its footer says");
    out_.open = std::move(*what);
    return {};
}

result<scanned_segment> examination::scan(const examined_segment& of) {
    const auto content = in_.open(segment_name(of.number), file_use::read);
    if (!content) return content.error();
    scanned_segment what;
    segment_walk walk{**content, of.header, jf::header_bytes, of.size};
    walk.expect(of.header.first, of.header.seed);
    decoded_entry each;
    for (;;) {
        const auto next = walk.next();
        if (!next) return next.error();
        if (*next == segment_walk::found::nothing) break;
        if (auto decoded = decode_entry(walk, each); !decoded)
            return corrupt(segment_name(of.number), decoded.error().what());
        add_rows(each, what.rows);
        if (begins_checkpoint(each)) what.rows.checkpoint_at(walk.begin());
    }
    what.end = walk.position();
    const auto verdict = judge_tail(**content, of.header, what.end, of.size, walk.expected(), what.rows.mark());
    if (!verdict) return verdict.error();
    if (verdict->what == tail_verdict::kind::damaged) {
        return corrupt(segment_name(of.number), "entry " + std::to_string(walk.expected()) + " at byte " +
                                                    std::to_string(what.end) + " is damaged: up to " +
                                                    std::to_string(verdict->confirmed) + " all were confirmed");
    }
    if (verdict->what == tail_verdict::kind::torn) what.cut_bytes = of.size - what.end;
    return what;
}

// What lies below the lowest segment that is needed was about to be removed. Which that is says the header of the segment
// with the last checkpoint: an older checkpoint needs what the one behind it lets go.
status examination::find_lowest() {
    auto& segments = out_.segments;
    std::size_t at = segments.size() - 1;
    const auto has_checkpoint = [&] {
        const bool is_open = out_.open && at + 1 == segments.size();
        return (is_open ? out_.open->rows.checkpoint() : segments[at].footer->checkpoint) != 0;
    };
    while (!has_checkpoint()) {
        if (at == 0 || segments[at - 1].number + 1 != segments[at].number) {
            // Nothing was ever written, if its very making was cut short.
            if (segments[at].number == 1 && segments.back().header.first == 1) return {};
            return corrupt(segment_name(segments[at].number), "there is no checkpoint");
        }
        if (auto ends = read(segments[--at], false); !ends) return ends;
    }
    const std::uint64_t lowest = segments[at].header.lowest;
    const auto needed = std::ranges::find(segments, lowest, &examined_segment::number);
    if (needed == segments.end()) return corrupt(segment_name(lowest), "it is missing");
    for (auto one = needed; one != segments.end(); ++one) {
        if (one->header.seed != 0) continue;
        if (auto ends = read(*one, false); !ends) return ends;
    }
    checkpoint_in_ = at - static_cast<std::size_t>(needed - segments.begin());
    for (auto one = segments.begin(); one != needed; ++one) out_.unneeded.push_back(segment_name(one->number));
    segments.erase(segments.begin(), needed);
    return {};
}

status examination::check_chain() const {
    for (std::size_t i = 1; i < out_.segments.size(); ++i) {
        const examined_segment &before = out_.segments[i - 1], &one = out_.segments[i];
        const std::string name = segment_name(one.number);
        if (one.number != before.number + 1) return corrupt(segment_name(before.number + 1), "it is missing");
        if (one.header.behind_quarantine) continue;
        if (one.header.seal_before != before.footer->seal || one.header.first != before.footer->last + 1)
            return corrupt(name, "it does not follow the segment before it");
        if (one.header.epoch == before.header.epoch && one.header.nonce != before.header.nonce)
            return error{errc::conflict, std::string{in_.path()} + "/" + name,
                         "two writers went on from one directory: it was copied while it was in use"};
    }
    return {};
}

// True: there was a checkpoint, and all behind it is applied.
result<bool> examination::apply_from(const examined_segment& of, std::uint64_t position, lsn last) {
    const auto content = in_.open(segment_name(of.number), file_use::read);
    if (!content) return content.error();
    segment_walk walk{**content, of.header, position, of.size};
    decoded_entry each;
    bool any = false;
    while (walk.expected() == 0 || walk.expected() <= last) {
        const auto next = walk.next();
        if (!next) return next.error();
        if (*next == segment_walk::found::nothing)
            return corrupt(segment_name(of.number), "the entry at byte " + std::to_string(walk.position()));
        if (auto applied = apply_entry(walk, each, out_.state); !applied)
            return corrupt(segment_name(of.number), applied.error().what());
        any = any || begins_checkpoint(each);
    }
    return any;
}

status examination::build_state() {
    for (std::size_t i = checkpoint_in_; i < out_.segments.size(); ++i) {
        const examined_segment& one = out_.segments[i];
        const lsn last = last_of(one);
        if (last + 1 == one.header.first) continue;  // no entry
        const bool begins = i == checkpoint_in_, is_open = out_.open && i + 1 == out_.segments.size();
        const std::uint64_t checkpoint = is_open ? out_.open->rows.checkpoint() : one.footer->checkpoint;
        const auto applied = apply_from(one, begins ? checkpoint : jf::header_bytes, last);
        if (!applied) return applied.error();
        if (begins && !*applied) return corrupt(segment_name(one.number), "its checkpoint does not pass");
    }
    return {};
}

result<examined_journal> examination::run() {
    for (const auto step : {&examination::list, &examination::judge_identity}) {
        if (auto done = (this->*step)(); !done) return done.error();
    }
    if (out_.segments.empty()) return std::move(out_);
    for (const auto step : {&examination::find_last, &examination::scan_last, &examination::find_lowest}) {
        if (auto done = (this->*step)(); !done) return done.error();
    }
    if (auto chained = check_chain(); !chained) return chained.error();
    if (auto built = build_state(); !built) return built.error();
    return std::move(out_);
}

}  // namespace

result<examined_journal> examine(directory& in) { return examination{in}.run(); }

}  // namespace godwit::detail
