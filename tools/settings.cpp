#include "settings.hpp"

#include "failure.hpp"

namespace tool {

namespace {

std::chrono::milliseconds in_milliseconds(std::chrono::nanoseconds duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

// A file's fault is no fault of the command line.
template <class T>
T loaded(godwit::result<T> result, const char* option) {
    if (!result) throw failure{exit_failed, std::string{option} + ": " + result.error().what()};
    return std::move(*result);
}

// A key by itself, or the one in a file such as keygen's FILE.pub.
godwit::public_key server_key_of(const std::string& text) {
    if (auto key = godwit::public_key::parse(text)) return *key;
    const auto keys = loaded(godwit::access_list::load(text), "--server-key").keys();
    if (keys.size() != 1) throw failure{exit_failed, "--server-key: " + text + " has to hold one public key"};
    return keys.front();
}

}  // namespace

godwit::socket_options settings_of(const options& options) {
    godwit::socket_options result;
    result.insecure = options.insecure;
    result.send_timeout = options.limit();
    result.linger = in_milliseconds(options.linger);
    if (!options.keys.empty()) result.keys = loaded(godwit::key_pair::load(options.keys), "--keys");
    if (!options.server_key.empty()) result.server_key = server_key_of(options.server_key);
    if (!options.allow.empty()) result.allow = loaded(godwit::access_list::load(options.allow), "--allow");
    return result;
}

godwit::ack_retry ack_retry_of(const options& options) {
    godwit::ack_retry result;
    if (options.attempts) result.attempts_max = *options.attempts;
    if (options.ack_timeout) result.handler_max = in_milliseconds(*options.ack_timeout);
    return result;
}

godwit::send_options terms_of(const options& options, const interruption& interrupted) {
    godwit::send_options result{.within = options.limit(), .stop = interrupted.token()};
    if (options.priority) result.priority = static_cast<std::uint8_t>(*options.priority);
    if (options.delay) result.delay = in_milliseconds(*options.delay);
    if (options.ttl) result.ttl = in_milliseconds(*options.ttl);
    return result;
}

}  // namespace tool
