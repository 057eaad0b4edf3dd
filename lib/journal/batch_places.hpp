// batch_places: where a journal's batches stand: of each segment, and each stream in it, an item for about each 64 KiB.
// What is not known of a sealed segment is found by reading it once. Threads: one at a time.
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "journal/segment_format.hpp"

namespace godwit::detail {

class GODWIT_EXPORT batch_places {
public:
    struct place {
        std::uint64_t segment = 0;
        std::uint64_t position =
            0;  // of an entry at or before the one wanted; 0: not known, read it from its beginning
    };
    void add_sealed(std::uint64_t segment, const segment_footer& footer);
    void add(std::uint64_t segment, std::uint64_t position, stream_id stream, offset first, offset last);
    // The items of a sealed segment, complete.
    void complete(std::uint64_t segment) { segments_[segment].is_complete = true; }
    void forget_below(std::uint64_t segment) { segments_.erase(segments_.begin(), segments_.lower_bound(segment)); }
    std::optional<place> find(stream_id stream, offset at) const;
    // The lowest offset of the first segment with an entry of that time or later, in ms since 1970.
    std::optional<offset> first_since(stream_id stream, std::int64_t when) const;
    void written_at(std::uint64_t segment, std::int64_t when) { segments_[segment].latest = when; }

private:
    struct item {
        offset first = 0;
        std::uint64_t position = 0;
    };
    struct span {
        offset first = 0, end = 0;
        std::vector<item> items;
    };
    struct contents {
        std::map<stream_id, span> streams;
        bool is_complete = true;
        std::int64_t latest = 0;  // time of an entry
    };
    std::map<std::uint64_t, contents> segments_;
};

}  // namespace godwit::detail
