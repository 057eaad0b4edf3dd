// carried_places: where the copies of one stream's records stand that were appended again, so that the segment in which
// they first came can go. docs/journal_format.md, "Letting go". Threads: a value.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/entry.hpp"
#include "base/range_set.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

// A copied batch. All that is live between its first and its last offset is in it.
struct carried_place {
    offset first = 0, last = 0;
    std::uint64_t segment = 0;
    std::uint64_t position = 0;  // of its entry
    std::int64_t when = 0;       // its records were first appended, in ms since 1970
    std::uint64_t bytes = 0;
};

class GODWIT_EXPORT carried_places {
public:
    // In the place of every one that it overlaps.
    void put(const carried_place& one);
    // Those of which nothing is left.
    void forget(offset_range what, const range_set& released);
    bool empty() const noexcept { return places_.empty(); }

    const carried_place* find(offset at) const noexcept;  // nullptr: it stands where it first came
    // Calls f(const carried_place&) for each with an offset between these.
    template <class F>
    void for_each_in(offset_range what, F&& f) const {
        for (auto one = places_.lower_bound(what.first); one != places_.end() && one->second.first <= what.last; ++one)
            f(one->second);
    }
    // The lowest that stands in that segment and has an offset between these; nullptr: none has.
    const carried_place* first_in(std::uint64_t segment, offset_range what) const noexcept;
    // The lowest offset between these that is not released and has no place; above `what.last`: there is none.
    offset first_not_carried(offset_range what, const range_set& released) const noexcept;
    // What of a batch that stands in that segment is live, and nowhere else.
    std::vector<offset_range> live_in(std::uint64_t segment, offset_range what, const range_set& released) const;
    std::uint64_t count_not_carried(offset_range what, const range_set& released) const;

private:
    std::map<offset, carried_place> places_;  // by last offset; disjoint
};

// Whether somebody still needs what a segment has of the stream: a live record that has no place elsewhere, or a copy.
GODWIT_EXPORT bool is_live_in(std::uint64_t segment, const footer_row& row, const range_set& released,
                              const carried_places& carried) noexcept;

struct dated_batch {
    batch_ref batch;
    std::int64_t when = 0;  // its records were first appended, in ms since 1970
};
// An entry of copies: by stream and offset, with their note.
GODWIT_EXPORT entry carried_entry(std::vector<dated_batch>&& copies);
// Of the content of its note, for each batch.
GODWIT_EXPORT std::vector<std::int64_t> decode_carried(std::string_view content);
GODWIT_EXPORT std::string encode(const carried_place& from);
GODWIT_EXPORT result<carried_place> decode_place(std::string_view content);  // `malformed`

inline bool is_carried(const entry& what) noexcept {
    return !what.notes.empty() && what.notes.front().what == note::kind::carried;
}

}  // namespace godwit::detail
