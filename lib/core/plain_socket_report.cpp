// What a plain_socket says of itself to those who ask from outside.
#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

socket_stats plain_socket::stats() const {
    socket_stats now;
    if (forked()) return now;
    now.sent = sent_.messages.load(std::memory_order_relaxed);
    now.sent_bytes = sent_.bytes.load(std::memory_order_relaxed);
    now.received = received_.messages.load(std::memory_order_relaxed);
    now.received_bytes = received_.bytes.load(std::memory_order_relaxed);
    now.late_replies = late_replies_.load(std::memory_order_relaxed);
    now.stray_messages = strays_.load(std::memory_order_relaxed);
    peers_->count_into(now);
    return now;
}

socket_report plain_socket::report() const {
    if (forked()) return {};
    const std::lock_guard hold{turn_};
    return report_in_turn();
}

std::optional<socket_report> plain_socket::report_if_open() const {
    const std::lock_guard hold{turn_};
    if (closed_) return {};
    return report_in_turn();
}

socket_report plain_socket::report_in_turn() const {
    socket_report now{peers_->name(), std::string{name(own_)}, {}, stats(), peers_->rows()};
    now.stats.peers = now.peers.size();
    if (engine_ != nullptr) now.delivery = engine_->stats();
    if (closed_) return now;
    for (const carrier* const each : {first_, second_}) {
        if (each != nullptr) each->list_endpoints(now.endpoints);
    }
    return now;
}

}  // namespace godwit::detail
