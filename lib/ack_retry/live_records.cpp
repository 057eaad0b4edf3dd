#include "ack_retry/live_records.hpp"

namespace godwit::detail {

void live_records::add(taken_batch& what) {
    one_stream& in = streams_[what.stream];
    if (in.batches.empty() || in.batches.back()->first <= what.first) {
        in.batches.push_back(&what);
    } else {
        in.batches.insert(first_from(in.batches, what.first), &what);
    }
    in.highest = std::max(in.highest, what.last);
    in.widest = std::max(in.widest, what.last - what.first);
}

void live_records::remove(taken_batch& what) noexcept {
    const auto found = streams_.find(what.stream);
    if (found == streams_.end()) return;
    in_order& batches = found->second.batches;
    auto at = first_from(batches, what.first);
    while (at != batches.end() && *at != &what) ++at;
    if (at == batches.end()) return;
    batches.erase(at);
    // A stream that rests keeps its entry while there are few.
    if (batches.empty() && streams_.size() > 64) streams_.erase(found);
}

}  // namespace godwit::detail
