#include "godwit/peer.hpp"

namespace godwit {

std::string_view name(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::peer_joined:
            return "peer_joined";
        case event_kind::peer_left:
            return "peer_left";
        case event_kind::handshake_refused:
            return "handshake_refused";
        case event_kind::mismatch_suspected:
            return "mismatch_suspected";
        case event_kind::endpoint_stolen:
            return "endpoint_stolen";
        case event_kind::accept_failed:
            return "accept_failed";
        case event_kind::message_refused:
            return "message_refused";
        case event_kind::subscription_refused:
            return "subscription_refused";
        case event_kind::over_limit:
            return "over_limit";
        case event_kind::peer_revoked:
            return "peer_revoked";
        case event_kind::name_refused:
            return "name_refused";
        case event_kind::unsent_lost:
            return "unsent_lost";
        case event_kind::mismatch:
            return "mismatch";
        case event_kind::link_lost:
            return "link_lost";
        case event_kind::link_broken:
            return "link_broken";
        case event_kind::link_fenced:
            return "link_fenced";
        case event_kind::dead_letters_full:
            return "dead_letters_full";
        case event_kind::conflict:
            return "conflict";
        case event_kind::too_old:
            return "too_old";
        case event_kind::memory_failed:
            return "memory_failed";
        case event_kind::possible_repeat:
            return "possible_repeat";
    }
    return "unknown";
}

}  // namespace godwit
