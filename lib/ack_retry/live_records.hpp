// live_records: where the records of each stream are that wait or are in hand, so that a second copy is found.
// A batch that follows on all before it costs a comparison. Threads: inside a turn.
#pragma once
#include <algorithm>
#include <deque>
#include <map>

#include "ack_retry/taken_batch.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT live_records {
public:
    // Throws std::bad_alloc.
    void add(taken_batch& what);
    void remove(taken_batch& what) noexcept;

    // Calls f(taken_batch&) for each that has some offset between these.
    template <class F>
    void for_each_beside(stream_id stream, offset_range what, F&& f) const {
        const auto found = streams_.find(stream);
        if (found == streams_.end() || found->second.highest < what.first) return;
        const auto& [batches, highest, widest] = found->second;
        const offset from = what.first > widest ? what.first - widest : 0;
        for (auto at = first_from(batches, from); at != batches.end() && (*at)->first <= what.last; ++at) {
            if ((*at)->last >= what.first) f(**at);
        }
    }

private:
    using in_order = std::deque<taken_batch*>;  // by their first offsets
    struct one_stream {
        in_order batches;
        offset highest = 0;
        offset widest = 0;  // the greatest distance in one batch
    };
    static in_order::const_iterator first_from(const in_order& batches, offset at) {
        return std::lower_bound(batches.begin(), batches.end(), at,
                                [](const taken_batch* one, offset value) { return one->first < value; });
    }

    std::map<stream_id, one_stream> streams_;
};

}  // namespace godwit::detail
