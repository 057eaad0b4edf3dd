// segment_ends: what a directory says of itself before an entry is read: its identity, the numbers of its segments, and
// each one's header and footer. Threads: stateless. Blocks on files, and changes none.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/directory.hpp"
#include "journal/identity.hpp"
#include "journal/journal_state.hpp"
#include "journal/segment_rows.hpp"
#include "journal/segment_walk.hpp"

namespace godwit::detail {

// `corrupt`, with the path of the file.
GODWIT_EXPORT error damage_of(const directory& in, std::string_view name, std::string_view what,
                              std::string_view advice);

struct segment_ends {
    std::uint64_t number = 0;
    std::unique_ptr<file> content;  // open to read
    std::uint64_t size = 0;
    bool unused =
        false;  // its header does not pass, and there is nothing behind it: its maker was stopped, or is at it
    segment_header header;
    std::optional<segment_footer> footer;  // nothing: what ends the file is none
};
// Of the journal `of`, or of any. `corrupt` (the header does not pass, or is not of this number, or another's),
// `unsupported`, `not_found`, `io`.
GODWIT_EXPORT result<segment_ends> read_ends(directory& in, std::uint64_t number, const journal_identity* of);

// Ascending.
GODWIT_EXPORT std::vector<std::uint64_t> segment_numbers(const std::vector<std::string>& names);

// `not_found`, `corrupt`, `unsupported`, `io`. Where it stands is for the caller to judge.
GODWIT_EXPORT result<journal_identity> read_identity(directory& in);

inline bool begins_checkpoint(const decoded_entry& what) noexcept {
    return !what.notes.empty() && what.notes.front().what == note::kind::checkpoint_begins;
}
// Its batches are copies of what was appended before.
inline bool is_carried(const decoded_entry& what) noexcept {
    return !what.notes.empty() && what.notes.front().what == note::kind::carried;
}
// When what is in its batches was first appended.
GODWIT_EXPORT std::vector<std::int64_t> first_appended(const decoded_entry& what);
GODWIT_EXPORT void add_rows(const decoded_entry& what, segment_rows& to);
// Of the entry that the walk has found: its content into `out`, and what it says into `state`. `malformed`, `unsupported`.
GODWIT_EXPORT status decode_entry(const segment_walk& walk, decoded_entry& out);
GODWIT_EXPORT status apply_entry(const segment_walk& walk, decoded_entry& out, journal_state& state);

}  // namespace godwit::detail
