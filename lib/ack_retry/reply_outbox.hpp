// reply_outbox: the replies to one requester, from the handler's word until the requester is known to have them. They
// gather in a batch while the link is busy; what was sent is kept, and sent again when the same incarnation comes back.
// Threads: inside a turn. Nothing is allocated for most replies.
#pragma once
#include <deque>
#include <vector>

#include "ack_retry/link_session.hpp"
#include "base/range_set.hpp"

namespace godwit::detail {

class reply_outbox {
public:
    static constexpr std::size_t seal_bytes = 256u << 10;

    explicit reply_outbox(stream_id requests) noexcept : stream_{requests}, open_{requests} {}

    // Throws std::bad_alloc.
    void add(offset at, std::uint32_t attempt, const record_parts& what, wall_time now);
    // `send`(batch): what the link says. What it takes has the numbers from 1 on, in this session.
    template <class F>
    void flush(wall_time now, F&& send) {
        if (next_ == kept_.size()) seal(now);
        while (next_ < kept_.size() && send(kept_[next_].batch) == link_set::carried::done) {
            if (++next_ == kept_.size()) seal(now);
        }
    }
    void received(std::uint64_t number) noexcept;  // of the last that the requester has; it has all before
    void begin_again(wall_time now);               // in another session of the same incarnation

    void list(std::vector<attempted_range>& into) const;                 // all that are not known to be received
    const range_set& carried_over() const noexcept { return carried_; }  // those of earlier sessions
    stream_id stream() const noexcept { return stream_; }
    std::size_t size_bytes() const noexcept { return bytes_ + open_.size_bytes(); }
    std::size_t unsent() const noexcept { return kept_.size() - next_ + (open_.empty() ? 0 : 1); }
    bool empty() const noexcept { return kept_.empty() && open_.empty(); }

private:
    struct kept_batch {
        batch_ref batch;
        std::vector<attempted_range> what;
    };
    void seal(wall_time now);

    const stream_id stream_;
    batch_builder open_;
    offset open_last_ = 0;
    std::vector<attempted_range> open_what_;
    std::deque<kept_batch> kept_;  // in order
    std::size_t next_ = 0;         // of them, to be sent
    std::uint64_t confirmed_ = 0;  // frames of this session
    std::size_t bytes_ = 0;        // of kept_
    range_set carried_;
};

}  // namespace godwit::detail
