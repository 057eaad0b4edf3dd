// pub_log: a publisher's stream: the batch that gathers, the log that keeps what is sealed until there is no room, and the
// last batches that were looked at, each with what of it the subscribers get. It knows no link. Threads: inside a turn.
#pragma once
#include <array>
#include <vector>

#include "ack_retry/batch_match.hpp"
#include "base/batch.hpp"
#include "base/record_log.hpp"
#include "godwit/export.hpp"
#include "godwit/layer.hpp"

namespace godwit::detail {

class GODWIT_EXPORT pub_log {
public:
    static constexpr std::size_t seal_bytes_max = 256u << 10;

    pub_log(stream_id stream, record_log& log, filter_table& filters, std::vector<layer*> layers);

    stream_id stream() const noexcept { return stream_; }
    offset next() const noexcept { return next_; }                          // the next to be given
    offset visible() const { return log_.visible(stream_); }                // all below may be sent
    offset first() const { return std::max(first_, log_.first(stream_)); }  // of what is still there
    // What a subscriber has not had below it is a gap: dropped, or given up by a log that does that by itself.
    offset dropped_below() const { return gives_up_ ? log_.given_up_below(stream_) : first(); }
    offset first_since(wall_time when) const { return std::max(first_, log_.first_since(stream_, when)); }
    bool gives_up() const noexcept { return gives_up_; }
    // How many the next opening would not find.
    std::uint64_t unkept() const { return next_ - std::max(begun_at_, visible()); }
    bool is_writing() const noexcept { return writing_; }
    void kept(log_ticket ticket) noexcept {
        if (ticket.number == last_ticket_) writing_ = false;
    }
    std::size_t gathered_bytes() const noexcept { return builder_.size_bytes(); }
    std::uint64_t bytes_used() const noexcept { return log_.bytes_used() + builder_.size_bytes(); }
    std::size_t seal_bytes() const noexcept { return seal_bytes_; }

    // False: the batch that gathers is full; keep() first.
    bool add(const record_parts& what) {
        if (!builder_.add(next_, what, seal_bytes_)) return false;
        ++next_;
        return true;
    }
    // Seals what has gathered into the log. False: it has no room: drop something, unless it does that itself, and try again.
    bool keep(wall_time now);

    // The first batch with a record at `from` or above, and below visible(); nullptr: none that can be read now. It lives
    // until eight others have been asked for.
    batch_match* read(offset from);
    // There is none at `from` or above, nor will be below visible(): a hole that an epoch has left.
    bool is_over(offset from) { return log_.read(stream_, from).answer == log_answer::released; }
    offset last() const;  // of the last record that is there; first() if none is
    // Everything below is gone. False: that made no room.
    bool drop_below(offset end);

private:
    stream_id stream_;
    record_log& log_;
    std::vector<layer*> layers_;
    batch_builder builder_;
    entry sealed_;  // the log had no room for it yet
    offset next_;
    offset first_ = 0;
    const bool gives_up_;
    const offset begun_at_;
    std::size_t seal_bytes_;
    bool writing_ = false;  // the log has not kept the last that it got
    std::uint64_t last_ticket_ = 0;
    std::vector<batch_match> seen_;
    std::size_t seen_last_ = 0;
};

}  // namespace godwit::detail
