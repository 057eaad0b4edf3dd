#include "c/completion_queue.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "c/guarded.hpp"

namespace godwit::c {

completion_queue::completion_queue(std::size_t operations_max)
    : operations_max_{operations_max}, event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (event_ < 0) throw error{errc::no_resources, "eventfd", "the process has too many descriptors open"};
}

completion_queue::~completion_queue() { ::close(event_); }

void completion_queue::light(bool on) noexcept {
    std::uint64_t count = 1;
    const auto done = on ? ::write(event_, &count, sizeof count) : ::read(event_, &count, sizeof count);
    (void)done;  // lit or dark already
}

completion_queue::place completion_queue::begin(std::int32_t kind, std::uint64_t tag, std::uint64_t socket) {
    std::list<operation> made(1);
    const std::lock_guard hold{lock_};
    if (closed_) throw error{errc::closed, "completion queue"};
    if (open_.size() + done_.size() >= operations_max_)
        throw error{errc::full, "completion queue", "take completions out, or raise operations_max"};
    const place which = made.begin();
    which->number = last_ + 1;
    which->kind = kind;
    which->tag = tag;
    which->socket = socket;
    by_number_.emplace(which->number, which);
    ++last_;
    open_.splice(open_.end(), made);
    return which;
}

void completion_queue::complete(place which) noexcept {
    std::list<operation> unwanted;
    const std::lock_guard hold{lock_};
    by_number_.erase(which->number);
    if (closed_) return unwanted.splice(unwanted.end(), open_, which);
    if (done_.empty()) light(true);
    done_.splice(done_.end(), open_, which);
    news_.notify_one();
}

void completion_queue::withdraw(place which) noexcept {
    const std::lock_guard hold{lock_};
    by_number_.erase(which->number);
    open_.erase(which);
}

status completion_queue::cancel(std::uint64_t number) {
    std::stop_source stop{std::nostopstate};
    {
        const std::lock_guard hold{lock_};
        const auto found = by_number_.find(number);
        if (found == by_number_.end())
            return error{errc::not_found, "operation " + std::to_string(number), "it is complete, or never began"};
        stop = found->second->stop;
    }
    stop.request_stop();
    return {};
}

void completion_queue::close() noexcept {
    std::list<operation> unwanted;
    std::unique_lock hold{lock_};
    closed_ = true;
    unwanted.splice(unwanted.end(), done_);
    light(true);
    news_.notify_all();
    // Stopping one may run its end here: not with the lock held. It moves behind the others, so that each gets its turn.
    while (!open_.empty() && !open_.front().told_to_stop) {
        open_.front().told_to_stop = true;
        const std::stop_source stop = open_.front().stop;
        open_.splice(open_.end(), open_, open_.begin());
        hold.unlock();
        stop.request_stop();
        hold.lock();
    }
}

godwit_completion completion_queue::hand_out(operation& done, delivery_room& deliveries, message_room& messages) {
    godwit_completion told{};
    told.tag = done.tag;
    told.operation = done.number;
    told.kind = done.kind;
    if (done.why) {
        errors_.push_back(GODWIT_ERROR_INIT);
        write_error(*done.why, errors_.back());
        told.status = errors_.back().code;
        told.error = &errors_.back();
    } else if (done.kind == GODWIT_DID_RECV) {
        told.delivery = deliveries.hand_out(std::move(done.came), done.socket, done.can_reply);
    } else if (done.kind == GODWIT_DID_REQUEST) {
        told.reply = messages.hand_out(std::move(done.reply));
    } else {
        told.receipt = done.receipt;
    }
    return told;
}

status completion_queue::next(godwit_completion* out, std::size_t max, std::size_t& taken, timeout limit) {
    const struct_array<godwit_completion> into{out, max};
    if (max == 0) return {};
    std::unique_lock hold{lock_};
    const auto is_news = [&] { return closed_ || !done_.empty(); };
    if (limit.is_never()) {
        news_.wait(hold, is_news);
    } else if (!is_news() && !limit.is_zero()) {
        news_.wait_until(hold, limit.deadline(), is_news);
    }
    if (closed_) return error{errc::closed, "completion queue"};
    if (done_.empty()) return errc::timed_out;
    errors_.clear();
    const std::size_t count = std::min({max, done_.size(), piece});
    delivery_room deliveries{count};
    message_room messages{count};
    for (const std::size_t room = deliveries.size(); taken < room; ++taken) {
        into.put(taken, hand_out(done_.front(), deliveries, messages));
        done_.pop_front();
    }
    if (done_.empty()) light(false);
    return {};
}

}  // namespace godwit::c
