#include "settings.hpp"

#include "failure.hpp"

namespace tool {

namespace {

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
    result.linger = std::chrono::ceil<std::chrono::milliseconds>(options.linger);
    if (!options.keys.empty()) result.keys = loaded(godwit::key_pair::load(options.keys), "--keys");
    if (!options.server_key.empty()) result.server_key = server_key_of(options.server_key);
    if (!options.allow.empty()) result.allow = loaded(godwit::access_list::load(options.allow), "--allow");
    return result;
}

}  // namespace tool
