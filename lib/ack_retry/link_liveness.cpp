// Time: heartbeats, leases, greetings that are due, and what happens to transports.
#include <algorithm>
#include <string>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

// Full jitter above a half.
std::chrono::milliseconds link_set::state::jittered(std::chrono::milliseconds most) noexcept {
    const auto half = most.count() / 2;
    return std::chrono::milliseconds{
        half + static_cast<std::int64_t>(random.draw() % static_cast<std::uint64_t>(most.count() - half + 1))};
}

void link_set::state::wake(steady_time at) noexcept {
    if (at >= next_due) return;
    next_due = at;
    port.ring();
}

void link_set::lost(peer_number which) {
    state::entry in{*state_};
    if (link_peer* const peer = state_->find_peer(which)) {
        const auto now = state_->time.now();
        if (session* const one = state_->find(peer->link)) state_->end(*one, link_end::lost, now);
        peer->our_tag = 0;
        if (peer->dialled) {
            state_->greet_soon(*peer, now);
        } else {
            state_->forget_peer(*peer);
        }
    }
    if (state_->is_closing) state_->ended.clear();
    in.finish();
}

void link_set::links_changed() {
    state::entry in{*state_};
    const auto now = state_->time.now();
    auto& s = *state_;
    s.idle.clear();
    for (const auto& [number, one] : s.sessions) s.idle.push_back(number);
    for (const auto number : s.idle) {
        if (session* const one = s.find(number)) s.ping(*one, now);
    }
    for (const auto& [number, one] : s.peers) {
        if (one->link == 0) s.greet_soon(*one, now);
    }
    in.finish();
}

void link_set::state::collect_due(steady_time now) {
    silent.clear(), idle.clear(), to_greet.clear(), to_end.clear(), to_forget.clear();
    for (const auto& [number, one] : sessions) {
        if (one->last_heard + one->lease <= now) {
            silent.push_back(number);
        } else if (std::max(one->last_sent, one->pinged) + one->heartbeat <= now) {
            idle.push_back(number);
        }
    }
    for (const auto& [number, one] : peers) {
        if (one->end_at <= now) {
            to_end.push_back(number);
        } else if (one->greet_at <= now) {
            to_greet.push_back(number);
        }
    }
    for (const auto& [id, one] : known) {
        if (!one.live && one.forget_at <= now) to_forget.push_back(id);
    }
}

void link_set::state::do_due(steady_time now) {
    for (const auto number : silent) {
        session* const one = find(number);
        if (one == nullptr) continue;
        port.report(event_kind::link_lost, one->peer, "silent for " + std::to_string(one->lease.count()) + " ms");
        end(*one, link_end::lost, now);
    }
    for (const auto number : idle) {
        if (session* const one = find(number)) ping(*one, now);
    }
    for (const auto number : to_end) {
        link_peer* const one = find_peer(number);
        if (one == nullptr) continue;
        one->end_at = never;
        port.end(number);
        if (!one->dialled && one->link == 0) forget_peer(*one);
    }
    for (const auto number : to_greet) {
        if (link_peer* const one = find_peer(number)) greet(*one, now);
    }
    for (const auto& id : to_forget) {
        const auto at = known.find(id);
        if (at == known.end() || at->second.live) continue;
        ended.emplace_back(at->second.link, link_end::closed);
        known.erase(at);
    }
}

// With many links they are looked at together, some times in a heartbeat.
steady_time link_set::state::earliest(steady_time now) const {
    auto due = never;
    for (const auto& [number, one] : sessions) {
        due = std::min({due, one->last_heard + one->lease, std::max(one->last_sent, one->pinged) + one->heartbeat});
    }
    for (const auto& [number, one] : peers) due = std::min({due, one->greet_at, one->end_at});
    for (const auto& [id, one] : known) {
        if (!one.live) due = std::min(due, one.forget_at);
    }
    if (sessions.size() + peers.size() > 256) due = std::max(due, now + options.heartbeat / 16);
    return due;
}

// We were not running: silence that we slept through is nobody's fault.
void link_set::state::fresh_leases(steady_time now, std::chrono::nanoseconds late) {
    for (const auto& [number, one] : sessions) one->last_heard = now;
    for (auto& [id, one] : known) {
        if (!one.live) one.forget_at += std::chrono::duration_cast<steady_time::duration>(late);
    }
}

steady_time link_set::step() {
    auto& s = *state_;
    state::entry in{s};
    const auto now = s.time.now();
    if (now >= s.next_due) {
        const auto late = now - s.next_due;
        if (late > s.options.lease / 2) s.fresh_leases(now, late);
        s.collect_due(now);
        s.next_due = never;
        s.do_due(now);
        s.tell_ended();
        s.next_due = std::min(s.next_due, s.earliest(now));
    }
    in.finish();
    return s.next_due;
}

}  // namespace godwit::detail
