// recovery: makes a journal's directory fit to go on with after whatever ended its last writer: when all of it has been
// examined and judged, what was never confirmed is cut, and what nobody needs is removed. docs/journal_format.md,
// "Opening". Done again after a crash at any step it gives the same. Threads: one at a time. Blocks on files.
#pragma once
#include <string>
#include <vector>

#include "base/directory.hpp"
#include "journal/identity.hpp"
#include "journal/journal_state.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

struct known_segment {
    segment_header header;
    segment_footer footer;
    std::uint64_t size = 0;  // of the file
};

struct recovered_journal {
    journal_identity identity;
    std::vector<known_segment> segments;  // all sealed, by number; empty: a journal that is made now
    journal_state state;                  // as the last epoch left it
    bool clean = true;
    std::uint64_t cut_bytes = 0;  // behind the last entry: never confirmed
    std::string kept_as;          // the file that still has them
};

// By who holds the lock. Errors: `corrupt` names the segment, the position and the number of the entry, and nothing was
// changed; `conflict`: a copy, or a directory of two; `unsupported`; `io`, `full`.
GODWIT_EXPORT result<recovered_journal> recover(directory& in);

}  // namespace godwit::detail
