// sender_half: the sending side of a pattern whose receivers share one stream: push, and req's requests. It puts together
// the open batch, the log, the dispatcher and the outlets. It knows no link_set: its owner forwards what links tell.
// Threads: inside the socket's turn; nothing blocks.
#pragma once
#include <memory>
#include <optional>

#include "ack_retry/dispatcher.hpp"
#include "ack_retry/open_batch.hpp"
#include "ack_retry/outlets.hpp"
#include "base/delivery_protocol.hpp"

namespace godwit::detail {

class GODWIT_EXPORT sender_half {
public:
    struct tools {
        time_source& time;
        random_source& random;
        record_log& log;
        link_port& port;  // for reports
        batch_carrier& carrier;
        std::vector<layer*> layers;
        std::size_t message_bytes_max;
    };

    // Begins behind what the log has of the stream; what is there and not settled is sent first. Borrows `options`.
    sender_half(stream_id stream, const ack_retry& options, tools&& with);

    // would_block: the log is full, and nothing else: ready to send again when full() is false.
    tried send(const record_parts& what, offset& given, status& why) {
        if (what.body.size() <= open_batch::try_bytes && !full_ && is_body_alone(what)) [[likely]] {
            given = open_.next();
            const auto wish = open_.add_body(what.body);
            if (wish == open_batch::wish::none) [[likely]]
                return tried::done;
            if (wish == open_batch::wish::leave) {
                leave();
                return tried::done;
            }
        }
        return send_other(what, given, why);
    }
    bool full() const noexcept { return full_; }

    // Links: see link_user.
    void greet(hello& ours) const;
    void joined(link_number link, const hello& theirs, link_number resumed);
    void left(link_number link, link_end why);
    void took(link_number link, const ack_frame& acks);
    void drains(link_number link);
    void may_write();

    steady_time step();
    void flush();  // what has gathered leaves the open batch, idle or not

    stream_id stream() const noexcept { return stream_; }
    std::optional<outcome> outcome_of(offset at, stage wanted) const;
    std::uint64_t settled_below() const;
    std::uint64_t unsettled() const noexcept { return dispatcher_.records().unsettled(open_.next()); }
    std::vector<dead_letter> dead_letters(std::size_t at_most) const;
    status requeue(offset dead);
    status discard(offset dead);
    std::vector<settled_record> take_settled(std::size_t at_most) { return dispatcher_.ends().take(at_most); }
    void fill(delivery_stats& out) const;
    bool take_news() noexcept { return std::exchange(news_, false); }

private:
    // A link that is gone, and whose scope may still come again with what it holds.
    struct absence {
        outlet what;
        bool for_good = false;  // that incarnation will not come again
        steady_time since{};
    };
    static bool is_body_alone(const record_parts& what) noexcept {
        return what.topic.empty() && what.key.empty() && what.headers.empty() && what.priority == priority_default &&
               !what.times.any();
    }
    tried send_other(const record_parts& what, offset& given, status& why);
    status check(const record_parts& what) const;
    void leave();  // the open batch, if a link is idle or it is full
    bool seal();   // into the log; false: the log is full
    void keep();   // what is sealed
    void pump();   // gives links what may go
    bool give_owed(outlet& to);
    void wake();        // something has changed: what waits may go now
    void after_ends();  // gives the log what is settled
    void log_events();

    void settle(outlet& from, const ack_frame::settled& said);
    void charge(outlet& gone, bool in_hand_counts);                  // nobody has it any more
    void bequeath(outlet& gone, outlet& heir, bool in_hand_counts);  // to another of its scope
    void resume(outlet& old, outlet& now, const hello& theirs);
    void miss(outlet&& gone, bool for_good);
    template <class F>
    void for_each_run(outlet& gone, F&& each);

    const stream_id stream_;
    const ack_retry& options_;
    tools with_;
    open_batch open_;
    entry sealed_;  // refused by the log for want of space
    bool full_ = false;
    bool news_ = false;
    offset kept_below_ = 0;
    std::vector<std::pair<std::uint64_t, offset>> tickets_;  // what the log has not kept yet: its end
    detail::dispatcher dispatcher_;
    outlets outlets_;
    std::vector<absence> absent_;
    std::uint64_t stale_ = 0;
    std::uint64_t evicted_ = 0;
};

}  // namespace godwit::detail
