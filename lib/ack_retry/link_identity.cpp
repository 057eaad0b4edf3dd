// Identities and their incarnations: who comes again, who takes over, who is fenced; sessions begin and end here.
#include <algorithm>
#include <string>
#include <tuple>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

session* link_set::state::find(link_number which) const noexcept {
    const auto at = sessions.find(which);
    return at == sessions.end() ? nullptr : at->second.get();
}

link_peer* link_set::state::find_peer(peer_number which) const noexcept {
    const auto at = peers.find(which);
    return at == peers.end() ? nullptr : at->second.get();
}

// Null: there are too many.
link_peer* link_set::state::find_or_add_peer(peer_number which) {
    if (link_peer* const known_peer = find_peer(which)) return known_peer;
    if (peers.size() >= options.links_max) {
        port.report(event_kind::over_limit, which, "links: " + std::to_string(options.links_max));
        port.end(which);
        return nullptr;
    }
    auto made = std::make_unique<link_peer>();
    made->number = which;
    return peers.emplace(which, std::move(made)).first->second.get();
}

std::uint64_t link_set::state::draw_tag() noexcept {
    std::uint64_t tag = 0;
    while (tag == 0) tag = random.draw();
    return tag;
}

// Of two transports between the same two incarnations, each dialled by another side, the one dialled by the smaller identity
// stays; of two that the same side dialled, the younger. So both sides decide alike, without a word.
status link_set::state::admit(const link_peer& from, const hello& theirs) const {
    const auto at = known.find(theirs.identity);
    if (at == known.end()) return {};
    const incarnation& here = at->second;
    if (here.key != port.key_of(from.number)) {
        return error{errc::conflict, to_string(theirs.identity), "this identity belongs to another key"};
    }
    if (here.nonce != theirs.nonce) {
        const auto fenced_end = here.fenced.begin() + std::min(here.fenced_count, here.fenced.size());
        if (theirs.epoch < here.epoch || std::find(here.fenced.begin(), fenced_end, theirs.nonce) != fenced_end) {
            return error{errc::fenced, to_string(theirs.identity), "a newer incarnation has this identity"};
        }
        return {};
    }
    const session* const live = here.live ? find(here.link) : nullptr;
    const link_peer* const other = live == nullptr ? nullptr : find_peer(live->peer);
    if (other == nullptr || other == &from || other->dialled == from.dialled) return {};
    const bool we_are_smaller = std::tie(options.identity, nonce) < std::tie(theirs.identity, theirs.nonce);
    if (from.dialled == we_are_smaller) return {};
    return error{errc::already_exists, to_string(theirs.identity), "linked by another way"};
}

// Ends what there was of that identity; returns the link that is resumed.
link_number link_set::state::replace(const link_peer& by, const hello& theirs) {
    const auto at = known.find(theirs.identity);
    if (at == known.end()) return 0;
    incarnation& before = at->second;
    session* const live = before.live ? find(before.link) : nullptr;
    link_peer* const way = live == nullptr ? nullptr : find_peer(live->peer);
    if (live != nullptr) bury(*live);
    if (before.nonce == theirs.nonce) {
        if (way != nullptr && way != &by && way->dialled) way->yields_to = last_link + 1;
        return before.link;
    }
    before.fenced[before.fenced_count++ % before.fenced.size()] = before.nonce;
    port.report(event_kind::link_fenced, way == nullptr ? 0 : way->number, to_string(theirs.identity));
    ended.emplace_back(before.link, link_end::superseded);
    return 0;
}

void link_set::state::establish(link_peer& with, const hello& theirs, std::uint64_t our_tag, steady_time now) {
    if (session* const other = find(with.link); other != nullptr && other->identity != theirs.identity) {
        end(*other, link_end::lost, now);
    }
    const link_number resumed = replace(with, theirs);
    auto made = std::make_unique<session>();
    made->number = ++last_link;
    made->peer = with.number;
    made->our_tag = our_tag;
    made->their_tag = theirs.tag;
    made->identity = theirs.identity;
    made->last_heard = made->last_sent = now;
    made->lease = std::max(options.lease, std::chrono::milliseconds{theirs.lease_ms});
    made->heartbeat = std::min(options.heartbeat, made->lease / 3);
    made->their_floor = theirs.floor;
    incarnation& here = known[theirs.identity];
    here.key = port.key_of(with.number);
    here.nonce = theirs.nonce;
    here.epoch = theirs.epoch;
    here.link = made->number;
    here.live = true;
    here.forget_at = never;
    with.link = made->number;
    with.our_tag = our_tag;
    with.greet_at = with.end_at = with.give_up_at = never;
    with.greetings = 0;
    with.patience = {};
    with.greet_delay = {};
    with.yields_to = 0;
    with.told = false;
    const link_number number = made->number;
    sessions.emplace(number, std::move(made));
    if (resumed != 0) release_yielding(resumed, number, now);
    wake(now + find(number)->heartbeat);
    tell_ended();
    if (find(number) == nullptr) return;
    user.claimed(number,
                 greeting_claims{with.claims});  // kept: a repeated hello may come to them late, and be taken anew
    user.joined(number, theirs, resumed);
    if (session* const still = find(number); still != nullptr && is_draining)
        control(*still, bye_frame{"drains", true});
}

// Takes it out of the living, and tells nobody.
void link_set::state::bury(session& one) {
    one.has_ended = true;
    if (link_peer* const way = find_peer(one.peer)) {
        way->link = 0;
        way->our_tag = 0;
    }
    const auto at = sessions.find(one.number);
    graves.push_back(std::move(at->second));
    sessions.erase(at);
}

void link_set::state::end(session& one, link_end why, steady_time now) {
    link_peer* const way = find_peer(one.peer);
    bury(one);
    if (const auto at = known.find(one.identity); at != known.end() && at->second.link == one.number) {
        if (why == link_end::lost) {
            at->second.live = false;
            at->second.forget_at = now + one.lease;
            wake(at->second.forget_at);
        } else {
            known.erase(at);
        }
    }
    ended.emplace_back(one.number, why);
    release_yielding(one.number, 0, now);
    if (way != nullptr) greet_soon(*way, now);
    if (depth == 0) wake(now);  // left() is told in another turn
}

// Those that waited because of a link that is gone wait for the one that has taken its place, or greet again.
void link_set::state::release_yielding(link_number gone, link_number now_by, steady_time now) {
    for (const auto& [number, one] : peers) {
        if (one->yields_to != gone) continue;
        one->yields_to = now_by;
        if (now_by == 0) greet_soon(*one, now);
    }
}

void link_set::state::tell_ended() {
    while (!ended.empty()) {
        const auto [number, why] = ended.front();
        ended.pop_front();
        user.left(number, why);
    }
}

void link_set::state::forget_peer(link_peer& one) {
    const auto at = peers.find(one.number);
    if (at == peers.end()) return;
    peer_graves.push_back(std::move(at->second));
    peers.erase(at);
}

}  // namespace godwit::detail
