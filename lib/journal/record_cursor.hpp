// record_cursor: goes forward through the records of a journal as far as a journal_sight reaches, segment by segment, by
// their footers past those that have nothing of what is wanted. Threads: one at a time. Blocks on files.
#pragma once
#include <limits>

#include "journal/carried_ahead.hpp"

namespace godwit::detail {

struct record_place {
    std::uint64_t segment = 0;
    lsn entry = 0;
    stream_id stream;
    offset at = 0;
};

struct wanted_records {
    std::optional<stream_id> stream = {};          // nothing: of all
    offset from = 0;                               // of each of them
    std::optional<record_place> from_record = {};  // that one, and what comes behind it; of entry 0: a copy
    std::uint64_t last_segment = std::numeric_limits<std::uint64_t>::max();
    std::int64_t not_before = std::numeric_limits<std::int64_t>::min();  // ms since 1970, of the append
    bool released = false;
    bool past_damage = false;
    bool copies = true;  // of what is not where it first came any more
};

struct found_record {
    stream_id stream;
    record_view record;  // lives until the cursor's next call
    std::uint64_t segment = 0;
    lsn entry = 0;
    std::int64_t when = 0;
    bool released = false;
};

class GODWIT_EXPORT record_cursor {
public:
    // Begins with the segment `from.segment`, or, where `from.position` is not 0, with that entry.
    record_cursor(std::shared_ptr<journal_sight> of, const wanted_records& what, const journal_sight::place& from);

    // False: there is no more as of the sight's last refresh(). `corrupt` again and again where it stands, `unsupported`, `io`.
    result<bool> next(found_record& out);

private:
    struct opened_segment {
        segment_ends ends;
        std::optional<segment_walk> walk;
        lsn made_for = 0;       // what was visible when the walk was made: it may have read ahead of that
        bool unsealed = false;  // another follows, and no footer passes
    };

    result<bool> next_entry();
    result<bool> open_segment();
    status look_at_its_end();
    void leave_segment();
    result<segment_walk::found> read_entry();
    bool is_wanted(const record_view& record) noexcept;
    bool next_of(const batch_view& batch, std::int64_t when, found_record& out);
    result<bool> next_copy(bool is_end);
    status walk_from(std::uint64_t position, lsn number, std::uint64_t chain);
    bool has_nothing_wanted(const segment_footer& footer) const;
    status follows(const segment_ends& ends) const;
    lsn last_here() const;
    error damaged(std::uint64_t number, std::string_view what) const;

    const std::shared_ptr<journal_sight> sight_;
    wanted_records what_;
    std::uint64_t next_segment_;
    std::optional<journal_sight::place> from_;  // until it is reached
    std::unique_ptr<opened_segment> here_;
    struct end_of_segment {
        std::uint64_t number = 0, seal = 0;
        lsn last = 0;
    };
    std::optional<end_of_segment> before_;  // of the segment before this one, if it was sealed
    carried_ahead ahead_;
    carried_ahead::copy copy_;
    batch_ref copied_;  // of it; empty: none is being read
    bool has_entry_ = false;
    decoded_entry entry_;
    std::size_t batch_ = 0;
    std::uint32_t record_ = batch_header_bytes;
};

// Where to begin. `io`.
GODWIT_EXPORT result<journal_sight::place> place_of_time(const journal_sight& in, std::int64_t not_before);
// The last one of what is wanted.
GODWIT_EXPORT result<std::optional<record_place>> find_last(const std::shared_ptr<journal_sight>& in,
                                                            wanted_records what);

}  // namespace godwit::detail
