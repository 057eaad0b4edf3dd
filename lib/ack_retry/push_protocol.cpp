// push: receivers share one cursor, and each record is settled by itself.
#include "ack_retry/protocol_base.hpp"
#include "ack_retry/sender_half.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

class push_protocol final : public protocol_base, private batch_carrier {
public:
    explicit push_protocol(const ack_retry& options) : protocol_base{options} {}

    tried send(const record_parts& what, offset& given, status& why) override {
        if (draining_) [[unlikely]] {
            why = error{errc::closed};
            return tried::failed;
        }
        return half_->send(what, given, why);
    }
    using protocol_base::took;
    steady_time step() override {
        const steady_time theirs = links().step();
        const steady_time ours = half_->step();
        links().floor_is(half_->floor());
        return std::min(theirs, ours);
    }

    possible ready() override { return {.in = false, .out = !half_->full(), .news = half_->take_news()}; }
    std::optional<outcome> outcome_of(offset at, stage wanted) const override { return half_->outcome_of(at, wanted); }
    std::uint64_t settled_below() const override { return half_->settled_below(); }
    tried dead_letters(offset from, std::size_t at_most, std::vector<dead_letter>& out) const override {
        return half_->dead_letters(from, at_most, out);
    }
    tried requeue(offset dead, status& why) override { return half_->requeue(dead, why); }
    status discard(offset dead) override { return half_->discard(dead); }
    std::vector<settled_record> take_settled(std::size_t at_most) override { return half_->take_settled(at_most); }
    delivery_stats stats() const override;
    std::uint64_t unsettled() const override { return half_ ? half_->unkept() : 0; }
    // What is in the log still goes out: only nothing new comes in.
    void drain() override {
        draining_ = true;
        half_->flush();
    }

protected:
    status opened() override;
    void greet(hello& ours) override { half_->greet(ours); }
    status meet(const hello& theirs) override { return half_->meet(theirs); }
    void joined(link_number link, const hello& theirs, link_number resumed) override {
        half_->joined(link, theirs, resumed);
    }
    void left(link_number link, link_end why) override { half_->left(link, why); }
    void took(link_number link, ack_frame&& acks) override { half_->took(link, acks); }
    void drains(link_number link) override { half_->drains(link); }
    void has_room() override { half_->may_write(); }

private:
    // batch_carrier
    link_set::carried send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) override {
        return send_encoded(to, attempt, floor, batch);
    }
    bool busy(link_number which) const noexcept override { return links().busy(which); }

    std::unique_ptr<sender_half> half_;
    bool draining_ = false;
};

status push_protocol::opened() {
    const stream_id stream = world().log.own_stream().value_or(stream_id{world().random.draw(), world().random.draw()});
    if (world().log.may_give_up(stream))
        return error{errc::unsupported, "retention",
                     "what a push has taken ends by being settled: use a stream without"};
    half_ = std::make_unique<sender_half>(stream, options(),
                                          sender_half::tools{world().time, world().random, world().log, world().port,
                                                             *this, world().layers, world().message_bytes_max});
    return {};
}

delivery_stats push_protocol::stats() const {
    delivery_stats all;
    half_->fill(all);
    all.malformed = links().malformed();
    all.fenced = links().fenced();
    return all;
}

}  // namespace

std::unique_ptr<delivery_protocol> make_push(const ack_retry& options) {
    return std::make_unique<push_protocol>(options);
}

}  // namespace godwit::detail
