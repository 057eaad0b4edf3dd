#include "socket.hpp"

namespace binding {

namespace {

// Takes what is known out of the keyword arguments; what is left over is a mistake of the caller's.
class keywords {
public:
    explicit keywords(const nb::dict& given) : left_{nb::steal<nb::dict>(PyDict_Copy(given.ptr()))} {}

    template <class Number>
    void number(const char* name, Number& into) {
        if (const auto value = take(name); value.is_valid()) into = nb::cast<Number>(value);
    }
    void flag(const char* name, std::int32_t& into) {
        if (const auto value = take(name); value.is_valid()) into = nb::cast<bool>(value) ? 1 : 0;
    }
    void seconds(const char* name, std::int64_t& into_ms) {
        if (const auto value = take(name); value.is_valid()) into_ms = milliseconds(nb::cast<double>(value));
    }
    void time(const char* name, std::int64_t& into_ns) {
        if (const auto value = take(name); value.is_valid())
            into_ns = nanoseconds(value.is_none() ? std::nullopt : std::optional{nb::cast<double>(value)});
    }
    void text(const char* name, std::string& kept, godwit_bytes& into) {
        if (const auto value = take(name); value.is_valid() && !value.is_none()) {
            kept = nb::cast<std::string>(value);
            into = bytes_of(kept);
        }
    }
    nb::object take(const char* name) {
        nb::object found;
        if (left_.contains(name)) {
            found = left_[name];
            nb::del(left_[name]);
        }
        return found;
    }
    void none_left() {
        for (const auto& [name, value] : left_) {
            (void)value;
            throw nb::type_error(("unknown option: " + nb::cast<std::string>(name)).c_str());
        }
    }

private:
    nb::dict left_;
};

struct texts {
    std::string name, key_file, allow_file, server_key, identity, subscriber;
};

godwit_ack_retry read_ack_retry(nb::handle given, texts& kept) {
    godwit_ack_retry made = GODWIT_ACK_RETRY_INIT;
    keywords from{nb::cast<nb::dict>(given)};
    from.number("attempts_max", made.attempts_max);
    from.flag("ordered_by_key", made.ordered_by_key);
    from.seconds("backoff_min", made.backoff_min_ms);
    from.seconds("backoff_max", made.backoff_max_ms);
    from.number("log_bytes_max", made.log_bytes_max);
    from.number("dead_letters_max", made.dead_letters_max);
    from.seconds("evict_after", made.evict_after_ms);
    from.number("credit_bytes", made.credit_bytes);
    from.number("credit_messages", made.credit_messages);
    from.number("pause_after_failures", made.pause_after_failures);
    from.seconds("handler_max", made.handler_max_ms);
    from.number("messages_per_second", made.messages_per_second);
    from.number("burst_messages", made.burst_messages);
    from.seconds("heartbeat", made.heartbeat_ms);
    from.seconds("lease", made.lease_ms);
    from.text("identity", kept.identity, made.identity);
    from.none_left();
    return made;
}

godwit_subscription read_subscription(nb::handle given, texts& kept) {
    godwit_subscription made = GODWIT_SUBSCRIPTION_INIT;
    keywords from{nb::cast<nb::dict>(given)};
    from.number("start", made.from);
    from.number("at", made.at);
    from.number("since_ns", made.since_ns);
    from.text("name", kept.subscriber, made.name);
    from.none_left();
    return made;
}

}  // namespace

socket_ref::socket_ref(const context_ref& home, std::int32_t pattern, const nb::dict& given) {
    texts kept;
    godwit_socket_options options = GODWIT_SOCKET_OPTIONS_INIT;
    godwit_ack_retry reliably;
    godwit_subscription start;
    keywords from{given};
    from.text("name", kept.name, options.name);
    from.number("queue_messages_max", options.queue_messages_max);
    from.number("message_bytes_max", options.message_bytes_max);
    from.time("send_timeout", options.send_timeout_ns);
    from.number("requests_max", options.requests_max);
    from.seconds("linger", options.linger_ms);
    from.flag("wait_for_peer", options.wait_for_peer);
    from.flag("insecure", options.insecure);
    from.flag("any_user", options.any_user);
    from.flag("keepalive", options.keepalive);
    from.seconds("redial_min", options.redial_min_ms);
    from.seconds("redial_max", options.redial_max_ms);
    from.seconds("handshake_max", options.handshake_max_ms);
    from.number("events_max", options.events_max);
    from.text("key_file", kept.key_file, options.key_file);
    from.text("allow_file", kept.allow_file, options.allow_file);
    from.text("server_key", kept.server_key, options.server_key);
    from.flag("allow_anyone", options.allow_anyone);
    if (const auto value = from.take("ack_retry"); value.is_valid() && !value.is_none()) {
        reliably = read_ack_retry(value, kept);
        options.ack_retry = &reliably;
    }
    if (const auto value = from.take("subscription"); value.is_valid() && !value.is_none()) {
        start = read_subscription(value, kept);
        options.subscription = &start;
    }
    if (const auto value = from.take("journal"); value.is_valid() && !value.is_none())
        options.journal = nb::cast<const stream_ref&>(value).it;
    from.none_left();
    send_timeout_ns = options.send_timeout_ns;
    must_without_gil([&](godwit_error* error) { return godwit_socket_open(home.it, pattern, &options, &it, error); });
}

socket_ref::~socket_ref() {
    nb::gil_scoped_release released;
    godwit_socket_close(it, 0, nullptr);
}

void socket_ref::close(std::optional<double> timeout, bool has_timeout) {
    must_without_gil([&](godwit_error* error) {
        return godwit_socket_close(it, has_timeout ? nanoseconds(timeout) : GODWIT_LINGER, error);
    });
}

std::string socket_ref::bind(std::string_view url) {
    godwit_message bound{};
    must_without_gil([&](godwit_error* error) { return godwit_bind(it, bytes_of(url), &bound, error); });
    return taken_text(bound);
}

}  // namespace binding
