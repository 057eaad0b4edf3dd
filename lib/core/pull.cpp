#include "godwit/pull.hpp"

#include "core/consuming.hpp"
#include "core/receiving.hpp"

namespace godwit {

pull::pull(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::pull), options} {}
pull::pull(context& owner, assembly&& modules)
    : socket{owner, static_cast<int>(detail::pattern::pull), std::move(modules)} {}

result<delivery> pull::recv() { return detail::receive(state(), timeout::never, detail::no_stop); }

result<delivery> pull::recv(timeout limit, const std::stop_token& stop) {
    return detail::receive(state(), limit, stop);
}

result<std::size_t> pull::recv_many(std::span<delivery> out, timeout limit, const std::stop_token& stop) {
    return state().recv_many(out, limit, stop);
}

void pull::ack_many(std::span<delivery> all) noexcept { state().settle_many(all, detail::verdict::ack); }

status pull::consume(const consume_handler& handler, const consume_options& options) {
    return detail::consume(state(), handler, options);
}

}  // namespace godwit
