// The verbs of reliable senders: a send of push and pub; what became of a push's records.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"

namespace godwit::detail {

inline timeout limit_of(const send_options& options, const plain_socket& socket) {
    return options.within.value_or(socket.send_timeout());
}

// A public send of a reliable socket, after check_terms. Once the endpoint is there, it is the log that it waits for.
result<receipt> send_record(plain_socket& socket, const record_parts& what, timeout limit, const std::stop_token& stop);

// `full` where a call has run out of time because of that, else `why`.
error full_or(plain_socket& socket, const error& why);

std::vector<dead_letter> dead_letters(plain_socket& socket, std::size_t at_most);
status requeue(plain_socket& socket, offset dead);
status discard(plain_socket& socket, offset dead);
status on_settled(plain_socket& socket, std::function<void(std::span<const settled_record>)> tell);

}  // namespace godwit::detail
