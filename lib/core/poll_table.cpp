#include "core/poll_table.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <cerrno>
#include <string>
#include <utility>

#include "core/epoll_error.hpp"

namespace godwit::detail {

namespace {

constexpr interest none{0};

bool has(interest what, interest one) noexcept { return (static_cast<int>(what) & static_cast<int>(one)) != 0; }

// poll's and epoll's bits are the same.
static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

std::uint32_t events_of(interest what) noexcept {
    return (has(what, interest::recv) ? EPOLLIN : 0u) | (has(what, interest::send) ? EPOLLOUT : 0u);
}

std::string in_words(const poll_table::key& which) {
    return which.first != nullptr ? "socket" : "descriptor " + std::to_string(which.second);
}

status check_interest(interest what) {
    if (what == interest::recv || what == interest::send || what == interest::both) return {};
    return error{errc::invalid_argument, "interest", "give recv, send or both"};
}

error not_there(const poll_table::key& which) {
    return {errc::not_found, in_words(which), "it is not in this poller: add it, or it was reported as closed"};
}

}  // namespace

status poll_table::check_new(const key& which, interest what) const {
    if (!numbers_.contains(which)) return check_interest(what);
    return error{errc::invalid_argument, in_words(which),
                 "it is in this poller already: change it, or remove it first"};
}

poll_table::row& poll_table::insert(key which, interest what, std::uint64_t tag) {
    const std::uint64_t number = next_number_++;
    numbers_.emplace(which, number);
    return rows_.emplace(number, row{std::move(which), nullptr, what, tag}).first->second;
}

poll_table::rows::iterator poll_table::find(const key& which) {
    const auto number = numbers_.find(which);
    return number == numbers_.end() ? rows_.end() : rows_.find(number->second);
}

void poll_table::erase(rows::iterator at) {
    numbers_.erase(at->second.which);
    rows_.erase(at);
}

status poll_table::listen(int operation, int descriptor, std::uint32_t events, std::uint64_t number) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number;
    if (::epoll_ctl(poll_, operation, descriptor, &event) == 0) return {};
    const int failed = errno;
    if (failed == EPERM || failed == EBADF || failed == EEXIST || failed == EINVAL || failed == ELOOP ||
        failed == ENOENT) {
        return error{errc::invalid_argument, "descriptor " + std::to_string(descriptor),
                     failed == EEXIST ? "it is in this poller already" : "it is not open, or cannot be polled"};
    }
    return epoll_error(failed);
}

// Listens to the lamps for `now` instead of those for `before`, or, failing, still to those.
status poll_table::listen_socket(const row& of, interest before, interest now) {
    const std::uint64_t number = numbers_.at(of.which);
    constexpr std::pair<interest, want> directions[] = {{interest::recv, want::in}, {interest::send, want::out}};
    status outcome;
    interest done = none;
    for (const auto& [direction, what] : directions) {
        if (!has(now, direction) || has(before, direction) || !outcome) continue;
        auto lamp = of.socket->descriptor(what);
        outcome = lamp ? listen(EPOLL_CTL_ADD, *lamp, EPOLLIN, number) : status{lamp.error()};
        if (outcome) done = static_cast<interest>(static_cast<int>(done) | static_cast<int>(direction));
    }
    for (const auto& [direction, what] : directions) {
        const bool goes = outcome ? has(before, direction) && !has(now, direction) : has(done, direction);
        if (goes) (void)listen(EPOLL_CTL_DEL, of.socket->exported(what), 0, number);
    }
    return outcome;
}

status poll_table::add(std::shared_ptr<plain_socket> socket, interest what, std::uint64_t tag) {
    if (socket == nullptr) return errc::closed;  // moved from
    const key which{socket.get(), -1};
    if (auto fine = check_new(which, what); !fine) return fine;
    row& made = insert(which, what, tag);
    made.socket = std::move(socket);
    auto listened = listen_socket(made, none, what);
    if (!listened) erase(find(which));
    return listened;
}

status poll_table::add(int descriptor, interest what, std::uint64_t tag) {
    const key which{nullptr, descriptor};
    if (auto fine = check_new(which, what); !fine) return fine;
    insert(which, what, tag);
    auto listened = listen(EPOLL_CTL_ADD, descriptor, events_of(what), numbers_.at(which));
    if (!listened) erase(find(which));
    return listened;
}

status poll_table::change(const key& which, interest what) {
    const auto at = find(which);
    if (at == rows_.end()) return not_there(which);
    if (auto fine = check_interest(what); !fine) return fine;
    auto listened = which.first != nullptr ? listen_socket(at->second, at->second.what, what)
                                           : listen(EPOLL_CTL_MOD, which.second, events_of(what), at->first);
    if (listened) at->second.what = what;
    return listened;
}

status poll_table::remove(const key& which) {
    const auto at = find(which);
    if (at == rows_.end()) return not_there(which);
    if (which.first != nullptr) {
        (void)listen_socket(at->second, at->second.what, none);
    } else {
        (void)listen(EPOLL_CTL_DEL, which.second, 0, 0);  // a closed one has left by itself
    }
    erase(at);
    return {};
}

void poll_table::told(std::uint64_t number, std::uint32_t events) {
    const auto at = rows_.find(number);
    if (at == rows_.end()) return;
    row& of = at->second;
    of.events = events;
    of.round = round_;
    if (!std::exchange(of.queued, true)) told_.push_back(number);
}

std::optional<ready> poll_table::next() {
    const auto at = rows_.find(told_.front());
    told_.pop_front();
    if (at == rows_.end()) return std::nullopt;
    at->second.queued = false;
    auto seen = look(at->second);
    if (seen && seen->closed && at->second.socket != nullptr) {
        (void)listen_socket(at->second, at->second.what, none);
        erase(at);
    }
    return seen;
}

std::optional<ready> poll_table::look(const row& at) const {
    ready seen{.tag = at.tag};
    if (at.socket != nullptr) {
        const auto now = at.socket->look(has(at.what, interest::recv), has(at.what, interest::send));
        seen.recv = now.in;
        seen.send = now.out;
        seen.closed = now.closed;
    } else {
        std::uint32_t events = at.events;
        if (at.round != round_) {
            pollfd again{at.which.second, static_cast<short>(events_of(at.what)), 0};
            events = ::poll(&again, 1, 0) == 1 ? static_cast<std::uint32_t>(again.revents) : 0u;
        }
        seen.recv = (events & EPOLLIN) != 0 && has(at.what, interest::recv);
        seen.send = (events & EPOLLOUT) != 0 && has(at.what, interest::send);
        seen.closed = (events & (EPOLLERR | EPOLLHUP | POLLNVAL)) != 0;
    }
    if (!seen.recv && !seen.send && !seen.closed) return std::nullopt;
    return seen;
}

}  // namespace godwit::detail
