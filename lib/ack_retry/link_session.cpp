#include "ack_retry/link_session.hpp"

#include <algorithm>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

link_set::link_set(pattern own, const link_options& options, time_source& time, random_source& random, link_port& port,
                   link_user& user)
    : state_{std::make_unique<state>(own, options, time, random, port, user)} {
    auto& id = state_->options.identity;
    while (id.empty()) id = {random.draw(), random.draw()};
    while (state_->nonce.empty()) state_->nonce = {random.draw(), random.draw()};
}

link_set::~link_set() = default;

void link_set::dials(peer_number to) {
    state::entry in{*state_};
    link_peer* const peer = state_->find_or_add_peer(to);
    if (peer == nullptr) return;
    peer->dialled = true;
    state_->greet_soon(*peer, state_->time.now());
    in.finish();
}

void link_set::dials_no_more(peer_number to) {
    state::entry in{*state_};
    if (link_peer* const peer = state_->find_peer(to)) {
        const auto now = state_->time.now();
        peer->dialled = false;
        if (session* const one = state_->find(peer->link)) {
            if (!one->is_busy) state_->pump(*one, now);
            if (!one->has_ended) state_->put(*one, bye_frame{"disconnected", false}, nullptr, now);
            if (!one->has_ended) state_->end(*one, link_end::closed, now);
        }
        if (link_peer* const still = state_->find_peer(to)) state_->forget_peer(*still);
    }
    in.finish();
}

void link_set::took(peer_number from, message&& frames) {
    state::entry in{*state_};
    if (link_peer* const peer = state_->find_or_add_peer(from)) {
        state_->took(*peer, std::move(frames), state_->time.now());
    }
    in.finish();
}

link_set::carried link_set::send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) {
    session* const one = state_->find(to);
    if (one == nullptr) return carried::gone;
    floor_is(floor);
    fragment_frame head;
    head.of.attempt = attempt;
    head.of.floor = floor;
    return state_->send_batch(*one, head, batch);
}

link_set::carried link_set::reply(link_number to, bool failed, const batch_ref& batch) {
    session* const one = state_->find(to);
    if (one == nullptr) return carried::gone;
    fragment_frame head;
    head.reply = true;
    head.failed = failed;
    return state_->send_batch(*one, head, batch);
}

link_set::carried link_set::send(link_number to, const link_content& control) {
    session* const one = state_->find(to);
    return one == nullptr ? carried::gone : state_->control(*one, control);
}

bool link_set::busy(link_number which) const noexcept {
    const session* const one = state_->find(which);
    return one != nullptr && one->blocked();
}

void link_set::floor_is(offset floor) noexcept { state_->floor = std::max(state_->floor, floor); }
std::size_t link_set::count() const noexcept { return state_->sessions.size(); }
std::uint64_t link_set::malformed() const noexcept { return state_->malformed; }
std::uint64_t link_set::fenced() const noexcept { return state_->fenced; }

std::string_view link_set::key_of(link_number which) const {
    const session* const one = state_->find(which);
    return one == nullptr ? std::string_view{} : state_->port.key_of(one->peer);
}

std::shared_ptr<const rights> link_set::rights_of(link_number which) const {
    const session* const one = state_->find(which);
    return one == nullptr ? nullptr : state_->port.rights_of(one->peer);
}

void link_set::report(event_kind what, link_number about, std::string_view detail) {
    if (const session* const one = state_->find(about)) state_->port.report(what, one->peer, detail);
}

void link_set::drain() {
    if (std::exchange(state_->is_draining, true)) return;
    std::vector<link_number> all;
    for (const auto& [number, one] : state_->sessions) all.push_back(number);
    for (const auto number : all) {
        if (session* const one = state_->find(number)) state_->control(*one, bye_frame{"drains", true});
    }
}

void link_set::say_goodbye(std::string_view why) {
    state_->is_closing = true;
    const bye_frame bye{std::string{why.substr(0, link_why_bytes_max)}, false};
    const auto now = state_->time.now();
    std::vector<link_number> all;
    for (const auto& [number, one] : state_->sessions) all.push_back(number);
    for (const auto number : all) {
        session* const one = state_->find(number);
        if (one == nullptr) continue;
        one->out = {};  // what has not gone will not
        one->controls.emplace_back(bye);
        state_->leave(*one, now);
    }
    state_->ended.clear();  // the user has closed them
    state_->known.clear();
}

bool link_set::said_goodbye() const noexcept { return state_->is_closing && state_->sessions.empty(); }

}  // namespace godwit::detail
