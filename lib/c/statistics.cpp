#include "godwit/c/statistics.h"

#include "c/guarded.hpp"
#include "c/messages.hpp"

namespace godwit::c {

namespace {

godwit_socket_counters counted(const socket_stats& from) noexcept {
    return {sizeof(godwit_socket_counters),
            from.sent,
            from.received,
            from.late_replies,
            from.stray_messages,
            from.dropped_full,
            from.received_bytes,
            from.sent_bytes,
            from.refused_handshakes,
            from.refused_messages,
            from.refused_subscriptions,
            from.over_limit,
            from.revoked,
            from.accept_failures,
            from.events_lost,
            from.joined,
            from.peers};
}

godwit_delivery_counters counted(const delivery_stats& from) noexcept {
    return {sizeof(godwit_delivery_counters),
            from.stored_bytes,
            from.unsettled,
            from.in_flight,
            from.acked,
            from.nacked,
            from.redelivered,
            from.dead,
            from.expired,
            from.refused,
            from.stale_settlements,
            from.duplicates,
            from.malformed,
            from.fenced,
            from.gaps,
            from.strays,
            from.links};
}

static_assert(static_cast<int>(event_kind::peer_joined) == GODWIT_EVENT_PEER_JOINED);
static_assert(static_cast<int>(event_kind::over_limit) == GODWIT_EVENT_OVER_LIMIT);
static_assert(static_cast<int>(event_kind::unsent_lost) == GODWIT_EVENT_UNSENT_LOST);
static_assert(static_cast<int>(event_kind::dead_letters_full) == GODWIT_EVENT_DEAD_LETTERS_FULL);

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

godwit_status godwit_next_event(godwit_socket socket, int64_t timeout_ns, godwit_event* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        check_size<godwit_event>(needed(out, "out").struct_size);
        const auto told = found->common().next_event(timeout_of(timeout_ns));
        if (!told) return told.error();
        godwit_event event{};
        event.peer_id = told->peer_id;
        event.when_ns = since_1970(told->when);
        event.kind = static_cast<int32_t>(told->kind);
        copy_text(told->endpoint, event.endpoint);
        copy_text(told->detail, event.detail);
        write_struct(*out, event);
        return {};
    });
}

const char* godwit_event_name(int32_t kind) {
    if (kind < GODWIT_EVENT_PEER_JOINED || kind > GODWIT_EVENT_DEAD_LETTERS_FULL) return "?";
    return godwit::name(static_cast<godwit::event_kind>(kind)).data();
}

godwit_status godwit_socket_count(godwit_socket socket, godwit_socket_counters* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        write_struct(needed(out, "out"), counted(found->common().stats()));
        return {};
    });
}

godwit_status godwit_delivery_count(godwit_socket socket, godwit_delivery_counters* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        write_struct(needed(out, "out"), counted(found->common().delivery_counters()));
        return {};
    });
}

godwit_status godwit_socket_report(godwit_socket socket, godwit_message* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().sockets.at(socket.id);
        godwit_message& into = needed(out, "out");
        into = hand_out(to_json(found->common().report()));
        return {};
    });
}
