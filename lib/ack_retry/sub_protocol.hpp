// sub: takes what publishers send, in the order of each. Offsets that are missing are records that no filter wanted; what is
// lost is what a publisher says is: recv() fails with it once, between the messages that it stood between.
// Nothing is lost unsaid over a reconnect: the greeting names the first offset that has not come, and the publisher goes on
// there or tells the gap. The window in the greeting is 0: data comes after the publisher has been told of all filters.
// Settling gives credit back, whatever the verdict: what a handler refuses is counted, and does not come again.
// Threads: inside the socket's turn.
#pragma once
#include <map>
#include <string>

#include "ack_retry/batch_match.hpp"
#include "ack_retry/failure_pause.hpp"
#include "ack_retry/filter_table.hpp"
#include "ack_retry/protocol_base.hpp"
#include "ack_retry/rate_limit.hpp"
#include "ack_retry/sub_publishers.hpp"
#include "ack_retry/sub_queue.hpp"

namespace godwit::detail {

class GODWIT_EXPORT sub_protocol final : public protocol_base {
public:
    explicit sub_protocol(const ack_retry& options);
    ~sub_protocol() override;

    tried recv(delivery& out, status& why) override;
    void settle(const settlement& what) noexcept override;
    status subscribe(std::string_view filter) override;    // as topic_filter::parse; `too_large` also for too many
    status unsubscribe(std::string_view filter) override;  // `not_found`
    steady_time step() override;
    possible ready() override;
    delivery_stats stats() const override;
    void drain() override;
    std::uint64_t unsettled() const override { return in_hand_; }
    void say_goodbye() override;

private:
    using protocol_base::took;
    status opened() override;
    void greet(hello& ours) override;
    status meet(const hello& theirs) override;
    void joined(link_number link, const hello& theirs, link_number resumed) override;
    void left(link_number link, link_end why) override;
    void took(link_number link, const data_frame& envelope, batch_ref&& batch) override;
    void took(link_number link, const gap_frame& gap) override;
    void drains(link_number) override {}
    void has_room() override;

    status fits(const sub_publisher& from, const batch_view& batch) const;
    void breach(link_number by, const error& why);
    batch_ref unseen(const sub_publisher& from, batch_ref&& batch);  // without what has come before
    batch_ref rightful(link_number link, batch_ref&& batch);
    batch_ref wanted(batch_ref&& batch);  // without strays
    enum class asked : std::uint8_t { pass, skip, wait };
    asked ask_layers(const record_view& record);
    bool may_hand_out();
    void settle_one(held_batch& of) noexcept;
    void finish(const sub_item& one) noexcept;
    void settled(sub_publisher& of, link_number link, offset_range what, std::uint64_t messages,
                 std::uint64_t size_bytes) noexcept;
    void tell(sub_publisher& one);
    void want_step_at(steady_time when);

    filter_table table_;
    link_filters own_{table_};
    std::map<std::string, std::uint32_t, std::less<>> copies_;  // of each filter
    batch_match match_{table_};
    sub_publishers publishers_;
    sub_queue queue_;
    rate_limit rate_;
    failure_pause pause_;
    std::uint32_t window_messages_;
    std::uint64_t window_bytes_;
    steady_time step_at_ = steady_time::max(), tell_at_ = steady_time::max(), hand_out_at_ = steady_time::max(),
                ask_at_ = steady_time::max();
    bool kept_back_ = false;  // by a layer, until something comes or a little time passes
    bool draining_ = false;
    bool news_ = false;
    std::uint64_t in_hand_ = 0;
    delivery_stats counted_;
};

}  // namespace godwit::detail
