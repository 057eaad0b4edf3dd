#include "godwit/sub.hpp"

#include "core/consuming.hpp"
#include "core/receiving.hpp"

namespace godwit {

sub::sub(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::sub), options} {}
sub::sub(context& owner, assembly&& modules)
    : socket{owner, static_cast<int>(detail::pattern::sub), std::move(modules)} {}

status sub::subscribe(std::string_view prefix) { return state().subscribe(prefix); }
status sub::unsubscribe(std::string_view prefix) { return state().unsubscribe(prefix); }

result<delivery> sub::recv() { return detail::receive(state(), timeout::never, detail::no_stop); }

result<delivery> sub::recv(timeout limit, const std::stop_token& stop) { return detail::receive(state(), limit, stop); }

result<std::size_t> sub::recv_many(std::span<delivery> out, timeout limit, const std::stop_token& stop) {
    return state().recv_many(out, limit, stop);
}

void sub::ack_many(std::span<delivery> all) noexcept { state().settle_many(all, detail::verdict::ack); }

status sub::consume(const consume_handler& handler, const consume_options& options) {
    return detail::consume(state(), handler, options);
}

}  // namespace godwit
