// zmq_watch: what the runner does for one libzmq socket: reads its monitor, tends it while no caller does, dials again
// where libzmq has given up, and sees it off when it is closed.
// Threads: the runner's, but for begin_close and part.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/dial_record.hpp"
#include "core/farewell.hpp"
#include "core/gate.hpp"
#include "core/ipc_claims.hpp"
#include "core/link_table.hpp"
#include "core/redial.hpp"
#include "core/tended.hpp"
#include "core/unread_watch.hpp"
#include "core/zmq_monitor.hpp"

namespace godwit::detail {

class zmq_watch {
public:
    using clock = std::chrono::steady_clock;
    // That libzmq dials again by itself is told a moment after the end of a link is.
    static constexpr clock::duration gave_up_after = std::chrono::milliseconds{20};

    struct parts {
        zmq_monitor monitor;
        int idle_descriptor;  // libzmq's ZMQ_FD
        std::weak_ptr<tended> socket;
        std::shared_ptr<link_table> links;
        std::shared_ptr<ipc_claims> claims;
        std::shared_ptr<peer_table> peers;
        std::shared_ptr<gate> door_gate;
        clock::duration redial_min, redial_max;
        bool tended_when_busy;  // a pub's subscriptions wait for nobody's call
        std::shared_ptr<unread_watch> unread;
        bool queues_for_absent;          // what it sends may wait for a peer that has not agreed yet
        bool is_link = false;            // is tended soon: its peers wait for answers, whatever its owner does
        clock::duration greeting_max{};  // a link's: who has joined and has said nothing by then is named
    };
    explicit zmq_watch(parts&& of)
        : of_{std::move(of)},
          redial_{std::max<clock::duration>(of_.redial_min, gave_up_after), of_.redial_max},
          look_ups_{of_.redial_min, of_.redial_max} {}

    int monitor_descriptor() const noexcept { return of_.monitor.descriptor(); }
    int idle_descriptor() const noexcept { return of_.idle_descriptor; }

    bool serves(const gate& which) const noexcept { return of_.door_gate.get() == &which; }
    void hear_all(clock::time_point now);      // every event there is
    void read_monitor(clock::time_point now);  // a bounded number of events; step() says when to go on
    void idle_fired(clock::time_point now);
    clock::time_point step(clock::time_point now);  // what is due; when to call again
    // Calls `arm` if the idle descriptor is to be listened to (again) and is still libzmq's.
    template <class Arm>
    void arm_idle(Arm&& arm) {
        if (!std::exchange(rearm_, false)) return;
        const std::lock_guard hold{lock_};
        if (!closing_) arm();
    }
    // Not before libzmq is done with the socket: it would wait for ever to tell a monitor that is gone.
    bool finished() const noexcept { return finished_ && stopped_; }
    void end() noexcept { of_.monitor.close(); }  // the last call: the context can end now

    // Any thread. First `forget`, whose argument stops the listening to the idle descriptor; then libzmq's socket is
    // closed with a linger to `deadline`; then begin_close.
    template <class Stop>
    void forget(Stop&& stop) {
        const std::lock_guard hold{lock_};
        closing_ = true;
        stop();
    }
    void begin_close(clock::time_point deadline, std::vector<parting_link>&& links, std::shared_ptr<farewell> goodbye);
    // Any thread, with the turn held: an endpoint that is dialled, with an empty queue; or no longer.
    void dialled(const std::string& endpoint);
    void dials_no_more(const std::string& endpoint, bool elsewhere);
    // Any thread. The links of an endpoint that was taken away.
    void part(clock::time_point deadline, std::vector<parting_link>&& links);

private:
    void take(const monitor_event& event, clock::time_point now);
    void part_if_closing();
    void tell_changes(clock::time_point now);
    clock::time_point step_link(clock::time_point now);
    void dial_again_later(const std::string& endpoint, clock::time_point now);
    void look_up_later(const std::string& endpoint, clock::time_point now);
    void step_redial(clock::time_point now);
    void record(const monitor_event& event);
    void note_unsent(const std::string& endpoint, std::string_view why);
    std::uint64_t sent() const;
    clock::time_point step_idle(clock::time_point now);
    clock::time_point step_parting(clock::time_point now);
    clock::time_point step_unread(clock::time_point now);
    clock::time_point step_unshaken(clock::time_point now);
    clock::time_point step_vanished(clock::time_point now);

    parts of_;
    redial redial_;
    redial look_ups_;  // of names that are dialled, from the loss of a link to the next handshake
    // Idle tending: unset while the descriptor is armed.
    std::optional<clock::time_point> idle_due_;
    std::uint64_t activity_seen_ = 0;
    bool rearm_ = true;
    bool more_to_read_ = false;
    bool gave_up_ = false;                                     // a link with unsent bytes, at its deadline
    bool stopped_ = false;                                     // libzmq is done with the socket
    bool finished_ = false;                                    // the farewell is said
    clock::time_point unread_due_ = clock::time_point::max();  // no link has joined yet
    clock::time_point unshaken_due_ = clock::time_point::max();
    clock::time_point theft_check_due_{};
    clock::time_point look_again_due_ = clock::time_point::max();  // a link's
    clock::time_point silent_due_ = clock::time_point::max();
    clock::time_point overdue_check_due_ = clock::time_point::max();
    clock::time_point vanished_due_{};

    struct parting {
        clock::time_point deadline;
        parting_link link;
    };
    std::mutex lock_;
    // Guarded by lock_:
    bool closing_ = false;
    dial_record dials_;
    bool lost_ = false;  // what was queued for somebody
    std::uint64_t sent_at_close_ = 0;
    std::vector<parting> parting_;
    std::shared_ptr<farewell> goodbye_;  // set once closing
    clock::time_point close_deadline_ = clock::time_point::max();
    clock::time_point parted_first_at_{}, parted_last_at_{};  // of those that are looked after
    clock::duration parting_pause_ = std::chrono::milliseconds{1};
};

}  // namespace godwit::detail
