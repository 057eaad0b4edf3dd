// pull: the receiver, and nothing beside it.
#include "ack_retry/protocol_base.hpp"
#include "ack_retry/receiver.hpp"

namespace godwit::detail {

namespace {

class pull_protocol final : public protocol_base, private ack_carrier {
public:
    using protocol_base::protocol_base;

    steady_time step() override { return receiver_->step(links().step()); }
    tried recv(delivery& out, status& why) override {
        if (!receiver_->health()) [[unlikely]]
            return why = receiver_->health(), tried::failed;
        return receiver_->recv(out);
    }
    void settle(const settlement& what) noexcept override { receiver_->settle(what); }
    possible ready() override { return {.in = receiver_->ready(), .out = false, .news = false}; }
    delivery_stats stats() const override {
        delivery_stats sum;
        receiver_->add_to(sum);
        sum.malformed += links().malformed();
        sum.fenced = links().fenced();
        sum.links = links().count();
        return sum;
    }

    void drain() override {
        receiver_->drain();
        links().drain();
    }
    bool drained() const override { return receiver_->drained(); }
    std::uint64_t unsettled() const override { return receiver_->unsettled(); }
    void say_goodbye() override {
        receiver_->give_up();
        receiver_->tell_all();
        protocol_base::say_goodbye();
    }

private:
    status opened() override {
        receiver_ = std::make_unique<receiver>(options(), world(), static_cast<ack_carrier&>(*this));
        return {};
    }

    using protocol_base::send;
    using protocol_base::took;
    void greet(hello& ours) override { receiver_->greet(ours); }
    status meet(const hello& theirs) override {
        if (theirs.own == pattern::push) return receiver_->meet(theirs);
        return error{errc::mismatch, name(theirs.own), "a pull takes from a push"};
    }
    void claimed(link_number, greeting_claims&& ours) override { receiver_->claimed(std::move(ours.holds)); }
    void joined(link_number link, const hello& theirs, link_number resumed) override {
        receiver_->joined(link, theirs, resumed);
    }
    void left(link_number link, link_end why) override { receiver_->left(link, why); }
    void took(link_number link, const data_frame& envelope, batch_ref&& batch) override {
        const auto may = links().rights_of(link);
        const auto before = receiver_->beyond_rights();
        receiver_->took(link, envelope, std::move(batch), {}, may.get());
        report_beyond_rights(link, receiver_->beyond_rights() - before);
    }
    void drains(link_number) override {}  // it sends nothing new, and hears of what it has sent
    void floor_moved(link_number link, offset to) override { receiver_->floor_moved(link, to); }
    void has_room() override { receiver_->tell_all(); }

    link_set::carried send(link_number to, const link_content& what) override { return links().send(to, what); }
    void refuse(link_number which, errc code, std::string_view why) override {
        links().send(which, refuse_frame{code, std::string{why.substr(0, 256)}});
    }

    std::unique_ptr<receiver> receiver_;
};

}  // namespace

std::unique_ptr<delivery_protocol> make_pull(const ack_retry& options) {
    return std::make_unique<pull_protocol>(options);
}

}  // namespace godwit::detail
