// journal_examination: what a directory holds after whatever ended its last writer: the last segment is scanned, and what
// stands behind its last entry is judged. docs/journal_format.md, "Opening". Nothing is changed: recovery does that, when
// all of this has passed. Threads: one at a time, by who holds the lock. Blocks on files.
#pragma once
#include <string>
#include <vector>

#include "journal/segment_ends.hpp"
#include "journal/segment_rows.hpp"

namespace godwit::detail {

// A segment that nothing seals, or that ended without its writer's last words.
struct scanned_segment {
    segment_rows rows;
    std::uint64_t end = journal_format::header_bytes;  // behind its last entry
    std::uint64_t cut_bytes = 0;                       // behind that, and no zeros: never confirmed
};

struct examined_segment {
    std::uint64_t number = 0;
    std::uint64_t size = 0;  // without the footer, of the last one if `open` is set
    segment_header header;
    std::optional<segment_footer> footer;
};

struct examined_journal {
    journal_identity identity;
    std::vector<examined_segment> segments;  // those that are needed, by number; empty: there is no journal yet
    std::optional<scanned_segment> open;     // the last one has to be written anew
    journal_state state;
    bool clean = true;
    std::vector<std::string> unneeded;  // files that nobody needs
};

// Errors: `corrupt` names the segment, the position and the number of the entry; `conflict`: a copy, or a directory of
// two; `unsupported`, `io`.
GODWIT_EXPORT result<examined_journal> examine(directory& in);

}  // namespace godwit::detail
