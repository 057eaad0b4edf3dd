#include "core/zmq_watch.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace godwit::detail {

namespace {

using namespace std::chrono_literals;

constexpr auto idle_patience = 5ms;    // a socket without a call for so long is tended
constexpr auto busy_patience = 250ms;  // how often a busy one is looked at
constexpr auto theft_check_every = 500ms;
constexpr auto parting_pause_max = 10ms;
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
}

void zmq_watch::take(const monitor_event& event, clock::time_point now) {
    const int descriptor = static_cast<int>(event.value);
    switch (event.kind) {
        case ZMQ_EVENT_ACCEPTED:
        case ZMQ_EVENT_CONNECTED:
            of_.links->opened(descriptor, event.endpoint);
            part_if_closing();
            break;
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            of_.links->shaken(event.endpoint);
            redial_.succeeded(event.endpoint);
            break;
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            of_.links->refused(event.endpoint, refusal_in_words(event));
            break;
        case ZMQ_EVENT_DISCONNECTED:
            if (!of_.links->closed(descriptor, event.endpoint)) dial_again_later(event.endpoint, now);
            break;
        case ZMQ_EVENT_CONNECT_DELAYED:
        case ZMQ_EVENT_CONNECT_RETRIED:
            redial_.still_trying(event.endpoint);
            break;
        case ZMQ_EVENT_ACCEPT_FAILED:
            of_.peers->report(event_kind::accept_failed, event.endpoint, std::strerror(descriptor));
            break;
        case ZMQ_EVENT_MONITOR_STOPPED:
            stopped_ = true;
            break;
        default:
            break;
    }
}

// A link that came up while its socket was being closed carries its last messages, too.
void zmq_watch::part_if_closing() {
    const std::lock_guard hold{lock_};
    if (goodbye_ == nullptr) return;
    for (parting_link& link : of_.links->part("")) parting_.push_back({close_deadline_, std::move(link)});
}

void zmq_watch::dial_again_later(const std::string& endpoint, clock::time_point now) {
    redial_.gave_up(endpoint, now, draw());
}

void zmq_watch::idle_fired(clock::time_point now) {
    const auto socket = of_.socket.lock();
    if (!socket) return;
    activity_seen_ = socket->activity();
    idle_due_ = now + idle_patience;
}

zmq_watch::clock::time_point zmq_watch::step(clock::time_point now) {
    if (more_to_read_) read_monitor(now);
    auto next = std::min(step_idle(now), step_parting(now));
    if (more_to_read_) next = now;
    while (auto endpoint = redial_.take_due(now)) {
        const auto socket = of_.socket.lock();
        if (!socket || !socket->dial_again(*endpoint)) redial_.succeeded(*endpoint);
    }
    if (overdue_check_due_ <= now) overdue_check_due_ = of_.links->settle_overdue();
    if (of_.claims->any()) {
        if (theft_check_due_ <= now) {
            of_.claims->report_thefts(*of_.peers);
            theft_check_due_ = now + theft_check_every;
        }
        next = std::min(next, theft_check_due_);
    }
    return std::min({next, redial_.next(), overdue_check_due_});
}

zmq_watch::clock::time_point zmq_watch::step_idle(clock::time_point now) {
    if (!idle_due_) return clock::time_point::max();
    if (*idle_due_ > now) return *idle_due_;
    const auto socket = of_.socket.lock();
    if (!socket) return idle_due_.reset(), clock::time_point::max();
    if (const auto seen = socket->activity(); seen != activity_seen_) {
        activity_seen_ = seen;
        idle_due_ = now + busy_patience;
        if (of_.tended_when_busy) socket->tend();
        return *idle_due_;
    }
    socket->tend();
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
        const bool all_out = stopped_ && parting_.empty() && !gave_up_;
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
    const std::lock_guard hold{lock_};
    close_deadline_ = deadline;
    goodbye_ = std::move(goodbye);
}

void zmq_watch::part(clock::time_point deadline, std::vector<parting_link>&& links) {
    const std::lock_guard hold{lock_};
    for (parting_link& link : links) parting_.push_back({deadline, std::move(link)});
    parting_pause_ = 1ms;
}

}  // namespace godwit::detail
