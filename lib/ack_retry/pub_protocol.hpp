// pub: one log, a cursor for each subscriber. A record is kept once and goes to whoever wants it; a slow subscriber is behind
// alone, and what the log had to drop before it went is told to it as a gap. In memory send() never waits.
// Records stay until the log is full, acked or not, for those who start at the first: then the oldest batch is dropped.
// A log that outlives the process drops by itself, and keeps a hold for each named subscriber; send() waits for it.
// When to seal: with the first record if most of the subscribers that keep up are idle, in the next turn if some are,
// and else when one becomes idle or the batch is full. Threads: inside the socket's turn.
#pragma once
#include <map>
#include <optional>

#include "ack_retry/filter_table.hpp"
#include "ack_retry/protocol_base.hpp"
#include "ack_retry/pub_cursor.hpp"
#include "ack_retry/pub_holds.hpp"
#include "ack_retry/pub_log.hpp"

namespace godwit::detail {

class GODWIT_EXPORT pub_protocol final : public protocol_base {
public:
    using protocol_base::protocol_base;

    tried send(const record_parts& what, offset& given, status& why) override;
    steady_time step() override;
    // By topic: whatever their header predicates are.
    std::size_t subscribers(std::string_view topic) const override;
    possible ready() override { return {.in = false, .out = !full_, .news = std::exchange(news_, false)}; }
    std::optional<outcome> outcome_of(offset at, stage wanted) const override;
    // It has no further stage than to be kept.
    std::uint64_t settled_below() const override { return !log_ ? 0 : holds_ ? log_->visible() : log_->next(); }
    delivery_stats stats() const override;
    std::uint64_t unsettled() const override;
    void drain() override;

    const filter_table& filters() const noexcept { return filters_; }

private:
    struct subscriber {
        link_number link;
        link_filters filters;
        pub_cursor cursor;
        std::string name;       // whose hold this is
        wall_time since{};      // what was sealed before is passed over
        bool complete = false;  // all its filters have come: before its first window they may not have
        bool writable = true;
        bool draining = false;                            // it takes nothing new, or its link has gone
        bool interested = true;                           // something of the last batch was for it
        bool leads = false, ready = false, idle = false;  // as counted below
    };
    struct remembered {  // of a link that was lost, within its lease
        offset next, sent_below;
        std::optional<offset_range> gap;
    };

    using protocol_base::took;
    status opened() override;
    void greet(hello& ours) override;
    status meet(const hello& theirs) override;
    void joined(link_number link, const hello& theirs, link_number resumed) override;
    void left(link_number link, link_end why) override;
    void took(link_number link, ack_frame&& acks) override;
    void took(link_number link, filter_frame&& change) override;
    void drains(link_number link) override;
    void has_room() override;

    pub_cursor cursor_for(const hello& theirs, link_number resumed);
    std::uint64_t behind() const;  // the subscriber that is furthest, of those that are here
    pub_cursor start_of(const hello& theirs) const;
    pub_cursor going_on_at(offset next) const;  // a gap first, if something was dropped behind it
    void hold(const subscriber& one);
    steady_time tell_holds(steady_time now);
    void skip_dropped(subscriber& to);
    status check(const record_parts& what) const;
    bool seal();         // false: the log has no room, and nothing to drop
    bool drop_oldest();  // false: that made no room
    void flush();        // seals, and gives everybody what there is
    void maybe_flush();
    void pump(subscriber& to);
    bool give(subscriber& to, batch_match& from);  // false: not now
    bool tell_gap(subscriber& to);
    void count(subscriber& one) noexcept;
    bool may_have(link_number link, std::string_view filter);
    void remove(std::map<link_number, subscriber>::iterator which);

    filter_table filters_;
    std::optional<pub_log> log_;
    std::optional<pub_holds> holds_;
    steady_time holds_told_{};
    std::map<link_number, subscriber> subscribers_;
    std::map<link_number, remembered> remembered_;
    // Of those who have been given all that is visible: who wants something of what comes; which of them can take it now;
    // and who can, whether it wants something or not.
    std::size_t leading_ = 0, ready_ = 0, idle_ = 0;
    bool wanted_ = false;  // somebody may want something of what has gathered
    bool rung_ = false;
    bool news_ = false;
    bool full_ = false;  // until the log says that it has room
    status failed_;      // it takes nothing more
    bool draining_ = false;
    std::uint64_t acked_ = 0, gaps_ = 0;
};

}  // namespace godwit::detail
