#include "c/options.hpp"

#include <filesystem>

#include "c/structs.hpp"

namespace godwit::c {

namespace {

constexpr godwit_socket_options no_socket_options = GODWIT_SOCKET_OPTIONS_INIT;
constexpr godwit_ack_retry no_ack_retry = GODWIT_ACK_RETRY_INIT;
constexpr godwit_subscription no_subscription = GODWIT_SUBSCRIPTION_INIT;

ack_retry read_ack_retry(const godwit_ack_retry* given) {
    const godwit_ack_retry from = read_struct(given, no_ack_retry);
    ack_retry made;
    made.attempts_max = from.attempts_max;
    made.backoff_min = milliseconds_of(from.backoff_min_ms);
    made.backoff_max = milliseconds_of(from.backoff_max_ms);
    made.log_bytes_max = from.log_bytes_max;
    made.dead_letters_max = from.dead_letters_max;
    made.ordered_by_key = from.ordered_by_key != 0;
    made.evict_after = milliseconds_of(from.evict_after_ms);
    made.credit_bytes = from.credit_bytes;
    made.credit_messages = from.credit_messages;
    made.handler_max = milliseconds_of(from.handler_max_ms);
    made.messages_per_second = from.messages_per_second;
    made.burst_messages = from.burst_messages;
    made.pause_after_failures = from.pause_after_failures;
    made.heartbeat = milliseconds_of(from.heartbeat_ms);
    made.lease = milliseconds_of(from.lease_ms);
    made.identity = std::string{text_of(from.identity)};
    return made;
}

subscription read_subscription(const godwit_subscription* given) {
    const godwit_subscription from = read_struct(given, no_subscription);
    if (from.from < GODWIT_START_NEXT || from.from > GODWIT_START_SINCE)
        throw error{errc::invalid_argument, "from " + std::to_string(from.from), "one of GODWIT_START_…"};
    subscription made;
    made.from = static_cast<start>(from.from);
    made.name = std::string{text_of(from.name)};
    made.at = from.at;
    made.since = at_time(from.since_ns);
    return made;
}

void read_security(const godwit_socket_options& from, socket_options& made) {
    if (const auto file = text_of(from.key_file); !file.empty())
        made.keys = key_pair::load(std::filesystem::path{file}).value();
    if (const auto file = text_of(from.allow_file); !file.empty())
        made.allow = access_list::load(std::filesystem::path{file}).value();
    if (from.allow_anyone != 0) {
        if (made.allow) throw error{errc::invalid_argument, "allow_anyone", "beside an allow_file it says nothing"};
        made.allow = access_list::anyone();
    }
    if (const auto key = text_of(from.server_key); !key.empty()) made.server_key = public_key::parse(key).value();
}

socket_options read_socket_options(const godwit_socket_options& from) {
    socket_options made;
    made.name = std::string{text_of(from.name)};
    made.queue_messages_max = from.queue_messages_max;
    made.message_bytes_max = from.message_bytes_max;
    made.send_timeout = timeout_of(from.send_timeout_ns);
    made.requests_max = from.requests_max;
    made.linger = milliseconds_of(from.linger_ms);
    made.wait_for_peer = from.wait_for_peer != 0;
    made.insecure = from.insecure != 0;
    made.any_user = from.any_user != 0;
    made.keepalive = from.keepalive != 0;
    made.redial_min = milliseconds_of(from.redial_min_ms);
    made.redial_max = milliseconds_of(from.redial_max_ms);
    made.handshake_max = milliseconds_of(from.handshake_max_ms);
    made.events_max = from.events_max;
    made.handshakes_max = from.handshakes_max;
    made.peers_max = from.peers_max;
    made.unread_bytes_max = from.unread_bytes_max;
    made.subscriptions_max = from.subscriptions_max;
    made.subscription_bytes_max = from.subscription_bytes_max;
    read_security(from, made);
    return made;
}

static_assert(static_cast<int>(start::next) == GODWIT_START_NEXT);
static_assert(static_cast<int>(start::first) == GODWIT_START_FIRST);
static_assert(static_cast<int>(start::last) == GODWIT_START_LAST);
static_assert(static_cast<int>(start::at) == GODWIT_START_AT);
static_assert(static_cast<int>(start::since) == GODWIT_START_SINCE);

}  // namespace

socket_parts::socket_parts(const godwit_socket_options* given) {
    const godwit_socket_options from_caller = read_struct(given, no_socket_options);
    options = read_socket_options(from_caller);
    if (from_caller.ack_retry != nullptr) reliably = read_ack_retry(from_caller.ack_retry);
    if (from_caller.subscription != nullptr) from = read_subscription(from_caller.subscription);
    if (from_caller.journal.id != 0) log = *tables().streams.at(from_caller.journal.id);
}

}  // namespace godwit::c

using namespace godwit::c;

void godwit_socket_options_init(godwit_socket_options* out) {
    if (out != nullptr) *out = no_socket_options;
}
void godwit_ack_retry_init(godwit_ack_retry* out) {
    if (out != nullptr) *out = no_ack_retry;
}
void godwit_subscription_init(godwit_subscription* out) {
    if (out != nullptr) *out = no_subscription;
}
