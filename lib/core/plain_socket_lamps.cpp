// What a plain_socket does for foreign loops. A lamp is dark only while nothing is possible, as far as anybody who held
// the turn has seen; and while it is dark and no caller leads, what may change that makes its descriptor readable:
// libzmq's own, or the bell, which is then armed.
#include <new>

#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"
#include "core/request_desk.hpp"

namespace godwit::detail {

namespace {

bool has_direction(pattern own, want what) noexcept {
    switch (own) {
        case pattern::pull:
        case pattern::sub:
        case pattern::rep:
            return what == want::in;
        case pattern::push:
        case pattern::pub:
            return what == want::out;
        case pattern::req:
            return what != want::news;
        case pattern::link:
            break;
    }
    return false;
}

error no_direction(pattern own, want what) {
    if (own == pattern::rep) return {errc::invalid_argument, "rep, send", "request::reply never waits"};
    const bool in = what == want::in;
    return {errc::invalid_argument, std::string{name(own)} + (in ? ", recv" : ", send"),
            in ? "this pattern does not receive" : "this pattern does not send"};
}

}  // namespace

result<int> plain_socket::descriptor(want what) {
    if (forked()) return forked_error();
    if (!has_direction(own_, what)) return no_direction(own_, what);
    const auto hold = turn();
    if (auto open = check_open(); !open) return open.error();
    if (const lamp* const there = room_.lamp_for(what)) return there->descriptor();
    auto made = lamp::make(bell_->descriptor());
    if (!made) return made.error();
    for (const carrier* const each : {first_, second_}) {
        if (each == nullptr || each->descriptor() < 0) continue;
        if (auto watched = (*made)->watch(each->descriptor()); !watched) return watched.error();
    }
    room_.hang(what, std::move(*made));
    darken(what);
    hand_on();
    return room_.lamp_for(what)->descriptor();
}

int plain_socket::exported(want what) {
    const auto hold = turn();
    const lamp* const there = room_.lamp_for(what);
    return there != nullptr ? there->descriptor() : -1;
}

status plain_socket::watch_by_lamps(const carrier& added) {
    if (added.descriptor() < 0) return {};
    for (const want what : {want::in, want::out}) {
        lamp* const each = room_.lamp_for(what);
        if (each == nullptr) continue;
        if (auto watched = each->watch(added.descriptor()); !watched) return watched;
    }
    return {};
}

plain_socket::view plain_socket::look(bool in, bool out) {
    if (forked()) return {};
    const auto hold = turn();
    if (closed_) return {.closed = true};
    const readiness now = refresh();
    const view seen{in && something_in(now.in), out && (now.out || may_send_alone()), false};
    if (room_.anyone_asleep()) hand_on(now, nullptr);
    if (in && !seen.in) darken(want::in);
    if (out && !seen.out) darken(want::out);
    return seen;
}

void plain_socket::darken(want what) noexcept {
    if (closed_) return;
    try {
        if (room_.lamp_for(what) == nullptr) return hand_on_if_waited();
        if (what == want::in && own_ == pattern::req && any_untaken()) {
            room_.light(what);
            return hand_on_if_waited();
        }
        room_.darken(what);
        // Who has tried has just looked: nothing is lost but what others wait for, or what the bell rang for.
        bool look_again = !room_.only_this_asleep(what);
        if (room_.leader() == nullptr && bell_->rang()) {
            bell_->disarm();
            look_again = true;
        }
        if (look_again) hand_on();
        watch_for_lamps();
    } catch (const std::bad_alloc&) {
        room_.call_all();
    }
}

void plain_socket::watch_for_lamps() {
    if (!room_.any_dark() || inproc_ == nullptr || room_.leader() != nullptr || bell_->armed()) return;
    bell_->arm();
    hand_on();  // work published before now rings no bell
}

void plain_socket::light_lamps(readiness now) {
    if (room_.dark(want::in) && something_in(now.in)) room_.light(want::in);
    if (now.out || may_send_alone()) room_.light(want::out);
}

// A req's lamp is lit by replies to open requests, whoever took them from the carrier, and by no other.
bool plain_socket::something_in(bool carried) {
    if (desk_ == nullptr) return carried;
    if (carried) desk_->sort_replies(*this, nullptr);
    return desk_->any_untaken();
}

// Nobody may ever ask a req again: its lamp goes out with the last reply that was here.
void plain_socket::reply_taken() noexcept {
    if (room_.lamp_for(want::in) != nullptr && !any_untaken()) darken(want::in);
}

bool plain_socket::any_untaken() {
    if (desk_ != nullptr) return desk_->any_untaken();
    const readiness now = engine_->ready();
    news_ = news_ || now.news;
    return now.in;
}

}  // namespace godwit::detail
