// context_report, socket_report: what a context and its sockets are doing, as a value, as JSON and in Prometheus' text
// format. Threads: values. Making one takes each socket's turn for a moment, one after the other.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/peer.hpp"
#include "godwit/reliability.hpp"

namespace godwit {

struct socket_report {
    std::string name;                    // socket_options::name, else "push-1": unique within its context
    std::string pattern;                 // "push"
    std::vector<std::string> endpoints;  // bound (as bound) and connected (as given); none of a closed socket
    socket_stats stats;
    std::vector<peer> peers;
    std::optional<delivery_stats> delivery = {};  // of a reliable socket
};

struct context_report {
    std::vector<socket_report> sockets;  // those that are open, oldest first
};

// One JSON object, one line, UTF-8; times in RFC 3339 with microseconds. What is not UTF-8 is replaced by U+FFFD.
GODWIT_EXPORT std::string to_json(const context_report& report);
GODWIT_EXPORT std::string to_json(const socket_report& report);
GODWIT_EXPORT std::string to_json(const event& happened);

// Prometheus' text format, version 0.0.4: every counter of socket_stats as godwit_…_total with the labels socket and
// pattern (and reason, where several counters are one kind), peers as a gauge. No label holds a topic or an address:
// series multiply with sockets alone, by 16 each, and by as many again for a reliable one, whose delivery_stats are
// godwit_delivery_…. What is not UTF-8 is replaced as above.
GODWIT_EXPORT std::string to_prometheus(const context_report& report);

}  // namespace godwit
