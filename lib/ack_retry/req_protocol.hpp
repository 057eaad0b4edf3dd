// req: a log of requests that wait for their replies. Each goes to the server with the largest free share of its credit, and
// is settled by its reply, of which the caller gets the first. It is repeated elsewhere only if it was surely not executed,
// or may be repeated, or inside its scope; else its outcome is `unknown` once its server is gone for good.
// Composed of sender_half, which asks it what may be repeated, request_table and reply_receipts.
// Threads: inside the socket's turn; nothing blocks.
#pragma once
#include "ack_retry/protocol_base.hpp"
#include "ack_retry/reply_receipts.hpp"
#include "ack_retry/request_table.hpp"
#include "ack_retry/sender_half.hpp"

namespace godwit::detail {

class req_protocol final : public protocol_base, private batch_carrier, private doubt_judge {
public:
    explicit req_protocol(const ack_retry& options);

    tried request(const record_parts& what, const request_terms& terms, offset& given, status& why) override;
    tried take_reply(offset asked, message& out, status& why) override;
    void give_up(offset asked) noexcept override;
    void has_room() override;
    steady_time step() override;
    possible ready() override;
    std::optional<outcome> outcome_of(offset at, stage wanted) const override { return half_->outcome_of(at, wanted); }
    std::uint64_t settled_below() const override { return half_->settled_below(); }
    delivery_stats stats() const override;
    void drain() override;
    std::uint64_t unsettled() const override { return half_ ? half_->unsettled() : 0; }
    using protocol_base::send;
    using protocol_base::took;

private:
    using state = asked_request::state;

    // link_user
    status opened() override;
    void greet(hello& ours) override { half_->greet(ours); }
    status meet(const hello&) override { return {}; }
    void claimed(link_number, greeting_claims&& ours) override { half_->claimed(ours.tag); }
    void joined(link_number link, const hello& theirs, link_number resumed) override;
    void left(link_number link, link_end why) override;
    void took(link_number link, ack_frame&& acks) override;
    void took(link_number link, const reply_frame& envelope, batch_ref&& batch) override;
    void drains(link_number link) override { half_->drains(link); }

    // batch_carrier
    link_set::carried send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) override;
    bool busy(link_number which) const noexcept override { return links().busy(which); }

    bool may_repeat(offset at, link_number by) override;  // doubt_judge

    std::uint32_t answer(link_number link, held_batch& held, bool failed);
    bool answer_late(link_number link, offset at);
    void end(offset at, outcome how, errc code, std::string_view value, std::string_view advice);
    void tell_end(offset at, asked_request& request, errc code, std::string_view value, std::string_view advice);
    void expire(steady_time now);
    void collect();
    void cancel(link_number at, offset what);
    bool say(link_number link);
    void say_all();
    void say_soon();
    bool post(link_number to, const link_content& what);

    const ack_retry sender_options_;  // a dead letter is the caller's outcome at once, so there is no limit
    std::unique_ptr<sender_half> half_;
    request_table requests_{1};
    due_wheel deadlines_;
    reply_receipts receipts_;
    std::vector<offset_range> runs_, accepted_;
    std::uint64_t late_ = 0;
    bool news_ = false, draining_ = false;
    bool said_all_ = true;
    steady_time called_at_{};
};

}  // namespace godwit::detail
