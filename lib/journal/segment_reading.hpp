// segment_reading: some batches of one stream, from a segment's file. Threads: stateless; blocks on the file.
#pragma once
#include <vector>

#include "base/directory.hpp"
#include "journal/batch_places.hpp"
#include "journal/carried_places.hpp"

namespace godwit::detail {

struct segment_reading {
    std::vector<dated_batch> wanted;  // those with records at the offset or above, in order
    struct seen_batch {
        std::uint64_t position = 0;  // of its entry
        stream_id stream;
        offset first = 0, last = 0;
    };
    std::vector<seen_batch> seen;  // of a segment that was read from its beginning: every batch that is no copy
    status why;                    // not ok: what of the file cannot be read
};

// Up to about so many bytes of them, from `place` on.
GODWIT_EXPORT segment_reading read_segment(directory& in, const batch_places::place& place, stream_id stream, offset at,
                                           std::size_t bytes_wanted);

}  // namespace godwit::detail
