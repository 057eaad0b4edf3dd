// batch_settlements: what of one batch is settled, and what of that the sender has not been told yet.
// Settling in order costs an increment; in any other order, a range in a set. Threads: a value, inside a turn.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "ack_retry/link_frames.hpp"
#include "base/range_set.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT batch_settlements {
public:
    using how = ack_frame::settled::how;

    void begin(offset first) noexcept;  // of the batch's records; nothing is settled then

    // False: it was settled before, and nothing changed. Throws std::bad_alloc, and changes nothing then.
    bool ack(offset at) {
        if (at != run_end_ || !apart_.empty()) [[unlikely]]
            return ack_apart(at);
        ++run_end_;
        ++count_;
        ++untold_;
        return true;
    }
    bool settle(offset at, how outcome, std::uint32_t delay_ms, std::string_view why);  // at most 1,024 bytes of `why`
    bool pass_over(offset at);  // settled elsewhere: nobody is told

    bool contains(offset at) const noexcept { return (first_ <= at && at < run_end_) || apart_.contains(at); }
    bool untold(offset at) const noexcept;
    std::uint32_t count() const noexcept { return count_; }
    std::uint32_t untold() const noexcept { return untold_; }

    // Appends what is untold, in ranges that cover nothing else. It is told then. Throws std::bad_alloc.
    void tell(stream_id stream, std::uint32_t attempt, std::vector<ack_frame::settled>& into);

private:
    bool ack_apart(offset at);

    offset first_ = 0;
    offset run_told_ = 0;  // acked in order: told below this,
    offset run_end_ = 0;   // and untold below this
    std::uint32_t count_ = 0;
    std::uint32_t untold_ = 0;
    range_set apart_;                         // all others that are settled
    range_set apart_acks_;                    // of them, acked and untold
    std::vector<ack_frame::settled> others_;  // neither acked nor told; stream and attempt are not set
};

}  // namespace godwit::detail
