#include "core/moved_name.hpp"

#include "core/tcp_address.hpp"

namespace godwit::detail {

status check_secure(const endpoint& where, bool on_this_machine, const socket_options& options) {
    if (on_this_machine || options.insecure || options.keys) return {};
    return error{errc::insecure, where.url(),
                 "tcp beyond the loopback is neither encrypted nor authenticated: give socket_options{.keys = ...}; "
                 "to allow it as it is: socket_options{.insecure = true}"};
}

moved_name judge_moved(endpoint name, const std::string& dialled, const std::string& number,
                       const socket_options& options) {
    using enum moved_name::verdict;
    const auto local = resolve(name, direction::connect, [&](const std::string&) { return number; });
    if (!local || name.numeric == dialled) return {};
    const bool allowed = check_secure(name, *local, options).has_value();
    return {allowed ? moves : forbidden, std::move(name.numeric)};
}

}  // namespace godwit::detail
