// sender_half: the sending side of a pattern whose receivers share one stream: push, and req's requests. It puts together
// the open batch, the log, the dispatcher and the outlets. It knows no link_set: its owner forwards what links tell.
// Threads: inside the socket's turn; nothing blocks.
#pragma once
#include <memory>
#include <optional>

#include "ack_retry/dispatcher.hpp"
#include "ack_retry/open_batch.hpp"
#include "ack_retry/outlets.hpp"
#include "ack_retry/scope_watch.hpp"
#include "base/delivery_protocol.hpp"
#include "base/short_list.hpp"

namespace godwit::detail {

// What becomes of an attempt that may have been executed, by a receiver that is gone or does not know. Without a judge it
// counts, and is repeated; what was never handed out is not asked about.
class doubt_judge {
public:
    virtual ~doubt_judge() = default;
    virtual bool may_repeat(offset at, link_number by) = 0;  // false: its outcome stays unknown
};

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
        doubt_judge* judge =
            nullptr;  // its receivers hand out only what they have told us of before, but for the first
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
    // Of a receiver's memory: an older opening of it is `fenced`, another one at the same time a `conflict`.
    status meet(const hello& theirs);
    void claimed(std::uint64_t our_tag) noexcept { our_tag_ = our_tag; }  // with a judge
    void joined(link_number link, const hello& theirs, link_number resumed);
    void left(link_number link, link_end why);
    void took(link_number link, const ack_frame& acks);
    void drains(link_number link);
    void may_write();

    // With a judge: records are settled by what comes back for them, not by acks.
    // Of these runs, what that link was sent is settled now, and appended to `accepted`; the rest changes nothing.
    void answered(link_number link, std::span<const offset_range> runs, std::vector<offset_range>& accepted);
    // It is decided, wherever it is. Returns the link that has it, whose credit it uses until that has heard of it; 0: none.
    link_number end(offset at, outcome how);
    bool may_have_begun(offset at) const;     // it is in flight, and was handed out, or may have been
    bool is_sent_to(link_number link) const;  // something is in flight to it
    const special_record::epitaph* epitaph_of(offset dead) const;

    steady_time step();
    void flush();  // what has gathered leaves the open batch, idle or not

    stream_id stream() const noexcept { return stream_; }
    offset floor() const noexcept { return dispatcher_.records().floor(); }
    std::optional<outcome> outcome_of(offset at, stage wanted) const;
    std::uint64_t settled_below() const;
    // How many are neither settled nor kept where the next opening finds them.
    std::uint64_t unkept() const noexcept { return is_kept_ ? open_.next() - kept_below_ : unsettled(); }
    std::uint64_t unsettled() const noexcept { return dispatcher_.records().unsettled(open_.next()); }
    tried dead_letters(offset from, std::size_t at_most, std::vector<dead_letter>& out) const;
    tried requeue(offset dead, status& why);
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
    void leave();  // the open batch, if it is wanted or full
    // A link is idle; or, where links get only what the log has kept, the log is.
    bool wants_batch() const { return is_kept_ ? tickets_.empty() : outlets_.any_idle(with_.carrier); }
    bool seal();  // into the log; false: the log is full
    void keep();  // what is sealed
    void pump();  // gives links what may go
    void take_up_fed();
    bool give_owed(outlet& to);
    void wake();        // something has changed: what waits may go now
    void after_ends();  // gives the log what is settled
    void log_events();

    void settle(outlet& from, const ack_frame::settled& said);
    void settle(outlet& from, const ack_frame::settled& said, offset_range live);
    std::uint64_t settle_owed(outlet& from, const ack_frame::settled& said);
    std::uint64_t in_hand(const outlet& of, const flights::run& run) const noexcept;
    bool may_move(const outlet& one) const noexcept;
    // `died`: its receiver, maybe of it; else it says itself that it gave up.
    void doubt(offset at, std::uint32_t attempt, link_number by, std::string_view why, bool died);
    void give_back(outlet& gone);
    void repeat_or_wait(outlet& gone);
    enum class handling : std::uint8_t { yes, maybe, no };           // by the handler of a receiver that is gone
    void charge(outlet& gone, bool in_hand_counts);                  // nobody has it any more
    void bequeath(outlet& gone, outlet& heir, bool in_hand_counts);  // to another of its scope
    void keep_held(outlet& old, outlet& now, const hello& theirs) const;
    void resume(outlet& old, outlet& now, const hello& theirs);
    void miss(outlet&& gone, bool for_good);
    void give_back_unseen(outlet& gone);
    void evict(outlet& gone);
    template <class F>
    void for_each_run(outlet& gone, F&& each);
    // Calls each(range) for what of this, no longer in flight, was not given up meanwhile.
    template <class F>
    void for_each_live(offset_range what, F&& each) {
        if (given_up_.empty()) return each(what);
        short_list<offset_range, 8> live;
        given_up_.for_each_missing_in(what, [&](offset_range part) { live.push_back(part); });
        stale_ += given_up_.remove(what);
        for (const offset_range part : live.view()) each(part);
    }

    const stream_id stream_;
    const ack_retry& options_;
    tools with_;
    open_batch open_;
    entry sealed_;  // refused by the log for want of space
    bool full_ = false;
    status failed_;  // the log takes nothing more, and what it has not kept may be lost
    bool news_ = false;
    const bool is_kept_;  // by a log that outlives the process
    const bool is_fed_;   // by another hand: nothing is sent here
    offset kept_below_ = 0;
    offset appended_below_;                                  // in the log, kept or not
    std::vector<offset_range> early_;                        // settled before they were in it
    std::vector<std::pair<std::uint64_t, offset>> tickets_;  // what the log has not kept yet: its end
    detail::dispatcher dispatcher_;
    outlets outlets_;
    std::vector<absence> absent_;
    range_set given_up_;                 // in flight, and ended here
    steady_time stepped_until_ = never;  // as the last step said
    std::uint64_t our_tag_ = 0;          // of the session that begins
    std::uint64_t stale_ = 0;
    std::uint64_t evicted_ = 0;  // records
    scope_watch scopes_;
};

}  // namespace godwit::detail
