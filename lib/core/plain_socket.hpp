// plain_socket: one socket: its carriers behind one turn, and the waiting on them. With modules, a link_engine between.
// Threads: thread-safe. The turn is taken for bounded work and never held while waiting; callers wait as wait_room says.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/block.hpp"
#include "base/record.hpp"
#include "core/async_desk.hpp"
#include "core/carrier.hpp"
#include "core/context_state.hpp"
#include "core/turn_lock.hpp"
#include "core/wait_room.hpp"
#include "godwit/assembly.hpp"
#include "godwit/delivery.hpp"
#include "godwit/options.hpp"
#include "godwit/report.hpp"

namespace godwit::detail {

class link_engine;
class zmq_carrier;
class request_desk;
struct open_request;

// A call that is tried with the turn held: done, would_block, or unreachable. Borrowed.
class attempt {
public:
    template <class Try>
    attempt(Try& callable) noexcept
        : callable_{&callable}, run_{[](void* what) { return (*static_cast<Try*>(what))(); }} {}
    io operator()() const { return run_(callable_); }

private:
    void* callable_;
    io (*run_)(void*);
};

class plain_socket final : public tended, public std::enable_shared_from_this<plain_socket> {
public:
    plain_socket(std::shared_ptr<context_state> home, pattern own, const socket_options& options);
    plain_socket(std::shared_ptr<context_state> home, pattern own, assembly&& modules);
    ~plain_socket() override;

    // Endpoints and life: plain_socket_endpoints.cpp; names that are dialled: plain_socket_names.cpp.
    result<std::string> bind(std::string_view url);
    status connect(std::string_view url, const std::optional<public_key>& server = {});
    status unbind(std::string_view url);
    status disconnect(std::string_view url);
    status configure(const socket_options& options);
    status subscribe(std::string_view prefix);
    status unsubscribe(std::string_view prefix);
    void join_home();  // once, when it is owned by a shared_ptr
    void begin_close(std::chrono::milliseconds linger);
    status close(timeout limit);
    std::chrono::milliseconds linger() const noexcept { return linger_.load(std::memory_order_relaxed); }

    // The shortest way for one message: true when it is done. False says nothing but "try the long way".
    bool send_now(bytes only_frame, receipt& given) {
        if (mark_.forked()) return false;
        const std::lock_guard hold{turn_};
        if (direct_ == nullptr) [[unlikely]]
            return send_linked_now(only_frame, given);
        if (direct_->try_send_copy(only_frame) != io::done) return false;
        count(sent_, only_frame.size());
        if (room_.anyone_asleep()) [[unlikely]]
            hand_on();
        return true;
    }
    bool recv_now(delivery& into) {
        if (mark_.forked()) return false;
        const std::lock_guard hold{turn_};
        if (direct_ == nullptr) [[unlikely]]
            return recv_linked_now(into);
        incoming in{message_access::content(into), nullptr};
        if (direct_->try_recv(in) != io::done) return false;
        count(received_, message_access::size_bytes(in.content));
        if (room_.anyone_asleep()) [[unlikely]]
            hand_on();
        return true;
    }
    status send(const outgoing& out, timeout limit, const std::stop_token& stop);
    status recv(delivery& into, timeout limit, const std::stop_token& stop);
    result<std::size_t> send_many(std::span<const message> messages, timeout limit, const std::stop_token& stop);
    result<std::size_t> send_many(std::span<const bytes> bodies, timeout limit, const std::stop_token& stop);
    result<std::size_t> recv_many(std::span<delivery> out, timeout limit, const std::stop_token& stop);

    // With modules: plain_socket_linked.cpp.
    link_engine* engine() const noexcept { return engine_.get(); }  // null: without
    result<receipt> send_linked(const record_parts& what, timeout limit, const std::stop_token& stop);
    void settle_many(std::span<delivery> all, verdict what) noexcept;  // in one turn, or a few
    status flush(stage wanted, timeout limit, const std::stop_token& stop);

    // For the patterns: tries with the turn held until it is done. Fails with `timed_out`, `cancelled`, `closed`,
    // `forked`, `unreachable`. do_or_wait tries once before it looks at the clock or at anything else; what it tries
    // is not called while no carrier is there, unless `alone`.
    using time_point = std::chrono::steady_clock::time_point;
    status do_or_wait(want what, timeout limit, const std::stop_token& stop, attempt again);
    // Once; nullopt: it would have to wait.
    std::optional<status> do_now(attempt again);
    status wait(want what, time_point deadline, const std::stop_token& stop, attempt again, bool alone = false,
                waiter** seat = nullptr);
    std::unique_lock<turn_lock> turn() { return std::unique_lock{turn_}; }
    // Lamps, for foreign loops: plain_socket_lamps.cpp.
    result<int> descriptor(want what);
    int exported(want what);  // the same, of a closed one, too; -1: there is none
    struct view {
        bool in = false, out = false, closed = false;
    };
    view look(bool in, bool out);  // which of those are possible now; a lamp that was lit for nothing is darkened

    status wait_for_reply(open_request& request, timeout limit, const std::stop_token& stop, attempt again);
    // With the turn held:
    bool usable() const noexcept { return first_ != nullptr && !closed_ && !mark_.forked(); }
    status check_open() const;
    // In a child after fork() the turn may be held for ever by a thread that is not here: every call asks first.
    bool forked() const noexcept { return mark_.forked(); }
    error forked_error() const;
    io carry(const outgoing& out) { return direct_ != nullptr ? direct_->try_send(out) : carry_by_any(out); }
    io take(incoming& in) { return direct_ != nullptr ? direct_->try_recv(in) : take_from_any(in); }
    readiness refresh();
    void call(waiter& who) noexcept { room_.call(who); }
    void ring_again() noexcept { bell_->ring_always(); }  // there is more to do, in another turn
    void hand_on_if_waited() {
        if (room_.anyone_asleep()) hand_on();
    }
    // Whoever has just tried and could not says so: its lamp goes out, and what it took from others is handed on.
    void darken(want what) noexcept;
    void reply_taken() noexcept;
    std::size_t subscribers(std::string_view topic) const;
    void count_sent(const outgoing& out) noexcept { count(sent_, size_bytes(out)); }
    void count_received(const message& content) noexcept { count(received_, message_access::size_bytes(content)); }
    void count_late_reply() noexcept { count(late_replies_); }
    void count_stray() noexcept { count(strays_); }

    status check_size(std::span<const bytes> frames) const;  // `too_large`
    timeout send_timeout() const noexcept { return send_timeout_.load(std::memory_order_relaxed); }
    std::size_t frame_bytes_max() const noexcept { return frame_bytes_max_.load(std::memory_order_relaxed); }
    peer_table& peers() const noexcept { return *peers_; }
    socket_stats stats() const;
    socket_report report() const;
    std::optional<socket_report> report_if_open() const;
    void take_options(const socket_options& options);
    std::shared_ptr<request_desk>& desk() noexcept { return desk_; }
    std::size_t requests_max() const noexcept { return options_.requests_max; }  // with the turn held
    context_state& home() const noexcept { return *home_; }
    async_watch& watch_for(want what) noexcept { return what == want::out ? watch_out_ : watch_in_; }

    // The runner's:
    std::uint64_t activity() const noexcept override;
    bool watched() const noexcept override;
    std::uint64_t sent_messages() const noexcept override { return sent_.messages.load(std::memory_order_relaxed); }
    std::uint64_t received_bytes() const noexcept override;
    bool tend() override;
    bool dial_again(const std::string& url) override;
    bool look_up_again(const std::string& dialled) override;

private:
    friend class link_engine;
    using counter = std::atomic<std::uint64_t>;
    static constexpr std::size_t burst_max = 256;  // messages moved in one turn: others get theirs in between

    // Written with the turn held, read by anyone.
    static void add(counter& which, std::uint64_t more) noexcept {
        which.store(which.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
    static void count(counter& which) noexcept { add(which, 1); }
    struct traffic {
        counter messages{0}, bytes{0};
    };
    static void count(traffic& way, std::size_t bytes) noexcept {
        count(way.messages);
        add(way.bytes, bytes);
    }
    static std::size_t size_bytes(const outgoing& out) noexcept {
        std::size_t sum = 0;
        for (const bytes frame : out.frames) sum += frame.size();
        return sum;
    }
    void hand_on(const waiter* but = nullptr);
    void hand_on(readiness now, const waiter* but);
    status try_once(want what, const std::stop_token& stop, attempt again, bool alone);
    void light_lamps(readiness now);
    void watch_for_lamps();
    status watch_by_lamps(const carrier& added);
    bool something_in(bool carried);
    bool any_untaken();  // a req's: replies to open requests that nobody has taken
    status wait_entered(waiter& me, want what, time_point deadline, const std::stop_token& stop, attempt again,
                        bool alone, std::unique_lock<turn_lock>& hold);
    bool sleep(time_point deadline, std::unique_lock<turn_lock>& hold);
    // Without a carrier there is no subscriber.
    bool may_send_alone() const noexcept { return own_ == pattern::pub && engine_ == nullptr; }
    bool send_linked_now(bytes body, receipt& given);
    io try_linked(const record_parts& what, status& failed);  // not counted
    bool recv_linked_now(delivery& into);
    status recv_linked(delivery& into, timeout limit, const std::stop_token& stop);
    result<std::size_t> recv_many_linked(std::span<delivery> out, timeout limit, const std::stop_token& stop);
    status dial_linked(carrier& by, const endpoint& where, const std::optional<public_key>& server);
    void end_carriers(std::chrono::milliseconds linger);
    io carry_by_any(const outgoing& out);
    io take_from_any(incoming& in);
    io take_request(incoming& in);
    io carry_reply(const outgoing& out);
    template <class One>
    result<std::size_t> send_each(std::size_t wanted, timeout limit, const std::stop_token& stop, One&& one);
    result<carrier*> carrier_at(const endpoint& where);
    result<carrier*> existing_carrier_at(const endpoint& where);
    socket_report report_in_turn() const;
    void rename(std::string_view wished);
    void name_found(const std::string& url, const std::string& number);

    // Constant:
    const std::shared_ptr<context_state> home_;
    const fork_mark::view mark_;
    const pattern own_;
    const std::shared_ptr<peer_table> peers_;
    const std::shared_ptr<farewell> goodbye_ = std::make_shared<farewell>();
    std::shared_ptr<doorbell> bell_;
    status born_;  // what failed in the constructor
    // The turn, and what it guards:
    mutable turn_lock turn_;
    bool closed_ = false;
    bool used_ = false;          // an endpoint was bound or connected
    bool to_second_ = false;     // whose turn it is, of two carriers
    carrier* direct_ = nullptr;  // while open: the only carrier, if it does for every message (no rep's, no link)
    carrier* first_ = nullptr;   // the carriers there are, in the order they came
    carrier* second_ = nullptr;
    std::unique_ptr<carrier> inproc_;
    std::unique_ptr<carrier> zmq_;
    std::unique_ptr<link_engine> engine_;  // constant; with modules
    wait_room room_;
    socket_options options_;                                         // constant once used_
    std::map<std::string, std::size_t, std::less<>> subscriptions_;  // a sub's, and how many times each
    std::shared_ptr<request_desk> desk_;                             // a req's
    std::set<std::string> looked_up_;                                // endpoints whose names are being resolved
    std::map<std::string, std::string> names_refused_;               // endpoints, and where they may not be dialled
    status recv_failure_;                                            // with modules: a gap that the short way met
    bool news_ = false;                                              // seen by a refresh, and not handed on yet
    // Of the options, what is read without the turn:
    std::atomic<std::size_t> frame_bytes_max_{0};
    std::atomic<timeout> send_timeout_{timeout::never};
    std::atomic<std::chrono::milliseconds> linger_{};
    std::atomic<bool> several_transports_{false};
    traffic sent_, received_;
    counter late_replies_{0}, strays_{0}, waits_{0};
    // The async_desk's:
    async_watch watch_in_, watch_out_;
};

}  // namespace godwit::detail
