#include "core/plain_socket.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/block.hpp"
#include "core/link_engine.hpp"
#include "core/record_of.hpp"
#include "core/request_desk.hpp"

namespace godwit::detail {

namespace {

using clock = std::chrono::steady_clock;

timespec left_until(clock::time_point deadline) {
    const auto left = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - clock::now()).count());
    return {left / 1'000'000'000, left % 1'000'000'000};
}

}  // namespace

error plain_socket::forked_error() const {
    return {errc::forked, name(own_), "this handle is the parent process's: make a context of your own"};
}

status plain_socket::check_open() const {
    if (forked()) return forked_error();
    if (!born_) return born_;
    if (closed_) return errc::closed;
    return {};
}

status plain_socket::check_size(std::span<const bytes> frames) const {
    for (const bytes frame : frames) {
        if (frame.size() > frame_bytes_max()) {
            return error{errc::too_large, std::to_string(frame.size()) + " bytes",
                         "message_bytes_max is " + std::to_string(frame_bytes_max())};
        }
    }
    return {};
}

io plain_socket::carry_by_any(const outgoing& out) {
    if (own_ == pattern::rep) return carry_reply(out);
    if (own_ == pattern::pub) {
        outgoing shared = out;
        shared.owner_may_move = false;
        first_->try_send(shared);
        return second_->try_send(out);
    }
    to_second_ = !to_second_;
    const io outcome = (to_second_ ? second_ : first_)->try_send(out);
    return outcome == io::done ? outcome : (to_second_ ? first_ : second_)->try_send(out);
}

io plain_socket::take_from_any(incoming& in) {
    if (own_ == pattern::rep) return take_request(in);
    to_second_ = !to_second_;
    incoming here = in;
    const io outcome = (to_second_ ? second_ : first_)->try_recv(here);
    return outcome == io::done ? outcome : (to_second_ ? first_ : second_)->try_recv(here);
}

// A rep's peers are named by their carriers: the last byte of the name, ours, tells which one.
io plain_socket::take_request(incoming& in) {
    to_second_ = second_ != nullptr && !to_second_;
    for (int tries = second_ != nullptr ? 2 : 1; tries > 0; --tries, to_second_ = !to_second_) {
        incoming here = in;
        if ((to_second_ ? second_ : first_)->try_recv(here) != io::done) continue;
        here.peer->push_back(to_second_ ? '2' : '1');
        return io::done;
    }
    to_second_ = false;
    return io::would_block;
}

io plain_socket::carry_reply(const outgoing& out) {
    outgoing named = out;
    named.peer.remove_suffix(1);
    return (out.peer.back() == '2' ? second_ : first_)->try_send(named);
}

readiness plain_socket::refresh() {
    readiness now{};
    if (engine_ != nullptr) {
        now = engine_->refresh();
        news_ = news_ || now.news;
        return now;
    }
    for (carrier* const each : {first_, second_}) {
        if (each == nullptr) continue;
        const readiness its = each->refresh();
        now.in = now.in || its.in;
        now.out = now.out || its.out;
        news_ = news_ || its.news;
    }
    return now;
}

void plain_socket::hand_on(const waiter* but) { closed_ ? room_.call_all() : hand_on(refresh(), but); }

// Whoever has refreshed has taken the signal that a sleeper waits for, and hands on what it saw.
void plain_socket::hand_on(readiness now, const waiter* but) {
    now.news = std::exchange(news_, false);
    room_.hand_on(now, but);
    if (room_.any_dark()) light_lamps(now);
}

status plain_socket::send(const outgoing& out, timeout limit, const std::stop_token& stop) {
    if (auto fits = check_size(out.frames); !fits) return fits;
    const std::size_t sent_bytes = size_bytes(out);  // now: the carrier may leave the owner empty
    auto again = [&] {
        const io outcome = first_ != nullptr ? carry(out) : io::done;
        if (outcome == io::done) count(sent_, sent_bytes);
        return outcome;
    };
    return do_or_wait(want::out, limit, stop, again);
}

status plain_socket::recv(delivery& into, timeout limit, const std::stop_token& stop) {
    if (engine_ != nullptr) return recv_linked(into, limit, stop);
    incoming in{message_access::content(into), nullptr};
    auto again = [&] {
        const io outcome = take(in);
        if (outcome == io::done) count_received(in.content);
        return outcome;
    };
    return do_or_wait(want::in, limit, stop, again);
}

std::optional<status> plain_socket::do_now(attempt again) {
    if (forked()) return status{forked_error()};
    const auto hold = turn();
    if (!usable()) return std::nullopt;
    const io outcome = again();
    if (outcome == io::would_block) return std::nullopt;
    hand_on_if_waited();
    return outcome == io::done ? status{} : status{errc::unreachable};
}

status plain_socket::do_or_wait(want what, timeout limit, const std::stop_token& stop, attempt again) {
    const bool alone = what == want::out && may_send_alone();
    if (limit.is_zero()) return try_once(what, stop, again, alone);
    if (auto outcome = do_now(again)) return *outcome;
    return wait(what, limit.deadline(), stop, again, alone);
}

// The whole of a call that must not wait.
status plain_socket::try_once(want what, const std::stop_token& stop, attempt again, bool alone) {
    if (forked()) return forked_error();
    const auto hold = turn();
    if (auto open = check_open(); !open) return open;
    count(waits_);
    io outcome = first_ != nullptr || alone ? again() : io::would_block;
    if (outcome == io::would_block && (what == want::out || engine_ != nullptr) && first_ != nullptr) {
        refresh();  // see wait_entered
        outcome = again();
    }
    if (outcome == io::would_block) {
        darken(what);
        return stop.stop_requested() ? errc::cancelled : errc::timed_out;
    }
    hand_on_if_waited();
    return outcome == io::done ? status{} : status{errc::unreachable};
}

status plain_socket::wait(want what, time_point deadline, const std::stop_token& stop, attempt again, bool alone,
                          waiter** seat) {
    if (forked()) return forked_error();
    waiter me{what};
    const auto wake = [&] {
        me.call();
        bell_->ring_always();
    };
    std::unique_lock hold{turn_};
    if (auto open = check_open(); !open) return open;
    std::optional<std::stop_callback<decltype(wake)>> on_stop;
    if (stop.stop_possible()) {
        hold.unlock();
        on_stop.emplace(stop, wake);
        hold.lock();
    }
    count(waits_);
    room_.enter(me);
    struct presence {
        plain_socket& socket;
        waiter& who;
        waiter** seat;
        ~presence() {
            if (seat != nullptr) *seat = nullptr;
            if (socket.room_.leader() == &who) socket.room_.lead(nullptr);
            socket.room_.leave(who);
            if (socket.engine_ != nullptr && socket.room_.leader() == nullptr) socket.engine_->wake_watch();
            if (!socket.room_.anyone_asleep()) return;
            try {
                socket.hand_on();
                socket.watch_for_lamps();
            } catch (const std::bad_alloc&) {
                socket.room_.call_all();
            }
        }
    };
    status outcome;
    {
        if (seat != nullptr) *seat = &me;
        const presence here{*this, me, seat};
        outcome = wait_entered(me, what, deadline, stop, again, alone, hold);
    }
    hold.unlock();  // before on_stop goes: its callback may be running and must not meet the turn
    return outcome;
}

status plain_socket::wait_for_reply(open_request& request, timeout limit, const std::stop_token& stop, attempt again) {
    if (forked()) return forked_error();
    {
        // A reply that is here is given out even when the socket has been closed since.
        const auto hold = turn();
        if ((request.arrived || usable()) && again() == io::done) {
            hand_on_if_waited();
            return {};
        }
        if (limit.is_zero() && usable()) {
            darken(want::in);
            return stop.stop_requested() ? errc::cancelled : errc::timed_out;
        }
    }
    return wait(want::in, limit.deadline(), stop, again, false, &request.who);
}

status plain_socket::wait_entered(waiter& me, want what, time_point deadline, const std::stop_token& stop,
                                  attempt again, bool alone, std::unique_lock<turn_lock>& hold) {
    for (bool armed = false;;) {
        room_.looks(me);
        if (auto open = check_open(); !open) return open;
        // A receive processes libzmq's commands by itself; a send that must not wait skips them for a millisecond, and
        // would say again that it cannot.
        const bool must_refresh = what != want::in || !room_.alone(me) || engine_ != nullptr;
        const readiness now = must_refresh ? refresh() : readiness{};
        const io outcome = first_ != nullptr || alone ? again() : io::would_block;
        if (outcome == io::done) return {};
        if (outcome == io::unreachable) return errc::unreachable;
        if (stop.stop_requested() || clock::now() >= deadline) {
            room_.darken(what);
            return stop.stop_requested() ? errc::cancelled : errc::timed_out;
        }
        if (room_.leader() != nullptr && room_.leader() != &me) {
            hand_on(now, &me);
            hold.unlock();
            me.sleep(deadline);
            hold.lock();
            continue;
        }
        room_.lead(&me);
        hand_on(now, &me);
        if (inproc_ != nullptr && !armed) {
            bell_->arm();  // and look once more: work published before now rings no bell
            armed = true;
            continue;
        }
        armed = false;
        room_.looks(me);  // a call in this very pass, before we led, rang no bell: the next one has to
        bell_->disarm(sleep(deadline, hold));
    }
}

bool plain_socket::sleep(time_point deadline, std::unique_lock<turn_lock>& hold) {
    pollfd watched[3] = {{bell_->descriptor(), POLLIN, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}};
    if (first_ != nullptr) watched[1].fd = first_->descriptor();
    if (second_ != nullptr) watched[2].fd = second_->descriptor();
    if (engine_ != nullptr) {
        deadline = std::min(deadline, engine_->next_step());
        engine_->led(true);
    }
    hold.unlock();
    const bool forever = deadline == clock::time_point::max();
    const timespec left = forever ? timespec{} : left_until(deadline);
    const int ready = ::ppoll(watched, 3, forever ? nullptr : &left, nullptr);
    hold.lock();
    if (engine_ != nullptr) engine_->led(false);
    return ready > 0 && (watched[0].revents & POLLIN) != 0;
}

result<std::size_t> plain_socket::send_many(std::span<const message> messages, timeout limit,
                                            const std::stop_token& stop) {
    std::vector<bytes> frames;
    return send_each(messages.size(), limit, stop, [&](std::size_t which, status& fits, std::size_t& sent_bytes) {
        const message& one = messages[which];
        if (engine_ != nullptr) {
            sent_bytes = one.body().size();
            const record_of record{one};
            const record_parts what = record.parts();
            fits = check_size({&what.body, 1});
            return fits ? try_linked(what, fits) : io::done;
        }
        frames.clear();
        for (std::size_t i = 0; i < one.frame_count(); ++i) frames.push_back(one.frame(i));
        fits = check_size(frames);
        sent_bytes = one.size_bytes();
        return !fits || first_ == nullptr ? io::done : carry({frames, const_cast<message*>(&one), 0, false, {}});
    });
}

result<std::size_t> plain_socket::send_many(std::span<const bytes> bodies, timeout limit, const std::stop_token& stop) {
    return send_each(bodies.size(), limit, stop, [&](std::size_t which, status& fits, std::size_t& sent_bytes) {
        const bytes body = bodies[which];
        sent_bytes = body.size();
        if (body.size() > frame_bytes_max()) return fits = check_size({&body, 1}), io::done;
        if (engine_ != nullptr) return try_linked({.body = body}, fits);
        return direct_ != nullptr ? direct_->try_send_copy(body) : carry({{&body, 1}});
    });
}

// `one` sends the message of that number, or says that it does not fit.
template <class One>
result<std::size_t> plain_socket::send_each(std::size_t wanted, timeout limit, const std::stop_token& stop, One&& one) {
    std::size_t taken = 0;
    status fits;
    auto again = [&] {
        for (const std::size_t end = std::min(wanted, taken + burst_max); taken < end; ++taken) {
            std::size_t sent_bytes = 0;
            if (one(taken, fits, sent_bytes) != io::done) return io::would_block;
            if (!fits) break;
            count(sent_, sent_bytes);
        }
        return io::done;
    };
    const auto deadline = limit.deadline();
    while (taken < wanted && fits) {
        auto now = do_now(again);
        const status sent = now ? *now : wait(want::out, deadline, stop, again, may_send_alone());
        if (sent) continue;
        if (taken == 0) return sent.error();
        break;
    }
    if (!fits && taken == 0) return fits.error();
    return taken;
}

result<std::size_t> plain_socket::recv_many(std::span<delivery> out, timeout limit, const std::stop_token& stop) {
    if (out.empty()) return std::size_t{0};
    if (engine_ != nullptr) return recv_many_linked(out, limit, stop);
    std::size_t received = 0;
    const std::size_t wanted = std::min(out.size(), burst_max);
    auto again = [&] {
        for (; received < wanted; ++received) {
            message& content = message_access::content(out[received]);
            message_access::clear(content);
            incoming in{content, nullptr};
            if (take(in) != io::done) break;
            count_received(content);
        }
        if (received < wanted && received > 0 && room_.lamp_for(want::in) != nullptr) darken(want::in);
        return received > 0 ? io::done : io::would_block;
    };
    if (auto waited = do_or_wait(want::in, limit, stop, again); !waited) return waited.error();
    return received;
}

std::size_t plain_socket::subscribers(std::string_view topic) const {
    if (engine_ != nullptr) return engine_->subscribers(topic);
    std::size_t sum = 0;
    for (const carrier* const each : {first_, second_}) sum += each == nullptr ? 0 : each->subscribers(topic);
    return sum;
}

std::uint64_t plain_socket::activity() const noexcept {
    return sent_.messages.load(std::memory_order_relaxed) + received_.messages.load(std::memory_order_relaxed) +
           waits_.load(std::memory_order_relaxed);
}

bool plain_socket::watched() const noexcept { return engine_ != nullptr && engine_->is_led(); }

// Where ipc or inproc are counted with it, it says nothing of tcp.
std::uint64_t plain_socket::received_bytes() const noexcept {
    return several_transports_.load(std::memory_order_relaxed) ? 0 : received_.bytes.load(std::memory_order_relaxed);
}

// Of a pub's subscriptions a bounded number is read in one turn.
bool plain_socket::tend() {
    const std::lock_guard hold{turn_};
    if (engine_ != nullptr) return engine_->tend();
    if (closed_) return false;
    const readiness now = refresh();
    hand_on(now, nullptr);
    return own_ == pattern::pub && now.in;
}

}  // namespace godwit::detail
