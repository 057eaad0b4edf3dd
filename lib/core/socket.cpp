#include "godwit/socket.hpp"

#include "core/link_engine.hpp"
#include "core/plain_socket.hpp"

namespace godwit {

socket::socket(context& owner, int pattern, const socket_options& options)
    : state_{std::make_shared<detail::plain_socket>(owner.state_, static_cast<detail::pattern>(pattern), options)} {
    state_->join_home();
}

socket::socket(context& owner, int pattern, assembly&& modules)
    : state_{std::make_shared<detail::plain_socket>(owner.state_, static_cast<detail::pattern>(pattern),
                                                    std::move(modules))} {
    state_->join_home();
}

socket::socket(socket&&) noexcept = default;

socket& socket::operator=(socket&& other) noexcept {
    if (this != &other) {
        if (state_) state_->begin_close(state_->linger());
        state_ = std::move(other.state_);
    }
    return *this;
}

socket::~socket() {
    if (state_) state_->begin_close(state_->linger());
}

result<std::string> socket::bind(std::string_view url) { return state_->bind(url); }
status socket::connect(std::string_view url) { return state_->connect(url); }
status socket::connect(std::string_view url, const public_key& server) { return state_->connect(url, server); }
status socket::unbind(std::string_view url) { return state_->unbind(url); }
status socket::disconnect(std::string_view url) { return state_->disconnect(url); }
status socket::configure(const socket_options& options) { return state_->configure(options); }

status socket::wait_for_peers(std::size_t count, timeout limit, const std::stop_token& stop) {
    if (state_->forked()) return state_->forked_error();
    return state_->peers().wait_for(count, limit, stop);
}
std::vector<peer> socket::peers() const { return state_->forked() ? std::vector<peer>{} : state_->peers().rows(); }
socket_stats socket::stats() const { return state_->stats(); }
result<event> socket::next_event(timeout limit, const std::stop_token& stop) {
    if (state_->forked()) return state_->forked_error();
    return state_->peers().next_event(limit, stop);
}
socket_report socket::report() const { return state_->report(); }
delivery_stats socket::delivery_counters() const {
    if (state_->engine() == nullptr || state_->forked()) return {};
    const auto hold = state_->turn();
    return state_->engine()->stats();
}

result<int> socket::descriptor(interest what) {
    if (what != interest::recv && what != interest::send) {
        return error{errc::invalid_argument, "interest::both", "ask for one descriptor for each direction"};
    }
    return state_->descriptor(what == interest::recv ? detail::want::in : detail::want::out);
}

status socket::close() { return state_->close(state_->linger()); }
status socket::close(timeout limit) { return state_->close(limit); }

}  // namespace godwit
