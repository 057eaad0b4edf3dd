#include "journal/recovery.hpp"

#include <algorithm>

#include "journal/segment_rows.hpp"
#include "journal/segment_walk.hpp"
#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::size_t identity_bytes_max = 64u << 10;
constexpr std::size_t copy_bytes = 1u << 20;

error corrupt(const directory& in, const std::string& name, const std::string& what) {
    return error{errc::corrupt, std::string{in.path()} + "/" + name + ": " + what,
                 "nothing was changed: restore it from a backup, or take the directory aside and begin a new one"};
}

struct found_segment {
    std::uint64_t number = 0;
    std::unique_ptr<file> content;
    std::uint64_t size = 0;
    segment_header header;
    std::optional<segment_footer> footer;
};

// A scan of a segment that nothing seals.
struct scanned {
    segment_rows rows;
    std::uint64_t end = jf::header_bytes;  // behind its last entry
};

class directory_scan {
public:
    explicit directory_scan(directory& in) : in_{in} {}

    result<recovered_journal> run();

private:
    status list();
    status drop_unused_header();
    status read_ends(found_segment& one);
    status scan_last();
    status find_lowest();
    status check_chain() const;
    status read_identity();
    result<bool> has_entries();  // the first segment, of a directory without an identity
    status tidy();
    result<scanned> scan(const found_segment& of);
    status write_anew(found_segment& last, const scanned& what);
    status build_state();
    result<bool> apply_from(const found_segment& of, std::uint64_t position);

    directory& in_;
    std::vector<std::string> names_;
    std::vector<found_segment> segments_, unneeded_;
    std::optional<scanned> open_;    // of the last segment, if it has to be written anew
    std::size_t checkpoint_in_ = 0;  // which segment has the last one
    recovered_journal out_;
};

status directory_scan::list() {
    auto names = in_.list();
    if (!names) return names.error();
    names_ = std::move(*names);
    for (const std::string& name : names_) {
        std::uint64_t number = 0;
        if (!is_segment_name(name, number)) continue;
        found_segment one;
        one.number = number;
        auto opened = in_.open(name, file_use::write);
        if (!opened) return opened.error();
        one.content = std::move(*opened);
        const auto size = one.content->size();
        if (!size) return size.error();
        one.size = *size;
        segments_.push_back(std::move(one));
    }
    std::ranges::sort(segments_, {}, &found_segment::number);
    return {};
}

status directory_scan::read_ends(found_segment& one) {
    const std::string name = segment_name(one.number);
    std::array<std::byte, jf::header_bytes> start{};
    const auto got = one.content->read(0, start);
    if (!got) return got.error();
    auto header = decode_header(bytes{start}.first(*got));
    if (!header) {
        if (header.failed(errc::unsupported)) return header.error();
        return corrupt(in_, name, "its header does not pass");
    }
    one.header = *header;
    if (one.header.number != one.number || one.header.journal != out_.identity.id)
        return corrupt(in_, name, "it is another journal's, or has another's name");
    std::array<std::byte, jf::tail_bytes> tail{};
    const auto tail_at = one.size - std::min<std::uint64_t>(one.size, tail.size());
    const auto tail_got = one.content->read(tail_at, tail);
    if (!tail_got) return tail_got.error();
    const std::uint32_t size = footer_size(bytes{tail}.first(*tail_got));
    if (size != 0 && size <= one.size - jf::header_bytes) {
        std::vector<std::byte> image(size);
        const auto image_got = one.content->read(one.size - size, image);
        if (!image_got) return image_got.error();
        if (auto footer = decode_footer(bytes{image}.first(*image_got), one.header.seed)) {
            one.footer = std::move(*footer);
        } else if (footer.failed(errc::unsupported)) {
            return footer.error();
        }
    }
    if (!one.footer && &one != &segments_.back()) return corrupt(in_, name, "its footer does not pass");
    return {};
}

// A header that does not pass, with nothing behind it, was never used.
status directory_scan::drop_unused_header() {
    if (segments_.back().size > jf::header_bytes) return {};
    const found_segment& last = segments_.back();
    std::array<std::byte, jf::header_bytes> start{};
    const auto got = last.content->read(0, start);
    if (!got) return got.error();
    if (!decode_header(bytes{start}.first(*got)).failed(errc::malformed)) return {};
    if (auto gone = in_.remove(segment_name(last.number)); !gone) return gone;
    if (auto synced = in_.sync(); !synced) return synced;
    segments_.pop_back();
    if (segments_.empty()) return corrupt(in_, segment_name(1), "it is missing");
    return {};
}

status directory_scan::check_chain() const {
    for (std::size_t i = 1; i < segments_.size(); ++i) {
        const found_segment &before = segments_[i - 1], &one = segments_[i];
        const std::string name = segment_name(one.number);
        if (one.number != before.number + 1) return corrupt(in_, segment_name(before.number + 1), "it is missing");
        if (one.header.behind_quarantine) continue;
        if (one.header.seal_before != before.footer->seal || one.header.first != before.footer->last + 1)
            return corrupt(in_, name, "it does not follow the segment before it");
        if (one.header.epoch == before.header.epoch && one.header.nonce != before.header.nonce)
            return error{errc::conflict, std::string{in_.path()} + "/" + name,
                         "two writers went on from one directory: it was copied while it was in use"};
    }
    return {};
}

result<bool> directory_scan::has_entries() {
    found_segment& first = segments_.front();
    std::array<std::byte, jf::header_bytes> start{};
    const auto got = first.content->read(0, start);
    if (!got) return got.error();
    const auto header = decode_header(bytes{start}.first(*got));
    if (!header) return first.size > jf::header_bytes || header.failed(errc::unsupported);
    first.header = *header;
    const auto found = scan(first);
    if (!found) return found.error();
    return found->rows.last() != 0 || out_.cut_bytes != 0;
}

status directory_scan::read_identity() {
    auto image = read_whole(in_, "identity", identity_bytes_max);
    const bool is_first = image.failed(errc::not_found);
    if (is_first) {
        // Segment 1 without an entry: the making was cut short.
        if (segments_.empty()) return {};
        const auto any = segments_.size() > 1 || segments_.front().number != 1 ? result<bool>{true} : has_entries();
        if (!any) return any.error();
        if (*any) return corrupt(in_, "identity", "it is missing");
        if (auto gone = in_.remove(segment_name(1)); !gone) return gone;
        segments_.clear();
        return in_.sync();
    }
    if (!image) return image.error();
    auto identity = decode_identity(*image);
    if (!identity)
        return identity.failed(errc::malformed) ? corrupt(in_, "identity", "it does not pass") : identity.error();
    const auto place = in_.place_of("lock");
    if (!place) return place.error();
    out_.identity = std::move(*identity);
    if (*place != out_.identity.place)
        return error{errc::conflict, std::string{in_.path()},
                     "this is a copy, or a restored journal, and may have a twin: it cannot be written to yet"};
    if (segments_.empty()) return corrupt(in_, segment_name(1), "it is missing");
    return {};
}

// What lies below the lowest segment that is needed was about to be removed. Which that is says the header of the segment
// with the last checkpoint: an older checkpoint needs what the one behind it lets go.
status directory_scan::find_lowest() {
    std::size_t at = segments_.size() - 1;
    const auto has_checkpoint = [&] {
        const bool is_open = open_ && at + 1 == segments_.size();
        return (is_open ? open_->rows.checkpoint() : segments_[at].footer->checkpoint) != 0;
    };
    while (!has_checkpoint()) {
        if (at == 0 || segments_[at - 1].number + 1 != segments_[at].number) {
            // Nothing was ever written, if its very making was cut short.
            if (segments_[at].number == 1 && segments_.back().header.first == 1) return {};
            return corrupt(in_, segment_name(segments_[at].number), "there is no checkpoint");
        }
        if (auto ends = read_ends(segments_[--at]); !ends) return ends;
    }
    const std::uint64_t lowest = segments_[at].header.lowest;
    const auto needed = std::ranges::find(segments_, lowest, &found_segment::number);
    if (needed == segments_.end()) return corrupt(in_, segment_name(lowest), "it is missing");
    for (auto one = needed; one != segments_.end(); ++one) {
        if (one->header.seed != 0) continue;
        if (auto ends = read_ends(*one); !ends) return ends;
    }
    unneeded_.assign(std::make_move_iterator(segments_.begin()), std::make_move_iterator(needed));
    segments_.erase(segments_.begin(), needed);
    checkpoint_in_ = at - unneeded_.size();
    return {};
}

status directory_scan::tidy() {
    std::vector<std::string> gone;
    for (const found_segment& one : unneeded_) gone.push_back(segment_name(one.number));
    std::ranges::copy_if(names_, std::back_inserter(gone), [](const auto& name) { return name.ends_with(".new"); });
    for (const std::string& name : gone) {
        if (auto removed = in_.remove(name); !removed) return removed;
    }
    return gone.empty() ? status{} : in_.sync();
}

result<scanned> directory_scan::scan(const found_segment& of) {
    scanned what;
    segment_walk walk{*of.content, of.header, jf::header_bytes, of.size};
    walk.expect(of.header.first, of.header.seed);
    decoded_entry each;
    for (;;) {
        const auto next = walk.next();
        if (!next) return next.error();
        if (*next == segment_walk::found::nothing) break;
        each.head = walk.head();
        if (auto decoded = decode_content(walk.whole(), each); !decoded)
            return corrupt(in_, segment_name(of.number), decoded.error().what());
        what.rows.add(each.head);
        for (const batch_view& batch : each.batches) what.rows.add(batch);
        if (!each.notes.empty() && each.notes.front().what == note::kind::checkpoint_begins)
            what.rows.checkpoint_at(walk.begin());
    }
    what.end = walk.position();
    const auto verdict = judge_tail(*of.content, of.header, what.end, of.size, walk.expected(), what.rows.mark());
    if (!verdict) return verdict.error();
    if (verdict->what == tail_verdict::kind::damaged) {
        return corrupt(in_, segment_name(of.number),
                       "entry " + std::to_string(walk.expected()) + " at byte " + std::to_string(what.end) +
                           " is damaged: up to " + std::to_string(verdict->confirmed) + " all were confirmed");
    }
    if (verdict->what == tail_verdict::kind::torn) out_.cut_bytes = of.size - what.end;
    return what;
}

// What was read back need not be on the disk: a sync that failed leaves it in memory. A new file, synced, is.
status directory_scan::write_anew(found_segment& last, const scanned& what) {
    const std::string name = segment_name(last.number), beside = name + ".new";
    auto made = in_.open(beside, file_use::create);
    if (!made) return made.error();
    std::vector<std::byte> memory(copy_bytes);
    for (std::uint64_t at = 0; at < what.end;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(memory.size(), what.end - at));
        const auto got = last.content->read(at, {memory.data(), size});
        if (!got) return got.error();
        if (*got != size) return corrupt(in_, name, "it became shorter");
        const bytes part{memory.data(), size};
        if (auto written = (*made)->write(at, {&part, 1}); !written) return written;
        at += size;
    }
    segment_footer footer = what.rows.footer(segment_footer::ending::by_recovery, last.header.first);
    const auto image = encode(footer, last.header.seed);
    const bytes whole{image};
    if (auto written = (*made)->write(what.end, {&whole, 1}); !written) return written;
    if (auto synced = (*made)->sync(); !synced) return synced;
    if (out_.cut_bytes > 0) {
        for (int copy = 1; out_.kept_as.empty(); ++copy) {
            const std::string kept = name.substr(0, name.find('.')) + ".torn." + std::to_string(copy);
            if (auto linked = in_.link(name, kept)) {
                out_.kept_as = kept;
            } else if (!linked.failed(errc::already_exists)) {
                return linked;
            }
        }
    }
    if (auto renamed = in_.rename(beside, name); !renamed) return renamed;
    if (auto synced = in_.sync(); !synced) return synced;
    last.content = std::move(*made);
    last.size = what.end + image.size();
    last.footer = std::move(footer);
    return {};
}

// Also a segment whose footer says that another follows: its maker ended before that one was there.
status directory_scan::scan_last() {
    found_segment& last = segments_.back();
    if (last.footer && last.footer->how == segment_footer::ending::clean) return {};
    out_.clean = false;
    if (last.footer && last.footer->how == segment_footer::ending::by_recovery) return {};
    if (last.footer) last.size -= encode(*last.footer, last.header.seed).size();
    auto what = scan(last);
    if (!what) return what.error();
    if (last.footer && what->rows.last() != last.footer->last)
        return corrupt(in_, segment_name(last.number), "its entries end before its footer says");
    open_ = std::move(*what);
    return {};
}

// True: there was a checkpoint, and all behind it is applied.
result<bool> directory_scan::apply_from(const found_segment& of, std::uint64_t position) {
    segment_walk walk{*of.content, of.header, position, of.size};
    decoded_entry each;
    bool any = false;
    while (walk.expected() == 0 || walk.expected() <= of.footer->last) {
        const auto next = walk.next();
        if (!next) return next.error();
        if (*next == segment_walk::found::nothing)
            return corrupt(in_, segment_name(of.number), "the entry at byte " + std::to_string(walk.position()));
        each.head = walk.head();
        auto decoded = decode_content(walk.whole(), each);
        for (std::size_t i = 0; decoded && i < each.notes.size(); ++i) decoded = out_.state.apply(each.notes[i]);
        if (!decoded) return corrupt(in_, segment_name(of.number), decoded.error().what());
        any = any || (!each.notes.empty() && each.notes.front().what == note::kind::checkpoint_begins);
        for (const batch_view& batch : each.batches) out_.state.wrote(batch);
    }
    return any;
}

status directory_scan::build_state() {
    for (std::size_t i = checkpoint_in_; i < segments_.size(); ++i) {
        const found_segment& one = segments_[i];
        if (one.footer->last + 1 == one.header.first) continue;  // no entry
        const bool begins = i == checkpoint_in_;
        const auto applied = apply_from(one, begins ? one.footer->checkpoint : jf::header_bytes);
        if (!applied) return applied.error();
        if (begins && !*applied) return corrupt(in_, segment_name(one.number), "its checkpoint does not pass");
    }
    return {};
}

// All that judges comes before all that changes.
result<recovered_journal> directory_scan::run() {
    const auto each = {&directory_scan::list, &directory_scan::read_identity};
    for (const auto step : each) {
        if (auto done = (this->*step)(); !done) return done.error();
    }
    if (segments_.empty()) return std::move(out_);
    if (auto dropped = drop_unused_header(); !dropped) return dropped.error();
    if (auto ends = read_ends(segments_.back()); !ends) return ends.error();
    for (const auto step : {&directory_scan::scan_last, &directory_scan::find_lowest}) {
        if (auto done = (this->*step)(); !done) return done.error();
    }
    if (auto chained = check_chain(); !chained) return chained.error();
    if (auto tidied = tidy(); !tidied) return tidied.error();
    if (open_) {
        if (auto written = write_anew(segments_.back(), *open_); !written) return written.error();
    }
    if (auto built = build_state(); !built) return built.error();
    for (found_segment& one : segments_) out_.segments.push_back({one.header, std::move(*one.footer), one.size});
    return std::move(out_);
}

}  // namespace

result<recovered_journal> recover(directory& in) { return directory_scan{in}.run(); }

}  // namespace godwit::detail
