// receiver: the receiving half of a pattern, composed of its parts: batches come in, records are handed out and settled,
// and the senders are told. pull, sub and rep use it; it knows none of them, and no frame but acks.
// Threads: inside a turn. A record costs no memory, no clock reading and no locked instruction; a batch may.
#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "ack_retry/acks.hpp"
#include "ack_retry/failure_pause.hpp"
#include "ack_retry/handler_time.hpp"
#include "ack_retry/incoming_layers.hpp"
#include "ack_retry/live_records.hpp"
#include "ack_retry/rate_limit.hpp"
#include "base/delivery_protocol.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT receiver {
public:
    // Borrows what the world has, and `out`.
    // exact: see hand_out.hpp; what its handler's time limit ends is `crashed` then, since it may go on.
    receiver(const ack_retry& options, protocol_world& world, ack_carrier& out, bool exact = false);
    ~receiver();

    // What the links tell: see link_user.
    void greet(hello& ours);
    status meet(const hello& theirs);
    void claimed(std::vector<attempted_range>&& holds) noexcept { claimed_ = std::move(holds); }
    void joined(link_number link, const hello& theirs, link_number resumed);
    void left(link_number link, link_end why);
    // `done`: of its stream, handled here and told in another way: not handed out, and nothing is told.
    // `may`: what its sender may send, see link_port; the rest is refused.
    void took(link_number link, const data_frame& envelope, batch_ref&& batch, const range_set& done = {},
              const rights* may = nullptr);
    void floor_moved(link_number link, offset to);  // the sender's: it has heard what was told below
    void agreed(link_number link, std::uint64_t handed);
    void hold_up(link_number link, bool all);
    void cancel(link_number link, stream_id stream, offset_range what);  // what waits of it is returned

    tried recv(delivery& out);
    bool settle(const settlement& what) noexcept;  // false: it was settled, or is nobody's any more
    // Tells what there is to tell; returns when it wants to be called again. `other`: when it is called anyway.
    steady_time step(steady_time other);
    bool ready();  // recv() would give something, as far as is known

    void drain();    // gives back what was not handed out, and what comes from now on
    void give_up();  // what is still in hand: its handlers were not done in time
    bool drained() const noexcept { return in_hand_ == 0 && acks_.all_told() && !keeps_any(); }
    const status& health() const noexcept { return health_; }  // not ok: nothing more is handed out
    void tell_all() { acks_.tell_all(); }
    void tell(link_number link);
    std::uint64_t unsettled() const noexcept { return in_hand_; }
    void add_to(delivery_stats& stats) const;
    std::uint64_t beyond_rights() const noexcept { return beyond_rights_; }  // records that were refused for that

private:
    using how = ack_frame::settled::how;
    using link_map = std::unordered_map<link_number, std::unique_ptr<receiving_link>>;

    // Coming in: receiver_links.cpp.
    receiving_link* link_of(link_number number) noexcept;
    link_map::iterator former(const hello& theirs, link_number resumed);
    void resume(receiving_link& link, link_number as);
    void answer_for_claims(receiving_link& link, const hello& theirs, const range_set& live_below);
    void list_holds(std::vector<attempted_range>& into) const;
    void refuse(link_number number, const error& why);
    taken_batch& take(receiving_link& link, std::uint32_t attempt, batch_ref&& batch, std::uint64_t size_bytes);
    void join_copies(taken_batch& fresh);
    void pass_over(taken_batch& fresh, const range_set& done);
    void pass_over(taken_batch& fresh, const record_view& record);
    void keep_joined(link_number before, link_number now) noexcept;
    bool keeps_any() const noexcept;
    void look_at_memory();
    void refuse_beyond(const rights& may, taken_batch& fresh);
    void settle_known(taken_batch& fresh);
    void let_pass(receiving_link& link);
    void tell_ahead();
    void ask_layers(taken_batch& of, bool again);
    void ask_again();
    void drop_waiting(taken_batch& of, bool tell);
    void forgo(taken_batch& of, std::uint32_t records) noexcept;
    void abandon(receiving_link& link);
    void forget_over();

    // Handing out and settling: receiver.cpp.
    bool may_hand_out();
    static bool is_told_singly(const taken_batch& of) noexcept;
    void begin_handling(taken_batch& from, offset at, bool single);
    void on_boundary(taken_batch& from, offset at);
    void close_open();
    void want_step_within(std::chrono::nanoseconds time);
    bool settle_here(taken_batch& of, const settlement& what);
    bool settle_as(taken_batch& of, offset at, how outcome, std::chrono::nanoseconds delay, std::string_view why);
    void after_settling(taken_batch& of, bool acked, offset at);
    void settled_away(taken_batch& of);
    void settle_copies(taken_batch& of, offset at, how outcome, std::uint32_t delay_ms, std::string_view why);
    void finish(taken_batch& of) noexcept;
    void unlink(taken_batch& of) noexcept;
    void count_failure(how outcome);
    void expire();
    void tell_due();
    void starve();
    steady_time now() noexcept { return now_ = world_.time.now(); }

    const ack_retry options_;
    const bool exact_;
    protocol_world& world_;
    ack_carrier& out_;
    inbox inbox_;
    incoming_layers layers_;
    acks acks_;
    handler_time handlers_;
    rate_limit rate_;
    failure_pause pause_;
    live_records live_;
    link_map links_;
    std::vector<std::unique_ptr<taken_batch>> batches_;  // all there are
    std::vector<taken_batch*> free_;
    std::uint64_t taken_ = 0;
    std::vector<attempted_range> claimed_;  // by the greeting of who joins now

    // Those handed out together, whose deadline is not noted yet.
    taken_batch* open_ = nullptr;
    offset_range open_range_;
    std::uint32_t open_left_ = 0;

    bool starving_ = false;  // recv() was called last with nothing to hand out
    bool guarded_ = false;   // hand-out has to be asked for: pause, rate or drain
    bool draining_ = false;
    bool left_arrivals_ = false;  // untold, at the last step
    bool any_over_ = false;       // some link is gone for good, with records in hand
    std::size_t keeping_ = 0;     // records that layers keep back
    std::uint64_t in_hand_ = 0;
    steady_time now_{}, called_at_{};  // as last read; when step() will be called
    steady_time rate_at_ = steady_time::max();
    status health_;  // of the layer that remembers what was handled
    delivery_stats counted_;
    std::uint64_t beyond_rights_ = 0;
};

}  // namespace godwit::detail
