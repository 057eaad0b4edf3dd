// protocol_base: what the six patterns have in common: their links, their options, and `unsupported` for what a pattern
// does not have. A pattern overrides what is its own.
#pragma once
#include <memory>
#include <optional>

#include "ack_retry/link_session.hpp"
#include "ack_retry/options.hpp"
#include "ack_retry/outgoing_codec.hpp"
#include "base/delivery_protocol.hpp"
#include "godwit/ack_retry.hpp"

namespace godwit::detail {

class protocol_base : public delivery_protocol, protected link_user {
public:
    explicit protocol_base(const ack_retry& options) : options_{options} {}

    status open(protocol_world&& world) override;  // checks the options, makes the links; override opened() for more

    void dials(peer_number to) override { links_->dials(to); }
    void dials_no_more(peer_number to) override { links_->dials_no_more(to); }
    void took(peer_number from, message&& frames) override { links_->took(from, std::move(frames)); }
    void lost(peer_number which) override { links_->lost(which); }
    void links_changed() override { links_->links_changed(); }
    void may_write() override { links_->may_write(); }

    tried send(const record_parts& what, offset& given, status& why) override;
    tried recv(delivery& out, status& why) override;
    void settle(const settlement& what) noexcept override;  // counts what is not settled any more
    tried request(const record_parts& what, const request_terms& terms, offset& given, status& why) override;
    tried take_reply(offset asked, message& out, status& why) override;
    void give_up(offset) noexcept override {}
    status reply(const settlement& to, const record_parts& what) override;
    status subscribe(std::string_view filter) override;
    status unsubscribe(std::string_view filter) override;
    std::size_t subscribers(std::string_view) const override { return 0; }
    std::optional<outcome> outcome_of(offset at, stage wanted) const override;
    std::uint64_t settled_below() const override { return 0; }
    tried dead_letters(offset, std::size_t, std::vector<dead_letter>&) const override { return tried::done; }
    tried requeue(offset dead, status& why) override;
    status discard(offset dead) override;
    std::vector<settled_record> take_settled(std::size_t) override { return {}; }

    void drain() override { links_->drain(); }
    bool drained() const override { return unsettled() == 0; }
    void say_goodbye() override { links_->say_goodbye("closed"); }
    bool said_goodbye() const override { return links_->said_goodbye(); }

protected:
    // link_user, for halves that do not care.
    using delivery_protocol::took;
    void took(link_number, const data_frame&, batch_ref&&) override {}
    void took(link_number, const reply_frame&, batch_ref&&) override {}
    void took(link_number, ack_frame&&) override {}
    void took(link_number, filter_frame&&) override {}
    void took(link_number, const gap_frame&) override {}
    void took(link_number, const cancel_frame&) override {}
    void floor_moved(link_number, offset) override {}
    void has_room() override {}

    virtual status opened() { return {}; }
    status open_layers();
    status unsupported(std::string_view verb) const;
    void report_beyond_rights(link_number by, std::uint64_t records);
    protocol_world& world() noexcept { return *world_; }
    const protocol_world& world() const noexcept { return *world_; }
    link_set& links() noexcept { return *links_; }
    const link_set& links() const noexcept { return *links_; }
    const ack_retry& options() const noexcept { return options_; }
    link_set::carried send_encoded(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) {
        if (codec_.number() == 0) return links_->send(to, attempt, floor, batch);
        return links_->send(to, attempt, floor, codec_.encoded(batch));
    }

private:
    const ack_retry options_;
    std::optional<protocol_world> world_;
    std::unique_ptr<link_set> links_;
    outgoing_codec codec_;  // of requests and pushed messages
};

// One for each pattern.
GODWIT_EXPORT std::unique_ptr<delivery_protocol> make_push(const ack_retry& options);
GODWIT_EXPORT std::unique_ptr<delivery_protocol> make_pull(const ack_retry& options);
GODWIT_EXPORT std::unique_ptr<delivery_protocol> make_pub(const ack_retry& options);
GODWIT_EXPORT std::unique_ptr<delivery_protocol> make_sub(const ack_retry& options);
GODWIT_EXPORT std::unique_ptr<delivery_protocol> make_req(const ack_retry& options);
GODWIT_EXPORT std::unique_ptr<delivery_protocol> make_rep(const ack_retry& options);

}  // namespace godwit::detail
