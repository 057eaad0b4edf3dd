#include "core/zmq_watch.hpp"

#include <algorithm>
#include <random>

namespace godwit::detail {

namespace {

using namespace std::chrono_literals;

constexpr auto idle_patience = 5ms;    // a socket without a call for so long is tended
constexpr auto busy_patience = 250ms;  // how often a busy one is looked at
constexpr auto link_patience = 1ms;    // of both kinds, for a link
constexpr auto theft_check_every = 500ms;
constexpr auto look_again_after = 20ms;
constexpr auto parting_pause_max = 10ms;
constexpr auto unshaken_check_every = 20ms;  // while some link over tcp has not shaken hands
constexpr auto vanished_check_every = 100ms;
constexpr auto vanished_looked_for = 5s;  // after an endpoint was taken away
constexpr int events_a_step = 1024;

std::uint64_t draw() {
    static thread_local std::minstd_rand source{std::random_device{}()};
    return source();
}

}  // namespace

void zmq_watch::read_monitor(clock::time_point now) {
    more_to_read_ = true;
    for (int count = 0; count < events_a_step && more_to_read_; ++count) {
        auto event = of_.monitor.next();
        event ? take(*event, now) : void(more_to_read_ = false);
    }
    overdue_check_due_ = now;
    tell_changes(now);
}

void zmq_watch::tell_changes(clock::time_point now) {
    if (!of_.is_link || !of_.links->changed()) return;
    look_again_due_ = now + look_again_after;
    silent_due_ = std::min(silent_due_, now + of_.greeting_max);
    if (const auto socket = of_.socket.lock()) (void)socket->tend();
}

// libzmq tells of a link's end before it takes the link's pipe from the socket: a question that is put at once still finds
// the peer there.
zmq_watch::clock::time_point zmq_watch::step_link(clock::time_point now) {
    if (look_again_due_ <= now) {
        look_again_due_ = clock::time_point::max();
        of_.links->look_again();
        if (const auto socket = of_.socket.lock()) (void)socket->tend();
    }
    if (silent_due_ <= now) silent_due_ = of_.links->name_silent(of_.greeting_max);
    return std::min(look_again_due_, silent_due_);
}

void zmq_watch::hear_all(clock::time_point now) {
    do read_monitor(now);
    while (more_to_read_);
}

void zmq_watch::take(const monitor_event& event, clock::time_point now) {
    const int descriptor = static_cast<int>(event.value);
    if (of_.queues_for_absent) record(event);
    switch (event.kind) {
        case ZMQ_EVENT_ACCEPTED:
        case ZMQ_EVENT_CONNECTED:
            of_.links->opened(descriptor, event.endpoint,
                              event.kind == ZMQ_EVENT_ACCEPTED ? link_origin::accepted : link_origin::dialled);
            part_if_closing();
            if (event.kind == ZMQ_EVENT_CONNECTED && !of_.door_gate->may_stay(descriptor, event.endpoint)) {
                of_.links->end_link(descriptor);
            }
            break;
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            of_.links->shaken(event.endpoint);
            redial_.succeeded(event.endpoint);
            look_ups_.succeeded(event.endpoint);
            break;
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            if (event.kind == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && of_.links->refused_by_us(event.endpoint)) break;
            of_.links->refused(event.endpoint, refusal_in_words(event));
            break;
        case ZMQ_EVENT_DISCONNECTED:
            if (!of_.links->closed(descriptor, event.endpoint)) dial_again_later(event.endpoint, now);
            break;
        case ZMQ_EVENT_CONNECT_DELAYED:
        case ZMQ_EVENT_CONNECT_RETRIED:
            redial_.still_trying(event.endpoint);
            look_up_later(event.endpoint, now);
            break;
        case ZMQ_EVENT_ACCEPT_FAILED:
            of_.links->accept_failed(event.endpoint, descriptor);
            break;
        case ZMQ_EVENT_MONITOR_STOPPED:
            stopped_ = true;
            break;
        default:
            break;
    }
}

void zmq_watch::record(const monitor_event& event) {
    const std::lock_guard hold{lock_};
    switch (event.kind) {
        case ZMQ_EVENT_CONNECTED:
            return dials_.connected(event.endpoint);
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            return dials_.shaken(event.endpoint);
        case ZMQ_EVENT_DISCONNECTED:
            return dials_.disconnected(event.endpoint);
        case ZMQ_EVENT_CONNECT_DELAYED:
        case ZMQ_EVENT_CONNECT_RETRIED:
            return dials_.still_trying(event.endpoint);
        default:
            return;
    }
}

std::uint64_t zmq_watch::sent() const {
    const auto socket = of_.socket.lock();
    return socket ? socket->sent_messages() : 0;
}

void zmq_watch::dialled(const std::string& endpoint) {
    if (!of_.queues_for_absent) return;
    const auto so_far = sent();
    const std::lock_guard hold{lock_};
    dials_.dialled(endpoint, so_far);
}

void zmq_watch::dials_no_more(const std::string& endpoint, bool elsewhere) {
    if (elsewhere) note_unsent(endpoint, "the name leads elsewhere now: what was queued for the old place is lost");
    const std::lock_guard hold{lock_};
    dials_.forget(endpoint);
}

void zmq_watch::note_unsent(const std::string& endpoint, std::string_view why) {
    const auto so_far = sent();
    {
        const std::lock_guard hold{lock_};
        if (!dials_.any_sent(endpoint, so_far)) return;
        lost_ = true;
    }
    of_.peers->report(event_kind::unsent_lost, endpoint, why);
}

// A link that came up while its socket was being closed carries its last messages, too.
void zmq_watch::part_if_closing() {
    const std::lock_guard hold{lock_};
    if (goodbye_ == nullptr) return;
    for (parting_link& link : of_.links->part("")) parting_.push_back({close_deadline_, std::move(link)});
}

void zmq_watch::dial_again_later(const std::string& endpoint, clock::time_point now) {
    redial_.gave_up(endpoint, now, draw());
    look_up_later(endpoint, now);
}

void zmq_watch::look_up_later(const std::string& endpoint, clock::time_point now) {
    if (!look_ups_.knows(endpoint)) look_ups_.gave_up(endpoint, now, draw());
}

void zmq_watch::step_redial(clock::time_point now) {
    if (redial_.next() <= now) hear_all(now);  // it may say by now that libzmq dials
    while (auto endpoint = redial_.take_due(now)) {
        const auto socket = of_.socket.lock();
        note_unsent(*endpoint, "the other side refused us: what was queued for it is lost");
        if (!socket || !socket->dial_again(*endpoint)) redial_.succeeded(*endpoint);
    }
    while (auto endpoint = look_ups_.take_due(now)) {
        const auto socket = of_.socket.lock();
        if (socket && socket->look_up_again(*endpoint)) {
            look_ups_.gave_up(*endpoint, now, draw());  // once more, unless a handshake comes first
        } else {
            look_ups_.succeeded(*endpoint);
        }
    }
}

void zmq_watch::idle_fired(clock::time_point now) {
    const auto socket = of_.socket.lock();
    if (!socket) return;
    const auto seen = std::exchange(activity_seen_, socket->activity());
    if (!of_.is_link) {
        idle_due_ = now + idle_patience;
    } else {
        idle_due_ = seen == activity_seen_ && !socket->watched() ? now : now + link_patience;
    }
}

zmq_watch::clock::time_point zmq_watch::step(clock::time_point now) {
    if (more_to_read_) read_monitor(now);
    auto next = std::min(step_idle(now), step_parting(now));
    if (more_to_read_) next = now;
    step_redial(now);
    if (overdue_check_due_ <= now) {
        overdue_check_due_ = of_.links->settle_overdue();
        tell_changes(now);
        unread_due_ = std::min(unread_due_, now);
        if (overdue_check_due_ != clock::time_point::max()) {
            unshaken_due_ = std::min(unshaken_due_, now + unshaken_check_every);
        }
    }
    if (of_.claims->any()) {
        if (theft_check_due_ <= now) {
            of_.claims->report_thefts(*of_.peers);
            theft_check_due_ = now + theft_check_every;
        }
        next = std::min(next, theft_check_due_);
    }
    next = std::min({next, redial_.next(), look_ups_.next(), overdue_check_due_, step_link(now)});
    return std::min({next, step_unread(now), step_unshaken(now), step_vanished(now)});
}

zmq_watch::clock::time_point zmq_watch::step_vanished(clock::time_point now) {
    clock::time_point parted_at;
    {
        const std::lock_guard hold{lock_};
        if (parted_last_at_ + vanished_looked_for <= now) return clock::time_point::max();
        parted_at = parted_first_at_;
    }
    if (vanished_due_ > now) return vanished_due_;
    if (const auto gone = of_.links->vanished(parted_at); !gone.empty()) {
        hear_all(now);
        of_.links->end_vanished(gone);
        tell_changes(now);
    }
    return vanished_due_ = now + vanished_check_every;
}

zmq_watch::clock::time_point zmq_watch::step_unread(clock::time_point now) {
    if (unread_due_ > now) return unread_due_;
    const auto socket = of_.socket.lock();
    if (!socket) return unread_due_ = clock::time_point::max();
    return unread_due_ = of_.unread->step(now, socket->received_bytes(), [&] { (void)socket->tend(); });
}

zmq_watch::clock::time_point zmq_watch::step_unshaken(clock::time_point now) {
    if (unshaken_due_ > now) return unshaken_due_;
    const auto talking = of_.links->talking_unshaken();
    if (!talking.beyond.empty()) {
        hear_all(now);
        of_.links->end_unshaken(talking.beyond);
    }
    return unshaken_due_ = talking.any_tcp ? now + unshaken_check_every : clock::time_point::max();
}

zmq_watch::clock::time_point zmq_watch::step_idle(clock::time_point now) {
    if (!idle_due_) return clock::time_point::max();
    if (*idle_due_ > now) return *idle_due_;
    const auto socket = of_.socket.lock();
    if (!socket) return idle_due_.reset(), clock::time_point::max();
    if (const auto seen = socket->activity(); seen != activity_seen_) {
        activity_seen_ = seen;
        idle_due_ = now + (of_.is_link ? link_patience : busy_patience);
        if (of_.tended_when_busy && socket->tend()) idle_due_ = now;
        return *idle_due_;
    }
    const bool more = !socket->watched() && socket->tend();
    activity_seen_ = socket->activity();
    if (more) return *(idle_due_ = now);
    idle_due_.reset();
    rearm_ = true;
    return clock::time_point::max();
}

zmq_watch::clock::time_point zmq_watch::step_parting(clock::time_point now) {
    const std::lock_guard hold{lock_};
    // Once libzmq is done with the socket it has closed every link of it, whatever has the number of one now.
    std::erase_if(parting_, [&](const parting& one) {
        if ((stopped_ || one.link.closed_by_libzmq()) && one.link.drained()) return true;
        if (one.deadline > now) return false;
        return gave_up_ = true;
    });
    if (goodbye_ != nullptr) {
        const bool all_out = stopped_ && parting_.empty() && !gave_up_ && !lost_ && !dials_.any_lost(sent_at_close_);
        if ((stopped_ && parting_.empty()) || close_deadline_ <= now) {
            parting_.clear();
            goodbye_->finished(all_out);
            goodbye_ = nullptr;
            finished_ = true;
            return clock::time_point::max();
        }
    }
    if (parting_.empty() && goodbye_ == nullptr) {
        parting_pause_ = 1ms;
        return clock::time_point::max();
    }
    const auto pause = parting_pause_;
    parting_pause_ = std::min<clock::duration>(parting_pause_ * 2, parting_pause_max);
    return now + pause;
}

void zmq_watch::begin_close(clock::time_point deadline, std::vector<parting_link>&& links,
                            std::shared_ptr<farewell> goodbye) {
    goodbye->expect();
    part(deadline, std::move(links));
    const auto so_far = sent();
    const std::lock_guard hold{lock_};
    close_deadline_ = deadline;
    sent_at_close_ = so_far;
    goodbye_ = std::move(goodbye);
}

void zmq_watch::part(clock::time_point deadline, std::vector<parting_link>&& links) {
    const std::lock_guard hold{lock_};
    for (parting_link& link : links) parting_.push_back({deadline, std::move(link)});
    parting_pause_ = 1ms;
    const auto now = clock::now();
    if (parted_last_at_ + vanished_looked_for <= now) parted_first_at_ = now;
    parted_last_at_ = now;
}

}  // namespace godwit::detail
