// The greeting: who dials says hello until it is answered; who is dialled answers.
#include <algorithm>
#include <string>

#include "ack_retry/link_state.hpp"

namespace godwit::detail {

namespace {

std::uint32_t in_milliseconds(std::chrono::milliseconds span) { return static_cast<std::uint32_t>(span.count()); }

}  // namespace

hello link_set::state::our_hello(link_peer& to, std::uint64_t tag, std::uint64_t answers) {
    hello ours;
    ours.own = own;
    ours.heartbeat_ms = in_milliseconds(options.heartbeat);
    ours.lease_ms = in_milliseconds(options.lease);
    ours.message_bytes_max = options.message_bytes_max;
    ours.codecs = options.codecs;
    ours.floor = floor;
    user.greet(ours);
    ours.tag = tag;
    ours.answers = answers;
    ours.identity = options.identity;
    ours.nonce = nonce;
    if (to.claims.tag == tag) {
        ours.holds = to.claims.holds;
        ours.next = to.claims.next;
    } else {
        to.claims = {tag, ours.holds, ours.next};
    }
    to.can = ours.can;
    to.needs = ours.needs;
    return ours;
}

link_port::sent link_set::state::post(link_peer& to, const link_frame& what, const message* body) {
    encode(what, envelope);
    return port.send(to.number, envelope, body);
}

void link_set::state::greet(link_peer& to, steady_time now) {
    to.greet_at = never;
    if (!to.dialled || to.link != 0 || to.yields_to != 0 || is_closing) return;
    if (to.our_tag == 0) to.our_tag = draw_tag();
    const bool carried = post(to, {0, our_hello(to, to.our_tag, 0)}) == link_port::sent::done;
    to.last_greeted = now;
    carried ? lose_patience(to, now) : void(to.give_up_at = never);  // nobody there
    if (carried && ++to.greetings == greetings_suspected && !to.told) {
        to.told = true;
        port.report(event_kind::mismatch_suspected, to.number,
                    "no answer to " + std::to_string(greetings_suspected) + " greetings");
    }
    to.greet_delay = std::clamp(2 * to.greet_delay, options.greet_again_min, options.greet_again_max);
    to.greet_at = now + jittered(to.greet_delay);
    wake(to.greet_at);
}

// Bytes that were garbled on their way may have left a frame that never ends, on either side, or a peer that is gone a
// transport that nobody has ended: no greeting comes through, and no session is there whose lease would notice.
void link_set::state::lose_patience(link_peer& to, steady_time now) {
    to.patience = std::max(to.patience, options.lease);
    if (to.give_up_at <= now) {
        port.end(to.number);
        to.patience = std::min(2 * to.patience, patience_max * options.lease);
        to.give_up_at = never;
    }
    if (to.give_up_at == never) to.give_up_at = now + to.patience;
}

// At once, unless it was greeted a moment ago: whoever makes us greet again and again gets no more than that.
void link_set::state::greet_soon(link_peer& to, steady_time now) {
    if (!to.dialled || to.link != 0 || to.yields_to != 0 || is_closing) return;
    if (to.greet_delay < options.greet_again_max) to.greet_delay = {};
    const auto pause = to.told ? options.greet_again_max : options.greet_again_min;  // told: it does not fit
    const bool lately = to.last_greeted != steady_time{} && now - to.last_greeted < pause;
    to.greet_at = lately ? to.last_greeted + pause : now;
    wake(to.greet_at);
}

void link_set::state::back_off(link_peer& to, steady_time now) {
    to.our_tag = 0;
    to.give_up_at = never;
    if (!to.dialled || is_closing) return;
    to.greetings = 0;
    to.greet_delay = options.greet_again_max;
    to.greet_at = now + jittered(to.greet_delay);
    wake(to.greet_at);
}

void link_set::state::report_once(link_peer& about, errc code, std::string_view detail) {
    if (code == errc::already_exists || std::exchange(about.told, true)) return;  // a second way to who is here already
    const auto kind = code == errc::fenced     ? event_kind::link_fenced
                      : code == errc::full     ? event_kind::over_limit
                      : code == errc::conflict ? event_kind::conflict
                                               : event_kind::mismatch;
    port.report(kind, about.number, detail);
}

// Its link is ended a heartbeat later, so that the words can arrive; if we dial it, it is greeted again, seldom.
void link_set::state::refuse(link_peer& who, const error& why, steady_time now) {
    const std::string_view words = why.value().substr(0, link_why_bytes_max);
    post(who, {0, refuse_frame{why.code(), std::string{words}}});
    report_once(who, why.code(), words);
    back_off(who, now);
    if (!who.dialled && who.end_at == never && why.code() != errc::already_exists) {
        who.end_at = now + options.heartbeat;
        wake(who.end_at);
    }
}

void link_set::state::took_refusal(link_peer& from, const refuse_frame& words, steady_time now) {
    session* const one = find(from.link);
    if (one == nullptr && from.our_tag == 0) return;  // an answer to nothing
    const auto what = words.code == errc::fenced ? "our place was taken: " + words.why : "refused by it: " + words.why;
    report_once(from, words.code, what);
    if (one != nullptr) end(*one, link_end::closed, now);
    back_off(from, now);
}

void link_set::state::took_hello(link_peer& from, hello&& theirs, steady_time now) {
    session* const old = find(from.link);
    if (old != nullptr && theirs.tag == old->their_tag) {  // repeated: our answer may have been lost
        old->last_heard = now;
        if (theirs.answers == 0) post(from, {0, our_hello(from, old->our_tag, theirs.tag)});
        return;
    }
    if (theirs.answers != 0 && theirs.answers != from.our_tag) {
        ++fenced;
        return;
    }
    const bool opens = theirs.answers == 0;
    // A greeting of ours under way keeps its tag, so that two who greet each other at once agree; a session's is not used again.
    const std::uint64_t tag = opens && (old != nullptr || from.our_tag == 0) ? draw_tag() : from.our_tag;
    std::optional<link_frame> answer;
    if (opens) answer.emplace(link_frame{0, our_hello(from, tag, theirs.tag)});  // also says what we can and need
    auto fits = agree(own, options, from, theirs);
    if (fits) fits = admit(from, theirs);
    if (fits) fits = user.meet(theirs);
    if (!fits) {
        if (old != nullptr) end(*old, link_end::lost, now);
        return refuse(from, fits.error(), now);
    }
    if (opens) {
        const auto sent = post(from, *answer);
        if (sent == link_port::sent::gone) {
            if (old != nullptr) end(*old, link_end::lost, now);
            if (!from.dialled) forget_peer(from);
            return;
        }
        if (sent == link_port::sent::busy) return;  // it will greet again
    }
    establish(from, theirs, tag, now);
}

}  // namespace godwit::detail
