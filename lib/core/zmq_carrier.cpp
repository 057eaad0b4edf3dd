#include "core/zmq_carrier.hpp"

#include <algorithm>
#include <cerrno>
#include <random>

#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

namespace {

int zmq_type(pattern own) noexcept {
    switch (own) {
        case pattern::push:
            return ZMQ_PUSH;
        case pattern::pull:
            return ZMQ_PULL;
        case pattern::pub:
            return ZMQ_XPUB;
        case pattern::sub:
            return ZMQ_SUB;
        case pattern::req:
            return ZMQ_DEALER;
        case pattern::rep:
            return ZMQ_ROUTER;
    }
    return ZMQ_PAIR;
}

constexpr int listen_backlog = 1024;  // the kernel caps it; libzmq's 100 makes a restart of many peers slow

// libzmq's own jitter is at most one interval: drawing the maximum for each socket keeps a fleet apart at the cap.
int jittered_maximum(std::chrono::milliseconds shortest, std::chrono::milliseconds longest) {
    static thread_local std::minstd_rand source{std::random_device{}()};
    const long high = std::max(shortest, longest).count();
    const long low = std::max<long>(static_cast<long>(shortest.count()), high - high / 4);
    return static_cast<int>(std::uniform_int_distribution<long>{low, high}(source));
}

error no_such(const std::string& url) { return {errc::not_found, url, "this socket has no such endpoint"}; }

// ZMQ_ZAP_ENFORCE_DOMAIN: understood by every libzmq since 4.3.0, but named in its header only among the drafts.
constexpr int enforce_domain = 93;

constexpr int events_a_turn = 4096;
constexpr std::size_t handshake_frame_max = 4096;

// libzmq waits a moment longer than we do, so that what it still had at the deadline is known to be given up.
constexpr int linger_margin_ms = 50;

}  // namespace

result<std::unique_ptr<carrier>> zmq_carrier::make(context_state& home, const surroundings& around,
                                                   std::weak_ptr<tended> socket) {
    auto side = home.start();
    if (!side) return side.error();
    if (!descriptors_to_spare()) {
        return error{errc::no_resources, "descriptors", "close some, or raise the limit (ulimit -n)"};
    }
    zmq_handle handle{zmq_socket(side->context, zmq_type(around.own))};
    if (!handle) return zmq_error(name(around.own), "cannot open a socket for");
    std::unique_ptr<zmq_carrier> made{new zmq_carrier{around, std::move(handle)}};
    auto monitor = zmq_monitor::open(side->context, made->socket_.get());
    if (!monitor) return monitor.error();
    made->watch_ = std::make_shared<zmq_watch>(zmq_watch::parts{
        std::move(*monitor), made->descriptor_, std::move(socket), made->links_, made->claims_, around.peers,
        around.options.redial_min, around.options.redial_max, around.own == pattern::pub});
    made->runner_ = side->attendant;
    if (auto added = made->runner_->add(made->watch_); !added) return added.error();
    return std::unique_ptr<carrier>{std::move(made)};
}

zmq_carrier::zmq_carrier(const surroundings& around, zmq_handle&& socket)
    : around_{around},
      socket_{std::move(socket)},
      descriptor_{socket_.get_int(ZMQ_FD)},
      links_{std::make_shared<link_table>(around.peers, around.options.handshake_max, around.own == pattern::pub)},
      claims_{std::make_shared<ipc_claims>()} {
    set_options(around.options);
}

void zmq_carrier::set_options(const socket_options& options) {
    const int queue = static_cast<int>(options.queue_messages_max);
    // A sub's outgoing queue holds subscriptions, and libzmq drops without a word those that do not fit.
    socket_.set(ZMQ_SNDHWM, around_.own == pattern::sub ? 0 : queue);
    socket_.set(ZMQ_RCVHWM, queue);
    // Below that, libzmq would refuse the handshake's own frames.
    const auto frame_max = static_cast<std::int64_t>(std::max(options.message_bytes_max, handshake_frame_max));
    zmq_setsockopt(socket_.get(), ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
    // What disconnect() leaves unsent goes out, too.
    socket_.set(ZMQ_LINGER, sends_messages() ? static_cast<int>(options.linger.count()) : 0);
    socket_.set(ZMQ_BACKLOG, listen_backlog);
    socket_.set(ZMQ_IMMEDIATE, options.wait_for_peer ? 1 : 0);
    socket_.set(ZMQ_HANDSHAKE_IVL, static_cast<int>(options.handshake_max.count()));
    socket_.set(ZMQ_RECONNECT_IVL, static_cast<int>(options.redial_min.count()));
    socket_.set(ZMQ_RECONNECT_IVL_MAX, jittered_maximum(options.redial_min, options.redial_max));
    if (options.keepalive) {
        socket_.set(ZMQ_TCP_KEEPALIVE, 1);
        socket_.set(ZMQ_TCP_KEEPALIVE_IDLE, 6);
        socket_.set(ZMQ_TCP_KEEPALIVE_INTVL, 3);
        socket_.set(ZMQ_TCP_KEEPALIVE_CNT, 3);
    }
    if (around_.own == pattern::pub) socket_.set(ZMQ_XPUB_VERBOSER, 1);
    if (around_.own == pattern::rep) socket_.set(ZMQ_ROUTER_MANDATORY, 1);
}

io zmq_carrier::try_send(const outgoing& out) { return send_frames(socket_.get(), out); }

io zmq_carrier::try_send_copy(bytes only_frame) { return send_copy(socket_.get(), only_frame); }

io zmq_carrier::try_recv(incoming& in) {
    const auto outcome = in.peer == nullptr ? receive_message(socket_.get(), in.content)
                                            : receive_from(socket_.get(), in.content, *in.peer);
    if (outcome == received::message) [[likely]]
        return io::done;
    if (outcome == received::refused) {
        around_.peers->refused.fetch_add(1, std::memory_order_relaxed);
        around_.bell->ring_always();  // there may be more, in another turn
    }
    return io::would_block;
}

readiness zmq_carrier::refresh() {
    // Taken before the subscriptions are read: what a link said before its end is then heard before its end.
    const auto closed = around_.own == pattern::pub ? links_->take_closed() : std::vector<int>{};
    int events = socket_.get_int(ZMQ_EVENTS);
    if (around_.own == pattern::pub && (events & ZMQ_POLLIN) != 0) {
        read_subscriptions();
        events = socket_.get_int(ZMQ_EVENTS);
        if ((events & ZMQ_POLLIN) != 0) around_.bell->ring_always();  // the rest in another turn
    }
    for (const int gone : closed) subscriptions_.closed(gone);
    const bool news = std::exchange(subscriptions_changed_, false) || !closed.empty();
    return {(events & ZMQ_POLLIN) != 0, (events & ZMQ_POLLOUT) != 0, news};
}

void zmq_carrier::read_subscriptions() {
    zmq_msg_t event;
    zmq_msg_init(&event);
    for (int count = 0; count < events_a_turn && zmq_msg_recv(&event, socket_.get(), ZMQ_DONTWAIT) >= 0; ++count) {
        subscriptions_changed_ = true;
        const auto* text = static_cast<const char*>(zmq_msg_data(&event));
        const std::size_t size = zmq_msg_size(&event);
        if (size > 0 && (text[0] == 0 || text[0] == 1)) {
            const int link = zmq_msg_get(&event, ZMQ_SRCFD);
            const std::string_view prefix{text + 1, size - 1};
            if (text[0] == 1) {
                subscriptions_.subscribed(link, prefix);
            } else if (link < 0) {
                subscriptions_.unsubscribed_by_hang_up(prefix);
            } else {
                subscriptions_.unsubscribed(link, prefix);
            }
        }
        zmq_msg_close(&event);
        zmq_msg_init(&event);
    }
}

result<std::string> zmq_carrier::bind(const endpoint& where) {
    if (where.kind == transport::tcp) return bind_numeric(where.numeric, where);
    if (where.is_abstract()) return bind_numeric(where.url(), where);
    auto claim = ipc_claim::make(where.address);
    if (!claim) return claim.error();
    auto bound = bind_numeric(where.url(), where);
    if (!bound) return bound;
    claim->bound();
    claims_->add(*bound, std::move(*claim));
    runner_->nudge();
    return bound;
}

// Whoever comes to a bound endpoint is authenticated, which keeps all but ZMTP 3 out. Not so whom we dial: libzmq 4.3.4
// never ends a dialling socket that is closed while its authentication is under way.
void zmq_carrier::authenticate(bool required) {
    const std::string_view domain = required ? authentication_domain : "";
    zmq_setsockopt(socket_.get(), ZMQ_ZAP_DOMAIN, domain.data(), domain.size());
    socket_.set(enforce_domain, required ? 1 : 0);
}

// A v4 address on a v6 socket would read back as ::ffff:a.b.c.d; * takes both kinds where the machine has both.
void zmq_carrier::choose_family(const std::string& numeric) {
    socket_.set(ZMQ_IPV6, numeric.starts_with("tcp://[") || numeric.starts_with("tcp://*") ? 1 : 0);
}

result<std::string> zmq_carrier::bind_numeric(const std::string& numeric, const endpoint& where) {
    choose_family(numeric);
    authenticate(true);
    if (zmq_bind(socket_.get(), numeric.c_str()) != 0) return zmq_error(where.url(), "cannot bind");
    char bound[512] = {};
    std::size_t size = sizeof bound;
    if (zmq_getsockopt(socket_.get(), ZMQ_LAST_ENDPOINT, bound, &size) != 0)
        return zmq_error(where.url(), "cannot read back");
    bound_.emplace(where.url(), bound);
    if (where.url() != bound) bound_.emplace(bound, bound);
    return std::string{bound};
}

status zmq_carrier::connect(const endpoint& where) {
    const std::string dialled = where.kind == transport::tcp ? where.numeric : where.url();
    choose_family(dialled);
    authenticate(false);
    if (zmq_connect(socket_.get(), dialled.c_str()) != 0) return zmq_error(where.url(), "cannot connect to");
    dialled_.emplace(where.url(), dialled);
    return {};
}

status zmq_carrier::unbind(const std::string& url) {
    const auto found = bound_.find(url);
    if (found == bound_.end()) return no_such(url);
    const std::string bound = found->second;
    if (zmq_unbind(socket_.get(), bound.c_str()) != 0) return zmq_error(url, "cannot unbind");
    std::erase_if(bound_, [&](const auto& one) { return one.second == bound; });
    claims_->release(bound);
    part(bound);
    return {};
}

status zmq_carrier::disconnect(const std::string& url) {
    const auto found = dialled_.find(url);
    if (found == dialled_.end()) return no_such(url);
    const std::string dialled = found->second;
    if (zmq_disconnect(socket_.get(), dialled.c_str()) != 0 && zmq_errno() != ENOENT)
        return zmq_error(url, "cannot disconnect");
    dialled_.erase(found);
    part(dialled);
    connect_again(dialled);  // libzmq ends every link to that place: ours are counted one by one
    return {};
}

void zmq_carrier::connect_again(const std::string& dialled) {
    choose_family(dialled);
    authenticate(false);
    const auto times =
        std::count_if(dialled_.begin(), dialled_.end(), [&](const auto& one) { return one.second == dialled; });
    for (auto i = times; i > 0; --i) zmq_connect(socket_.get(), dialled.c_str());
}

void zmq_carrier::part(const std::string& dialled) {
    watch_->part(zmq_watch::clock::now() + around_.options.linger, links_->part(dialled));
    runner_->nudge();
}

bool zmq_carrier::dial_again(const std::string& dialled) {
    const bool ours =
        std::any_of(dialled_.begin(), dialled_.end(), [&](const auto& one) { return one.second == dialled; });
    if (!ours) return false;
    zmq_disconnect(socket_.get(), dialled.c_str());
    connect_again(dialled);
    return true;
}

void zmq_carrier::subscribe(std::string_view prefix) {
    zmq_setsockopt(socket_.get(), ZMQ_SUBSCRIBE, prefix.data(), prefix.size());
}

void zmq_carrier::unsubscribe(std::string_view prefix) {
    zmq_setsockopt(socket_.get(), ZMQ_UNSUBSCRIBE, prefix.data(), prefix.size());
}

void zmq_carrier::shut(std::chrono::milliseconds linger) {
    const auto deadline = zmq_watch::clock::now() + linger;
    // A sub that is dialling has its subscriptions to send, and would linger for them.
    socket_.set(ZMQ_LINGER, sends_messages() ? static_cast<int>(linger.count()) + linger_margin_ms : 0);
    runner_->forget(*watch_);
    claims_->release("");
    socket_.reset();
    watch_->begin_close(deadline, links_->part(""), around_.goodbye);
    runner_->nudge();
}

}  // namespace godwit::detail
