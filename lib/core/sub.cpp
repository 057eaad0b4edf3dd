#include "godwit/sub.hpp"

#include "core/receiving.hpp"

namespace godwit {

sub::sub(context& owner, const socket_options& options)
    : socket{owner, static_cast<int>(detail::pattern::sub), options} {}

status sub::subscribe(std::string_view prefix) { return state().subscribe(prefix); }
status sub::unsubscribe(std::string_view prefix) { return state().unsubscribe(prefix); }

result<delivery> sub::recv() { return detail::receive(state(), timeout::never, detail::no_stop); }

result<delivery> sub::recv(timeout limit, const std::stop_token& stop) { return detail::receive(state(), limit, stop); }

result<std::size_t> sub::recv_many(std::span<delivery> out, timeout limit, const std::stop_token& stop) {
    return state().recv_many(out, limit, stop);
}

}  // namespace godwit
