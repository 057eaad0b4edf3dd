// link_engine: puts a delivery protocol beneath a socket: moves frames between it and the carriers, steps it when that is
// due, settles deliveries, answers receipts. What it does by itself it does in the calls of others: callers, a leader that
// waits, or the runner (link_watch).
// Lifecycle: made with its socket, open() at the first bind or connect, begin_close(); finished by who finds all settled,
// or the time up. Threads: with the socket's turn held, but for settle() and wait_for(), which take it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assembly.hpp"
#include "base/delivery_protocol.hpp"
#include "base/receipt_desk.hpp"
#include "core/carrier.hpp"
#include "core/link_names.hpp"
#include "core/link_pulse.hpp"

namespace godwit::detail {

class plain_socket;
class callback_thread;
class runner;

class link_engine final : public link_port, public settler, public receipt_desk {
public:
    using clock = std::chrono::steady_clock;
    using settled_handler = std::function<void(std::span<const settled_record>)>;

    link_engine(plain_socket& of, assembly_parts&& with);
    ~link_engine() override;

    status open();  // idempotent. `invalid_argument` for modules that cannot work together, and what the protocol says
    bool is_open() const noexcept { return protocol_ != nullptr; }
    bool is_closing() const noexcept { return closing_; }
    void dialled(carrier& by, std::string_view name, std::string_view url);
    void dials_no_more(std::string_view url);

    // Calls of the application, each once. would_block also while there is no endpoint.
    tried send(const record_parts& what, offset& given, status& why) {
        if (protocol_ == nullptr || closing_) return tried::would_block;
        const tried outcome = protocol_->send(what, given, why);
        if (outcome == tried::done) {
            last_given_ = given;
            unread_bytes_ += what.body.size();
        }
        after();
        return outcome;
    }
    tried recv(delivery& out, status& why) {
        if (protocol_ == nullptr || closing_) return tried::would_block;
        const tried outcome = protocol_->recv(out, why);
        after();
        return outcome;
    }
    tried request(const record_parts& what, const request_terms& terms, offset& given, status& why);
    tried take_reply(offset asked, message& out, status& why);
    void give_up(offset asked) noexcept;
    // A req's replies that are with their requests, and were not waited for yet.
    void reply_fetched() noexcept { ++replies_fetched_; }
    void fetched_taken() noexcept { --replies_fetched_; }
    status reply(const settlement& to, const record_parts& what);
    status check_open() const;  // while it closes, replies still go out
    status subscribe(std::string_view filter);
    status unsubscribe(std::string_view filter);
    std::size_t subscribers(std::string_view topic) const;
    void settle_in_turn(const settlement& what) noexcept;
    bool is_home_of(const held_batch& held) const noexcept { return held.home.get() == this; }

    status stage_possible(stage wanted) const;  // `unsupported`
    std::optional<outcome> outcome_of(offset at, stage wanted) const;
    // Whether all that was sent up to `last` has reached the stage or is settled; `looked` is where to go on.
    bool all_reached(stage wanted, offset& looked, offset last) const;
    std::optional<offset> last_given() const noexcept { return last_given_; }
    std::uint64_t desk_number() const noexcept { return desk_number_; }
    delivery_protocol* protocol() noexcept { return protocol_.get(); }  // null: not open, or closed
    delivery_stats stats() const;
    void on_settled(settled_handler what, std::shared_ptr<callback_thread> there);

    // Moves what there is, both ways, and does what is due. Costs system calls. Bounded; throws std::bad_alloc.
    void pump();
    readiness refresh() { return pump(), ready(); }
    readiness ready();
    bool tend();  // the runner's: true: more is left
    clock::time_point next_step() const noexcept { return pulse_->next.load(std::memory_order_relaxed); }
    void led(bool by_somebody) noexcept { pulse_->led.store(by_somebody); }
    bool is_led() const noexcept { return pulse_->led.load(std::memory_order_relaxed); }  // any thread
    void wake_watch() noexcept;

    // Closing: link_closing.cpp. The socket is closed for callers already.
    void begin_close(clock::time_point deadline);
    void drain_until(clock::time_point deadline);  // without the turn: by the caller's own work
    std::optional<error> unsettled() const;        // what was not settled when it ended

    // link_port, for the protocol:
    sent send(peer_number to, bytes envelope, const message* body) override;
    void end(peer_number which) override;
    std::string_view key_of(peer_number which) const override;
    std::shared_ptr<const rights> rights_of(peer_number which) const override;
    void report(event_kind what, peer_number which, std::string_view detail) override;
    void ring() noexcept override { rung_ = touched_ = true; }
    bool awaits_message() const noexcept override;

    // Any thread:
    void settle(const settlement& what) noexcept override;
    result<outcome> wait_for(offset at, stage wanted, timeout limit) override;

private:
    static constexpr int calls_without_a_look = 256;
    static constexpr std::size_t bytes_without_a_look = 64u << 10;

    // The end of each call. Nearly always there is nothing to do.
    void after() {
        if (--calls_left_ > 0 && unread_bytes_ < bytes_without_a_look && !touched_ && !asked_to_look()) [[likely]]
            return;
        after_slowly();
    }
    bool asked_to_look() const noexcept;
    std::function<void()> waker() const;
    void after_slowly() noexcept;
    bool take_frames();
    void take_news();
    void step();
    void tell_settled();
    void watch_the_bell();
    bool finish_if_done(clock::time_point now);
    void leave(clock::time_point now);
    void finish();

    plain_socket& socket_;
    assembly_parts with_;
    const std::shared_ptr<link_pulse> pulse_ = std::make_shared<link_pulse>();
    std::unique_ptr<delivery_protocol> protocol_;
    std::unique_ptr<record_log> own_log_;
    std::uint64_t desk_number_ = 0;
    std::shared_ptr<runner> runner_;
    link_names names_;
    delivery_stats last_stats_;  // once it is closed
    std::size_t replies_fetched_ = 0;
    std::optional<offset> last_given_;
    // Since the last pump:
    int calls_left_ = calls_without_a_look;
    std::size_t unread_bytes_ = 0;
    bool touched_ = false;  // a carrier was called, and may have eaten the signal that somebody waits for
    bool rung_ = false;
    bool busy_ = false;  // what is left is to go out later
    bool pumping_ = false;
    bool more_ = false;  // than one turn takes
    bool news_ = false;
    bool listens_ = false;
    bool closing_ = false;
    bool leaving_ = false;                                         // the good-byes are under way
    clock::time_point close_deadline_ = clock::time_point::max();  // leaving: theirs
    std::uint64_t unsettled_at_end_ = 0;
    std::vector<std::shared_ptr<std::vector<settled_record>>> untold_;  // the callback thread had no room
    settled_handler on_settled_;
    std::shared_ptr<callback_thread> callbacks_;
    // Scratch:
    std::string name_;
    std::vector<std::string> listed_;
};

}  // namespace godwit::detail
