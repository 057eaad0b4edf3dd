// The counters of a socket, by the names that they have outside.
#pragma once
#include <iterator>
#include <string_view>

#include "godwit/peer.hpp"
#include "godwit/reliability.hpp"

namespace godwit::detail {

struct reported_counter {
    std::uint64_t socket_stats::*value;
    std::string_view name;    // in JSON: the field's
    std::string_view family;  // in Prometheus' text: godwit_<family>; those of one family follow each other
    std::string_view reason;  // where several are of one family
    std::string_view help;    // the family's
};

inline constexpr std::string_view dropped_help = "Messages that were dropped, by reason.";
inline constexpr std::string_view ended_help = "Links that were ended by the socket, by reason.";

inline constexpr reported_counter reported_counters[] = {
    {&socket_stats::sent, "sent", "messages_sent_total", "", "Messages that were sent."},
    {&socket_stats::received, "received", "messages_received_total", "", "Messages that were received."},
    {&socket_stats::late_replies, "late_replies", "messages_dropped_total", "late_reply", dropped_help},
    {&socket_stats::stray_messages, "stray_messages", "messages_dropped_total", "stray", dropped_help},
    {&socket_stats::dropped_full, "dropped_full", "messages_dropped_total", "queue_full", dropped_help},
    {&socket_stats::refused_messages, "refused_messages", "messages_dropped_total", "refused", dropped_help},
    {&socket_stats::sent_bytes, "sent_bytes", "bytes_sent_total", "", "Bytes of the frames that were sent."},
    {&socket_stats::received_bytes, "received_bytes", "bytes_received_total", "",
     "Bytes of the frames that were received."},
    {&socket_stats::refused_handshakes, "refused_handshakes", "handshakes_refused_total", "",
     "Handshakes that failed, refused by either side."},
    {&socket_stats::refused_subscriptions, "refused_subscriptions", "subscriptions_refused_total", "",
     "Subscriptions that their peer has no right to."},
    {&socket_stats::over_limit, "over_limit", "links_ended_total", "over_limit", ended_help},
    {&socket_stats::revoked, "revoked", "links_ended_total", "revoked", ended_help},
    {&socket_stats::accept_failures, "accept_failures", "accept_failures_total", "",
     "Connections that could not be taken."},
    {&socket_stats::events_lost, "events_lost", "events_lost_total", "", "Events that made room for newer ones."},
    {&socket_stats::joined, "joined", "peers_joined_total", "", "Peers that ever joined."},
    {&socket_stats::peers, "peers", "peers", "", "Peers that are joined now."},
};
static_assert(std::size(reported_counters) * sizeof(std::uint64_t) == sizeof(socket_stats), "one for each field");

struct delivery_counter {
    std::uint64_t delivery_stats::*value;
    std::string_view name;    // in JSON
    std::string_view family;  // in Prometheus' text: godwit_delivery_<family>
    std::string_view help;
};

inline constexpr delivery_counter delivery_counters[] = {
    {&delivery_stats::stored_bytes, "stored_bytes", "stored_bytes", "Bytes in the log now."},
    {&delivery_stats::unsettled, "unsettled", "unsettled", "Records that are not settled now."},
    {&delivery_stats::in_flight, "in_flight", "in_flight", "Records that are with receivers now."},
    {&delivery_stats::acked, "acked", "acked_total", "Records that were acked."},
    {&delivery_stats::nacked, "nacked", "nacked_total", "Attempts that failed."},
    {&delivery_stats::redelivered, "redelivered", "redelivered_total", "Records that were sent again."},
    {&delivery_stats::dead, "dead", "dead", "Dead letters now."},
    {&delivery_stats::expired, "expired", "expired_total", "Records whose time ended first."},
    {&delivery_stats::refused, "refused", "refused_total", "Records that were rejected."},
    {&delivery_stats::stale_settlements, "stale_settlements", "stale_settlements_total",
     "Settlements that came too late to settle anything."},
    {&delivery_stats::duplicates, "duplicates", "duplicates_total", "Records that came while they were in hand."},
    {&delivery_stats::malformed, "malformed", "malformed_total", "Frames that broke the protocol."},
    {&delivery_stats::fenced, "fenced", "fenced_total", "Frames of an older session or incarnation."},
    {&delivery_stats::gaps, "gaps", "gaps_total", "Gaps that were told."},
    {&delivery_stats::strays, "strays", "strays_total", "Records that no filter wanted any more."},
    {&delivery_stats::links, "links", "links", "Links now."},
    {&delivery_stats::evicted, "evicted", "evicted_total", "Records that left their scope: possible repeats."},
};
static_assert(std::size(delivery_counters) * sizeof(std::uint64_t) == sizeof(delivery_stats), "one for each field");

}  // namespace godwit::detail
