#include <algorithm>
#include <limits>

#include "base/assembly.hpp"
#include "core/consuming.hpp"
#include "core/inproc_carrier.hpp"
#include "core/link_engine.hpp"
#include "core/moved_name.hpp"
#include "core/option_checks.hpp"
#include "core/plain_socket.hpp"
#include "core/request_desk.hpp"
#include "core/tcp_address.hpp"
#include "core/zmq_carrier.hpp"

namespace godwit::detail {

namespace {

// With the framing of ZMTP and of encryption it fits into the longest frame that a pub takes.
constexpr std::size_t prefix_bytes_max = 4000;

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
result<resolved> look_up(std::string_view url, direction use, const host_lookup& ask) {
    auto where = parse_endpoint(url, use);
    if (!where) return where.error();
    auto local = resolve(*where, use, ask);
    if (!local) return local.error();
    return resolved{std::move(*where), *local};
}

// With keys it must be said who may come, and whom we expect. inproc is one process.
status check_allow(const endpoint& where, const socket_options& options) {
    if (!options.keys || options.allow || where.kind == transport::inproc) return {};
    return error{errc::insecure, where.url(),
                 "it is not said who may come: give socket_options{.allow = ...} an access_list, or "
                 "access_list::anyone()"};
}

status check_server(const endpoint& where, const socket_options& options, const std::optional<public_key>& server) {
    if (where.kind == transport::inproc) return {};
    if (!options.keys) {
        if (!server) return {};
        return error{errc::invalid_argument, where.url(),
                     "a server's key needs our own: give socket_options{.keys = ...}"};
    }
    if (!server) {
        return error{errc::insecure, where.url(),
                     "it is not said whom we expect there: give the server's public key, to connect() or as "
                     "socket_options{.server_key = ...}"};
    }
    if (*server == public_key{}) return error{errc::invalid_argument, where.url(), "all zero is nobody's key"};
    return {};
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

plain_socket::plain_socket(std::shared_ptr<context_state> home, pattern own, assembly&& modules)
    : plain_socket{std::move(home), own, assembly_access::parts(modules).options} {
    auto& parts = assembly_access::parts(modules);
    if (!parts.make_protocol && parts.log == nullptr && parts.layers.empty() && parts.fits) return;
    if (bell_ != nullptr) bell_->sleeps_often();
    engine_ = std::make_unique<link_engine>(*this, std::move(parts));
    desk_ = nullptr;
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
    peers_->introduce(home_->take_name(options_.name, name(own_)), home_->log());
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
    if (where.kind != transport::tcp) several_transports_.store(true, std::memory_order_relaxed);
    auto& slot = where.kind == transport::inproc ? inproc_ : zmq_;
    if (slot != nullptr) return slot.get();
    if (engine_ != nullptr) {
        if (auto opened = engine_->open(); !opened) return opened.error();
    }
    const surroundings around{engine_ != nullptr ? pattern::link : own_, options_, peers_, bell_, goodbye_, own_};
    if (where.kind == transport::inproc) {
        slot = std::make_unique<inproc_carrier>(home_->names(), around);
    } else {
        auto made = zmq_carrier::make(*home_, around, weak_from_this());
        if (!made) return made.error();
        slot = std::move(*made);
    }
    if (auto watched = watch_by_lamps(*slot); !watched) {
        slot->shut({});
        slot.reset();
        return watched.error();
    }
    if (engine_ == nullptr)
        for (const auto& [prefix, times] : subscriptions_) {
            for (std::size_t i = 0; i < times; ++i) slot->subscribe(prefix);
        }
    (first_ == nullptr ? first_ : second_) = slot.get();
    direct_ = second_ == nullptr && own_ != pattern::rep && engine_ == nullptr ? first_ : nullptr;
    used_ = true;
    return slot.get();
}

result<std::string> plain_socket::bind(std::string_view url) {
    if (forked()) return forked_error();
    auto found = look_up(url, direction::bind, home_->hosts()->system());
    if (!found) return found.error();
    const auto hold = turn();
    if (auto secure = check_secure(found->where, found->on_this_machine, options_); !secure) return secure.error();
    if (auto said = check_allow(found->where, options_); !said) return said.error();
    auto carried = carrier_at(found->where);
    if (!carried) return carried.error();
    auto bound = (*carried)->bind(found->where);
    room_.call_all();  // who waits without a carrier has one to wait on
    return bound;
}

status plain_socket::connect(std::string_view url, const std::optional<public_key>& server) {
    if (forked()) return forked_error();
    auto found = look_up(url, direction::connect, home_->hosts()->system());
    if (!found) return found.error();
    const auto hold = turn();
    if (auto secure = check_secure(found->where, found->on_this_machine, options_); !secure) return secure;
    const auto& expected = server ? server : options_.server_key;
    if (auto said = check_server(found->where, options_, expected); !said) return said;
    auto carried = carrier_at(found->where);
    if (!carried) return carried.error();
    auto connected = engine_ == nullptr ? (*carried)->connect(found->where, expected)
                                        : dial_linked(**carried, found->where, expected);
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
    if (engine_ != nullptr) engine_->dials_no_more(where->url());
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
    if (options.name != options_.name) rename(options.name);
    take_options(options);
    peers_->set_events_max(options.events_max);
    return {};
}

void plain_socket::rename(std::string_view wished) {
    home_->give_back_name(peers_->name());
    peers_->introduce(home_->take_name(wished, name(own_)), home_->log());
}

status plain_socket::subscribe(std::string_view prefix) {
    if (prefix.size() > prefix_bytes_max) {
        return error{errc::too_large, std::to_string(prefix.size()) + " bytes", "a prefix has at most 4,000"};
    }
    if (forked()) return forked_error();
    const auto hold = turn();
    if (auto open = check_open(); !open) return open;
    const auto mine = subscriptions_.try_emplace(std::string{prefix}, 0).first;
    carrier* done = nullptr;
    try {
        for (carrier* const each : {first_, second_}) {
            if (each == nullptr || engine_ != nullptr) continue;
            each->subscribe(prefix);
            done = each;
        }
    } catch (...) {
        if (done != nullptr) done->unsubscribe(prefix);
        if (mine->second == 0) subscriptions_.erase(mine);
        throw;
    }
    if (engine_ != nullptr && mine->second == 0) {
        if (auto taken = engine_->subscribe(prefix); !taken) return subscriptions_.erase(mine), taken;
    }
    ++mine->second;
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
    const bool was_last = --found->second == 0;
    if (was_last) subscriptions_.erase(found);
    if (engine_ != nullptr) return was_last ? engine_->unsubscribe(prefix) : status{};
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
    if (engine_ == nullptr) return end_carriers(linger);
    goodbye_->expect();
    engine_->begin_close(std::chrono::steady_clock::now() + linger);
}

void plain_socket::end_carriers(std::chrono::milliseconds linger) {
    for (carrier* const each : {first_, second_}) {
        if (each != nullptr) each->shut(linger);
    }
    peers_->note(log_level::debug, "closed");
    peers_->close();
    home_->give_back_name(peers_->name());
}

status plain_socket::close(timeout limit) {
    if (mark_.forked()) return check_open();
    const auto deadline = limit.deadline();
    begin_close(linger_within(limit));
    if (engine_ == nullptr) return goodbye_->wait_until(deadline);
    if (has_in_hand(*this)) {
        return error{errc::would_deadlock, "close() in a handler",
                     "it goes on when the handler returns; settle the message before, to wait for the rest"};
    }
    engine_->drain_until(deadline);
    (void)goodbye_->wait_until(deadline);  // a good-bye that did not go out is no message
    const auto hold = turn();
    const auto left = engine_->unsettled();
    return left ? status{*left} : status{};
}

bool plain_socket::dial_again(const std::string& url) {
    const auto hold = turn();
    const bool drains = engine_ != nullptr && engine_->is_open();  // what is unsettled may still go out
    if ((closed_ && !drains) || zmq_ == nullptr) return false;
    const bool dialled = static_cast<zmq_carrier&>(*zmq_).dial_again(url);
    if (dialled) peers_->note(log_level::debug, "dials again: " + url);
    hand_on_if_waited();
    return dialled;
}

}  // namespace godwit::detail
