// journal_state: what a journal's notes say of its streams, as far as it is still true: what a checkpoint writes down.
// A state machine without a clock or a file. Threads: a value, one at a time.
#pragma once
#include <map>
#include <string>

#include "base/range_set.hpp"
#include "journal/carried_places.hpp"
#include "journal/delivery_state.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

struct stream_state {
    std::string name;    // empty: it has none
    offset next = 0;     // above every offset that was written, and any that an earlier epoch may have given
    range_set released;  // settled or never given: nobody asks for them again
    delivery_state delivery;
    carried_places carried;
    offset given_up_below = 0;  // settled or not: there was no room for it, or it was too old
};

class GODWIT_EXPORT journal_state {
public:
    // In the order of the journal. `malformed`: a note that is cut off, which its checksum should not have let through.
    status apply(const decoded_entry::note_view& said);
    void apply(const note& said);  // one of our own
    void wrote(const batch_view& batch);
    // A copy, which stands in an entry there.
    void carried(const batch_view& batch, std::uint64_t segment, std::uint64_t position, std::int64_t when);

    stream_state& stream(stream_id which) { return streams_[which]; }
    const stream_state* find(stream_id which) const noexcept;
    const stream_state* find(std::string_view name, stream_id& which) const noexcept;
    const std::map<stream_id, stream_state>& streams() const noexcept { return streams_; }

    // A settlement may be written before its record: what it says is never given to another.
    void skip_what_is_settled();
    // After anything but a clean end: every stream goes on 2^32 above all that may have been given.
    void skip_what_may_have_been_given();
    std::vector<note> checkpoint() const;  // `begin` and `end` included
    void clear() noexcept { streams_.clear(); }

private:
    void settle(stream_state& of, offset_range what);

    std::map<stream_id, stream_state> streams_;
};

GODWIT_EXPORT note note_of(note::kind what, stream_id stream, std::string content);
// The content of a settlement.
GODWIT_EXPORT std::string ranges_as_bytes(std::span<const offset_range> ranges);
// The content of a floor, or of a next offset.
GODWIT_EXPORT std::string offset_as_bytes(offset at);

}  // namespace godwit::detail
