#include "core/gate.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace godwit::detail {

namespace {

std::string address_in_words(const zap_request& request, transport kind) {
    if (kind != transport::ipc) return std::string{request.address};
    const auto peer = parse_ipc_address(request.address);
    if (!peer) return "unknown";
    return "pid " + std::to_string(peer->pid) + " uid " + std::to_string(peer->uid);
}

bool is_ours_or_root(unsigned uid) noexcept { return uid == ::geteuid() || uid == 0; }

constexpr std::string_view other_user =
    "a process of another user; to allow that, give keys, or socket_options{.any_user = true}";

}  // namespace

gate::ruling gate::rule(const zap_request& request, const door& at) {
    if (of_.list == nullptr) return rule_keyless(request, at);
    const applicant who{request.key.value_or(public_key{}), address_in_words(request, at.kind), name(of_.own)};
    if (!request.key) return refuse(who, at, "it does not use CURVE"), ruling{verdict::refused, {}};
    const auto decision = of_.list->decide(*request.key);
    switch (decision.what) {
        case access_list::state::verdict::allowed:
            return admit(who, *decision.may, 0, at);
        case access_list::state::verdict::ask:
            return {verdict::asked, {}, decision.whom, who};
        case access_list::state::verdict::refused:
            break;
    }
    return refuse(who, at, decision.reason), ruling{verdict::refused, {}};
}

gate::ruling gate::rule_keyless(const zap_request& request, const door& at) {
    const applicant who{{}, address_in_words(request, at.kind), name(of_.own)};
    if (request.key) return refuse(who, at, "it uses CURVE, and we have no keys"), ruling{verdict::refused, {}};
    if (at.kind == transport::ipc && !of_.any_user) {
        const auto peer = parse_ipc_address(request.address);
        if (!peer || !is_ours_or_root(peer->uid)) return refuse(who, at, other_user), ruling{verdict::refused, {}};
    }
    // By that a pub and a link tell a peer from the one that had its link's number before.
    const bool named = of_.own == pattern::pub || of_.is_link;
    return {verdict::admitted, named ? admission{{}, 0, of_.links->next_serial()}.text() : std::string{}};
}

gate::ruling gate::admit(const applicant& who, const rights& may, std::uint32_t judged, const door& at) {
    if (may_come(may, theirs())) {
        return {verdict::admitted, admission{who.key, judged, of_.links->next_serial()}.text()};
    }
    refuse(who, at, "it has no right to come as a " + std::string{name(theirs())});
    return {verdict::refused, {}};
}

gate::ruling gate::settle(const applicant& who, std::uint32_t judged, const door& at) {
    // The list may have changed while the judge thought.
    const auto may = of_.list->rights_of({who.key, judged, 0});
    if (may == nullptr) return refuse(who, at, "its key was revoked"), ruling{verdict::refused, {}};
    return admit(who, *may, judged, at);
}

void gate::refuse(const applicant& who, const door& at, std::string_view reason) {
    std::string words = who.key == public_key{} ? who.address : "key " + who.key.text() + " at " + who.address;
    of_.peers->report(event_kind::handshake_refused, at.endpoint, words.append(": ").append(reason));
}

bool gate::may_stay(int descriptor, std::string_view endpoint) {
    if (of_.any_user || of_.list != nullptr || !endpoint.starts_with("ipc://")) return true;
    ucred who{};
    socklen_t size = sizeof who;
    // Closed by libzmq already: nobody is there any more.
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return true;
    if (is_ours_or_root(who.uid)) return true;
    of_.peers->report(event_kind::handshake_refused, endpoint,
                      "pid " + std::to_string(who.pid) + " uid " + std::to_string(who.uid) +
                          " listens there: " + std::string{other_user});
    return false;
}

void gate::ended(std::span<const public_key> keys) {
    // Nothing comes to these two from whom they could know its key by; to a link something comes soon.
    const bool unnamed = of_.own == pattern::push || of_.own == pattern::req || of_.is_link;
    for (const auto& link : of_.links->end_links(keys, unnamed)) {
        of_.peers->report(event_kind::peer_revoked, link.endpoint, link.words);
    }
}

void gate::end_one(int descriptor, const admission& who) {
    if (!of_.links->belongs(descriptor, who)) return;
    ended({&who.key, 1});
}

}  // namespace godwit::detail
