#include <algorithm>
#include <limits>

#include "core/inproc_carrier.hpp"
#include "core/option_checks.hpp"
#include "core/plain_socket.hpp"
#include "core/request_desk.hpp"
#include "core/tcp_address.hpp"
#include "core/zmq_carrier.hpp"

namespace godwit::detail {

namespace {

constexpr std::size_t prefix_bytes_max = 64u << 10;

std::chrono::milliseconds linger_within(timeout limit) {
    constexpr std::chrono::milliseconds longest{std::numeric_limits<int>::max() / 2};
    if (limit.is_never()) return longest;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit.deadline() - std::chrono::steady_clock::now());
    return std::clamp(left, std::chrono::milliseconds{0}, longest);
}

struct resolved {
    endpoint where;
    bool on_this_machine;
};

// Outside the turn: a name server may be slow.
result<resolved> look_up(std::string_view url, direction use) {
    auto where = parse_endpoint(url, use);
    if (!where) return where.error();
    auto local = resolve(*where, use);
    if (!local) return local.error();
    return resolved{std::move(*where), *local};
}

// What leaves this machine unencrypted needs a word in the code.
status check_secure(const resolved& found, const socket_options& options) {
    if (found.on_this_machine || options.insecure) return {};
    return error{errc::insecure, found.where.url(),
                 "tcp beyond the loopback is neither encrypted nor authenticated; to allow it: "
                 "socket_options{.insecure = true}"};
}

}  // namespace

plain_socket::plain_socket(std::shared_ptr<context_state> home, pattern own, const socket_options& options)
    : home_{std::move(home)},
      mark_{home_->mark()},
      own_{own},
      peers_{std::make_shared<peer_table>(options.events_max)},
      options_{options} {
    take_options(options);
    auto bell = doorbell::make();
    if (bell) {
        bell_ = *bell;
        room_.hang(*bell_);
    } else {
        born_ = bell.error();
    }
    if (own == pattern::req) desk_ = std::make_shared<request_desk>();
}

plain_socket::~plain_socket() {
    if (!forked()) return;
    // The parent's sockets and locks: the child must neither close nor take them.
    (void)inproc_.release();
    (void)zmq_.release();
}

void plain_socket::take_options(const socket_options& options) {
    options_ = options;
    frame_bytes_max_.store(options.message_bytes_max, std::memory_order_relaxed);
    send_timeout_.store(options.send_timeout, std::memory_order_relaxed);
    linger_.store(options.linger, std::memory_order_relaxed);
}

void plain_socket::join_home() {
    if (auto taken = home_->adopt(shared_from_this()); !taken && born_) born_ = taken;
}

result<carrier*> plain_socket::existing_carrier_at(const endpoint& where) {
    if (auto open = check_open(); !open) return open.error();
    const auto& slot = where.kind == transport::inproc ? inproc_ : zmq_;
    if (slot == nullptr) return error{errc::not_found, where.url(), "this socket has no such endpoint"};
    return slot.get();
}

result<carrier*> plain_socket::carrier_at(const endpoint& where) {
    if (auto open = check_open(); !open) return open.error();
    if (auto fine = check_options(options_); !fine) return fine.error();
    if (auto fine = home_->check_options(); !fine) return fine.error();
    auto& slot = where.kind == transport::inproc ? inproc_ : zmq_;
    if (slot != nullptr) return slot.get();
    const surroundings around{own_, options_, peers_, bell_, goodbye_};
    if (where.kind == transport::inproc) {
        slot = std::make_unique<inproc_carrier>(home_->names(), around);
    } else {
        auto made = zmq_carrier::make(*home_, around, weak_from_this());
        if (!made) return made.error();
        slot = std::move(*made);
    }
    for (const auto& [prefix, times] : subscriptions_) {
        for (std::size_t i = 0; i < times; ++i) slot->subscribe(prefix);
    }
    (first_ == nullptr ? first_ : second_) = slot.get();
    direct_ = second_ == nullptr && own_ != pattern::rep ? first_ : nullptr;
    used_ = true;
    return slot.get();
}

result<std::string> plain_socket::bind(std::string_view url) {
    if (forked()) return forked_error();
    auto found = look_up(url, direction::bind);
    if (!found) return found.error();
    const auto hold = turn();
    if (auto secure = check_secure(*found, options_); !secure) return secure.error();
    auto carried = carrier_at(found->where);
    if (!carried) return carried.error();
    auto bound = (*carried)->bind(found->where);
    room_.call_all();  // who waits without a carrier has one to wait on
    return bound;
}

status plain_socket::connect(std::string_view url) {
    if (forked()) return forked_error();
    auto found = look_up(url, direction::connect);
    if (!found) return found.error();
    const auto hold = turn();
    if (auto secure = check_secure(*found, options_); !secure) return secure;
    auto carried = carrier_at(found->where);
    if (!carried) return carried.error();
    auto connected = (*carried)->connect(found->where);
    room_.call_all();
    return connected;
}

status plain_socket::unbind(std::string_view url) {
    if (forked()) return forked_error();
    auto where = parse_endpoint(url, direction::bind);
    if (!where) return where.error();
    const auto hold = turn();
    auto carried = existing_carrier_at(*where);
    if (!carried) return carried.error();
    auto unbound = (*carried)->unbind(where->url());
    hand_on_if_waited();
    return unbound;
}

status plain_socket::disconnect(std::string_view url) {
    if (forked()) return forked_error();
    auto where = parse_endpoint(url, direction::connect);
    if (!where) return where.error();
    const auto hold = turn();
    auto carried = existing_carrier_at(*where);
    if (!carried) return carried.error();
    auto disconnected = (*carried)->disconnect(where->url());
    hand_on_if_waited();
    return disconnected;
}

status plain_socket::configure(const socket_options& options) {
    if (forked()) return forked_error();
    if (auto fine = check_options(options); !fine) return fine;
    const auto hold = turn();
    if (auto open = check_open(); !open) return open;
    if (used_) return error{errc::too_late, name(own_), "set options before the first bind or connect"};
    take_options(options);
    peers_->set_events_max(options.events_max);
    return {};
}

status plain_socket::subscribe(std::string_view prefix) {
    if (prefix.size() > prefix_bytes_max) {
        return error{errc::too_large, std::to_string(prefix.size()) + " bytes", "a prefix has at most 64 KiB"};
    }
    if (forked()) return forked_error();
    const auto hold = turn();
    if (auto open = check_open(); !open) return open;
    ++subscriptions_.try_emplace(std::string{prefix}, 0).first->second;
    for (carrier* const each : {first_, second_}) {
        if (each != nullptr) each->subscribe(prefix);
    }
    hand_on_if_waited();
    return {};
}

status plain_socket::unsubscribe(std::string_view prefix) {
    if (forked()) return forked_error();
    const auto hold = turn();
    if (auto open = check_open(); !open) return open;
    const auto found = subscriptions_.find(prefix);
    if (found == subscriptions_.end()) {
        return error{errc::not_found, prefix, "there is no subscription to that prefix"};
    }
    if (--found->second == 0) subscriptions_.erase(found);
    for (carrier* const each : {first_, second_}) {
        if (each != nullptr) each->unsubscribe(prefix);
    }
    hand_on_if_waited();
    return {};
}

void plain_socket::begin_close(std::chrono::milliseconds linger) {
    if (mark_.forked()) return;
    const auto hold = turn();
    if (std::exchange(closed_, true)) return;
    direct_ = nullptr;
    room_.call_all();
    for (carrier* const each : {first_, second_}) {
        if (each != nullptr) each->shut(linger);
    }
    peers_->close();
}

status plain_socket::close(timeout limit) {
    if (mark_.forked()) return check_open();
    begin_close(linger_within(limit));
    return goodbye_->wait_until(limit.deadline());
}

bool plain_socket::dial_again(const std::string& url) {
    const auto hold = turn();
    if (closed_ || zmq_ == nullptr) return false;
    const bool dialled = static_cast<zmq_carrier&>(*zmq_).dial_again(url);
    hand_on_if_waited();
    return dialled;
}

}  // namespace godwit::detail
