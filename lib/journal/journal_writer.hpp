// journal_writer: one epoch of a journal that is open for append: entries into segments, one behind the other, a new
// segment when one is full, and old ones away when nothing in them is needed. It waits for nobody and starts nothing.
// Threads: one at a time. Every call blocks on files. After any error but `full` it is dead: what was not synced may or may
// not be there, and only opening the directory anew tells.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ports.hpp"
#include "journal/recovery.hpp"
#include "journal/segment_rows.hpp"
#include "journal/segment_writer.hpp"

namespace godwit::detail {

struct journal_limits {
    std::uint64_t bytes_max = std::uint64_t{1} << 30;  // of all segments
    std::uint64_t segment_bytes = std::uint64_t{64} << 20;
};

class GODWIT_EXPORT journal_writer {
public:
    struct tools {
        time_source& time;
        random_source& random;
    };
    // Of a directory that is locked; makes the journal if there is none. Borrows the directory.
    static result<std::unique_ptr<journal_writer>> open(directory& in, const journal_limits& limits, tools with);

    struct placed {  // where an entry went
        std::uint64_t segment = 0;
        std::uint64_t position = 0;
    };
    // In one write, as far as they fit into one segment. How many are written: fewer with `full`, when there was no space for
    // the next; call again then. `where` gets one for each that is written. The batches of an entry that begins with a
    // `carried` note are copies.
    struct appended {
        std::size_t entries = 0;
        status why;  // not ok only where fewer were written
    };
    appended append(std::span<const entry> entries, std::vector<placed>& where);
    status sync();
    // An entry without content, synced: what came before is below a durable mark then.
    status mark();
    // Lets go of what can be let go of, if any segment can be: of some of the oldest files at a time.
    status trim();
    bool has_unneeded() const { return has_unneeded(sealed_.begin()); }  // trim() has more to do
    // The last checkpoint and a footer that says so.
    status close();

    const recovered_journal& recovered() const noexcept { return recovered_; }
    const journal_state& state() const noexcept { return state_; }  // of all that is written
    std::int64_t latest() const noexcept { return latest_; }        // time of the last entry, in ms since 1970
    // Seals the open segment if something in it is that old, so that it can be let go of in its time.
    status end_segment_before(std::int64_t when);
    const segment_header& header() const noexcept { return open_->header(); }
    lsn last() const noexcept { return next_ - 1; }
    lsn durable() const noexcept { return durable_; }
    std::uint64_t unsynced_bytes() const noexcept { return open_->unsynced(); }
    std::uint64_t bytes_used() const noexcept { return sealed_bytes_ + open_->end(); }
    std::uint64_t lowest_segment() const noexcept {
        return sealed_.empty() ? header().number : sealed_.front().header.number;
    }
    const std::vector<known_segment>& sealed() const noexcept { return sealed_; }
    std::uint64_t checkpoint_bytes() const noexcept { return checkpoint_bytes_; }  // of the last one
    bool needs_mark() const noexcept { return marked_ < last(); }

private:
    journal_writer(directory& in, const journal_limits& limits, tools with)
        : directory_{in}, limits_{limits}, with_{with} {}

    status begin_epoch();
    status make_identity();
    // Small: with room for its checkpoint and some notes, where there is none for a whole one.
    status begin_segment(std::uint64_t number, std::uint64_t seal_before, std::span<const note> more,
                         bool may_be_small = false);
    status seal(segment_footer::ending how);
    status write_checkpoint(const entry& what);
    bool is_sealed() const;  // the open segment: there was no space for the next one
    bool lacks_checkpoint() const { return rows_.last() == 0; }  // the open one: there was no space for it
    status rotate(bool may_be_small = false);
    status write(std::span<const entry> entries, std::size_t count, std::vector<placed>* where);
    void note_written(const entry& what, const entry_head& head, std::uint64_t position);
    void note_carried(const entry& what, std::uint64_t position);
    std::uint64_t lowest_needed() const;
    bool has_unneeded(std::vector<known_segment>::const_iterator from) const {
        return !lacks_checkpoint() && from != sealed_.end() && from->header.number < header().lowest;
    }
    status remove_unneeded();
    std::int64_t now_ms();

    directory& directory_;
    const journal_limits limits_;
    const tools with_;
    recovered_journal recovered_;
    journal_state state_;
    std::vector<known_segment> sealed_;
    std::uint64_t sealed_bytes_ = 0;
    std::unique_ptr<segment_writer> open_;
    segment_rows rows_;
    std::uint64_t epoch_ = 1;
    journal_id nonce_;
    lsn next_ = 1;
    lsn durable_ = 0;
    lsn marked_ = 0;  // the durable mark that is written, and synced
    lsn written_mark_ = 0;
    std::uint64_t chain_ = 0;
    std::int64_t latest_ = 0;  // ms since 1970
    std::uint64_t checkpoint_bytes_ = 0;
};

}  // namespace godwit::detail
