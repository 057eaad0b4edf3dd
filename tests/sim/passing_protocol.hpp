// passing_protocol: hands every call on to another protocol; a planted bug overrides the one that it spoils.
#pragma once
#include <memory>
#include <utility>

#include "base/delivery_protocol.hpp"

namespace godwit::detail {

class passing_protocol : public delivery_protocol {
public:
    explicit passing_protocol(std::unique_ptr<delivery_protocol> to) : to_{std::move(to)} {}
    status open(protocol_world&& world) override { return to_->open(std::move(world)); }
    void dials(peer_number to) override { to_->dials(to); }
    void dials_no_more(peer_number to) override { to_->dials_no_more(to); }
    void took(peer_number from, message&& frames) override { to_->took(from, std::move(frames)); }
    void lost(peer_number which) override { to_->lost(which); }
    void links_changed() override { to_->links_changed(); }
    void may_write() override { to_->may_write(); }
    steady_time step() override { return to_->step(); }
    tried send(const record_parts& what, offset& given, status& why) override { return to_->send(what, given, why); }
    tried recv(delivery& out, status& why) override { return to_->recv(out, why); }
    void settle(const settlement& what) noexcept override { to_->settle(what); }
    tried request(const record_parts& what, const request_terms& terms, offset& given, status& why) override {
        return to_->request(what, terms, given, why);
    }
    tried take_reply(offset asked, message& out, status& why) override { return to_->take_reply(asked, out, why); }
    void give_up(offset asked) noexcept override { to_->give_up(asked); }
    status reply(const settlement& to, const record_parts& what) override { return to_->reply(to, what); }
    status subscribe(std::string_view filter) override { return to_->subscribe(filter); }
    status unsubscribe(std::string_view filter) override { return to_->unsubscribe(filter); }
    std::size_t subscribers(std::string_view topic) const override { return to_->subscribers(topic); }
    possible ready() override { return to_->ready(); }
    std::optional<outcome> outcome_of(offset at, stage wanted) const override { return to_->outcome_of(at, wanted); }
    std::uint64_t settled_below() const override { return to_->settled_below(); }
    tried dead_letters(offset from, std::size_t at_most, std::vector<dead_letter>& out) const override {
        return to_->dead_letters(from, at_most, out);
    }
    tried requeue(offset dead, status& why) override { return to_->requeue(dead, why); }
    status discard(offset dead) override { return to_->discard(dead); }
    std::vector<settled_record> take_settled(std::size_t at_most) override { return to_->take_settled(at_most); }
    delivery_stats stats() const override { return to_->stats(); }
    void drain() override { to_->drain(); }
    bool drained() const override { return to_->drained(); }
    std::uint64_t unsettled() const override { return to_->unsettled(); }
    void say_goodbye() override { to_->say_goodbye(); }

protected:
    std::unique_ptr<delivery_protocol> to_;
};

}  // namespace godwit::detail
