#include "core/zmq_carrier.hpp"

#include <algorithm>
#include <cerrno>
#include <random>
#include <set>

#include "base/secret_key.hpp"
#include "core/ipc_path.hpp"
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
        case pattern::link:
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

constexpr std::size_t url_bytes_max = 512;  // as libzmq spells it

// To be listed later without memory: a value of any url, and a key, too, if `key` is empty.
std::multimap<std::string, std::string>::node_type node_of(const std::string& key) {
    std::multimap<std::string, std::string> made;
    auto node = made.extract(made.emplace(key, std::string{}));
    if (key.empty()) node.key().reserve(url_bytes_max);
    node.mapped().reserve(url_bytes_max);
    return node;
}

constexpr int subscriptions_queued_max = 100;
constexpr std::size_t handshake_frame_max = 4096;

std::size_t largest_frame(pattern own, const socket_options& options) noexcept {
    return own == pattern::link ? link_frame_bytes_max(options.message_bytes_max) : options.message_bytes_max;
}

bool receives_messages(pattern own) noexcept { return own != pattern::push && own != pattern::pub; }

// A rep answers who is there, a pub drops what nobody takes, and a link's protocol sends it again.
bool queues_for_absent(pattern own, const socket_options& options) noexcept {
    return (own == pattern::push || own == pattern::req) && !options.wait_for_peer;
}

// Below that, libzmq would refuse the handshake's own frames.
std::size_t frame_bytes_max(pattern own, const socket_options& options) noexcept {
    return std::max(receives_messages(own) ? largest_frame(own, options) : 0, handshake_frame_max);
}

unread_limits unread_limits_of(pattern own, const socket_options& options) noexcept {
    constexpr std::uint64_t slack = 1u << 20;  // envelopes, and what is under way inside libzmq
    return {2 * frame_bytes_max(own, options) + slack, options.unread_bytes_max, own != pattern::push};
}

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
    if (!handle) return zmq_error(name(around.shown), "cannot open a socket for");
    std::unique_ptr<zmq_carrier> made{new zmq_carrier{around, std::move(handle), side->attendant->reserve()}};
    auto monitor = zmq_monitor::open(side->context, made->socket_.get());
    if (!monitor) return monitor.error();
    const bool is_link = around.own == pattern::link;
    std::shared_ptr<callback_thread> callbacks;
    const auto& allow = around.options.allow;
    if (allow) {
        auto started = home.callbacks();
        if (!started) return started.error();
        callbacks = std::move(*started);
    }
    made->gate_ =
        std::make_shared<gate>(gate::parts{around.shown, allow ? access::shared(*allow) : nullptr, std::move(callbacks),
                                           around.options.any_user || around.options.keys, around.options.handshake_max,
                                           around.peers, made->links_, is_link});
    if (allow) {
        access::of(*allow).tell(made->gate_);
        // What a link's peer may do is the protocol's to judge: it knows what the frames mean.
        if (!is_link) made->check_ = std::make_unique<rights_check>(made->gate_);
        if (around.own == pattern::pub) made->socket_.set(ZMQ_XPUB_MANUAL, 1);
    }
    made->watch_ = std::make_shared<zmq_watch>(zmq_watch::parts{
        std::move(*monitor), made->descriptor_, std::move(socket), made->links_, made->claims_, around.peers,
        made->gate_, around.options.redial_min, around.options.redial_max, around.own == pattern::pub, made->unread_,
        queues_for_absent(around.own, around.options), is_link, around.options.handshake_max});
    made->runner_ = side->attendant;
    made->reads_stamps_ = made->check_ != nullptr || is_link;
    if (auto added = made->runner_->add(made->watch_); !added) return added.error();
    return std::unique_ptr<carrier>{std::move(made)};
}

zmq_carrier::zmq_carrier(const surroundings& around, zmq_handle&& socket,
                         const std::shared_ptr<accept_reserve>& reserve)
    : around_{around},
      socket_{std::move(socket)},
      descriptor_{socket_.get_int(ZMQ_FD)},
      links_{std::make_shared<link_table>(around.peers, around.options.handshake_max, around.own == pattern::pub,
                                          link_limits{around.options.handshakes_max, around.options.peers_max},
                                          reserve)},
      claims_{std::make_shared<ipc_claims>()},
      unread_{std::make_shared<unread_watch>(links_, unread_limits_of(around.own, around.options))} {
    if (around.own == pattern::link) link_ = std::make_unique<zmq_link>(socket_.get());
    set_options(around.options);
}

void zmq_carrier::set_options(const socket_options& options) {
    const bool is_link = around_.own == pattern::link;
    const int queue = static_cast<int>(is_link ? link_send_messages_max : options.queue_messages_max);
    const int queue_in = static_cast<int>(is_link ? link_receive_messages_max : options.queue_messages_max);
    // A sub's outgoing queue holds subscriptions, and libzmq drops without a word those that do not fit.
    socket_.set(ZMQ_SNDHWM, around_.own == pattern::sub ? 0 : queue);
    // What a pub receives are subscriptions, and a push receives nothing, whatever strangers send.
    socket_.set(ZMQ_RCVHWM, receives_messages(around_.own) ? queue_in : std::min(queue, subscriptions_queued_max));
    const auto frame_max = static_cast<std::int64_t>(frame_bytes_max(around_.own, options));
    zmq_setsockopt(socket_.get(), ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
    // What disconnect() leaves unsent goes out, too.
    socket_.set(ZMQ_LINGER, sends_messages() ? static_cast<int>(options.linger.count()) : 0);
    socket_.set(ZMQ_BACKLOG, listen_backlog);
    socket_.set(ZMQ_IMMEDIATE, options.wait_for_peer && !is_link ? 1 : 0);
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
    if (is_link) socket_.set(ZMQ_ROUTER_MANDATORY, 1);
    if (around_.own == pattern::rep) {
        socket_.set(ZMQ_ROUTER_MANDATORY, 1);
        // Of two peers with one routing id, libzmq would leave the second unheard without a word. This way it takes the
        // first one's place: see note_announced. Not where keys tell them apart: it could take the other's replies.
        if (!options.keys) socket_.set(ZMQ_ROUTER_HANDOVER, 1);
    }
}

io zmq_carrier::try_send(const outgoing& out) {
    return link_ == nullptr ? send_frames(socket_.get(), out) : link_->send(out);
}

io zmq_carrier::try_send_copy(bytes only_frame) { return send_copy(socket_.get(), only_frame); }

result<std::string> zmq_carrier::bind(const endpoint& where) {
    if (where.kind == transport::tcp) return bind_numeric(where.numeric, where);
    if (where.is_abstract()) return bind_numeric(where.url(), where);
    const bool keyless = !around_.options.keys;
    if (keyless) {
        if (auto safe = check_ipc_directory(where.address); !safe) return safe.error();
    }
    auto claim = ipc_claim::make(where.address);
    if (!claim) return claim.error();
    claims_->make_room();
    std::string listed;
    listed.reserve(url_bytes_max);
    auto bound = bind_numeric(where.url(), where);
    if (!bound) return bound;
    claim->bound();
    claims_->add(std::move(listed = *bound), std::move(*claim));
    runner_->nudge();
    return bound;
}

// Whoever comes to a bound endpoint is authenticated, which keeps all but ZMTP 3 out. Not so whom we dial: libzmq 4.3.4
// never ends a dialling socket that is closed while its authentication is under way.
void zmq_carrier::lock_door(const std::string& domain) {
    zmq_setsockopt(socket_.get(), ZMQ_ZAP_DOMAIN, domain.data(), domain.size());
    socket_.set(zmq_enforce_domain, 1);
    const auto& keys = around_.options.keys;
    if (!keys) return;
    const auto secret = key_access::secret(*keys).raw();
    zmq_setsockopt(socket_.get(), ZMQ_CURVE_SECRETKEY, secret.data(), secret.size());
    socket_.set(ZMQ_CURVE_SERVER, 1);  // last: the keys say client
}

// A v4 address on a v6 socket would read back as ::ffff:a.b.c.d; * takes both kinds where the machine has both.
void zmq_carrier::choose_family(const std::string& numeric) {
    socket_.set(ZMQ_IPV6, numeric.starts_with("tcp://[") || numeric.starts_with("tcp://*") ? 1 : 0);
}

// What may run out of memory comes before libzmq binds.
result<std::string> zmq_carrier::bind_numeric(const std::string& numeric, const endpoint& where) {
    choose_family(numeric);
    auto by_given = node_of(where.url()), by_bound = node_of({});
    std::string told;
    told.reserve(url_bytes_max);
    const std::string domain = runner_->doors()->enter(gate_, {where.kind, where.url()});
    lock_door(domain);
    if (socket_.bind(numeric) != 0) {
        auto failure = zmq_error(where.url(), "cannot bind");
        runner_->doors()->forget(domain);
        return failure;
    }
    char bound[url_bytes_max] = {};
    std::size_t size = sizeof bound;
    if (zmq_getsockopt(socket_.get(), ZMQ_LAST_ENDPOINT, bound, &size) != 0)
        return zmq_error(where.url(), "cannot read back");
    told = bound;
    runner_->doors()->bound_as(domain, told);
    const bool two_names = by_given.key() != told;
    by_given.mapped() = by_bound.key() = by_bound.mapped() = told;
    bound_.insert(std::move(by_given));
    if (two_names) bound_.insert(std::move(by_bound));
    return told;
}

status zmq_carrier::connect(const endpoint& where, const std::optional<public_key>& server) {
    const std::string dialled = where.kind == transport::tcp ? where.numeric : where.url();
    if (check_ != nullptr && around_.own == pattern::pub) {
        return error{errc::unsupported, where.url(), "a pub with an access list can bind only: have its subs connect"};
    }
    if (!around_.options.keys && where.kind == transport::ipc && !where.is_abstract() && !around_.options.any_user) {
        if (auto safe = check_ipc_owner(where.address); !safe) return safe;
    }
    if (link_ != nullptr && dialled_.contains(where.url())) return {};
    auto listed = node_of(where.url());
    listed.mapped() = dialled;
    const bool anew = dialled_there(dialled).empty();
    if (anew) watch_->dialled(dialled);
    if (link_ != nullptr) link_->dial(where.url());
    if (auto begun = begin_dial(where.url(), dialled, server); !begun) {
        if (link_ != nullptr) link_->forget(where.url());
        return begun;
    }
    dialled_.insert(std::move(listed));
    return {};
}

status zmq_carrier::unbind(const std::string& url) {
    const auto found = bound_.find(url);
    if (found == bound_.end()) return no_such(url);
    const std::string bound = found->second;
    // First: whoever is admitted later than this would not be among the links that part.
    runner_->doors()->leave(bound, gate_.get());
    if (socket_.unbind(bound) != 0) return zmq_error(url, "cannot unbind");
    std::erase_if(bound_, [&](const auto& one) { return one.second == bound; });
    claims_->release(bound);
    part(bound);
    return {};
}

status zmq_carrier::disconnect(const std::string& url) {
    const auto found = dialled_.find(url);
    if (found == dialled_.end()) return no_such(url);
    const std::string dialled = found->second;
    if (socket_.disconnect(dialled) != 0 && zmq_errno() != ENOENT) return zmq_error(url, "cannot disconnect");
    dialled_.erase(found);
    if (link_ != nullptr) link_->forget(url);
    part(dialled);
    watch_->dials_no_more(dialled, false);
    connect_again(dialled);  // libzmq ends every link to that place: ours are counted one by one
    return {};
}

void zmq_carrier::list_endpoints(std::vector<std::string>& into) const {
    // Listed by both names, where they differ.
    std::set<std::string> bound;
    for (const auto& [url, as_bound] : bound_) bound.insert(as_bound);
    into.insert(into.end(), bound.begin(), bound.end());
    for (const auto& [url, dialled] : dialled_) into.push_back(url);
}

void zmq_carrier::subscribe(std::string_view prefix) {
    zmq_setsockopt(socket_.get(), ZMQ_SUBSCRIBE, prefix.data(), prefix.size());
}

void zmq_carrier::unsubscribe(std::string_view prefix) {
    zmq_setsockopt(socket_.get(), ZMQ_UNSUBSCRIBE, prefix.data(), prefix.size());
}

void zmq_carrier::shut(std::chrono::milliseconds linger) {
    const auto deadline = zmq_watch::clock::now() + linger;
    if (link_ != nullptr) drop_for_absent();
    // A sub that is dialling has its subscriptions to send, and would linger for them.
    socket_.set(ZMQ_LINGER, sends_messages() ? static_cast<int>(linger.count()) + linger_margin_ms : 0);
    runner_->forget(*watch_);
    claims_->release("");
    runner_->doors()->leave("", gate_.get());
    socket_.reset();
    watch_->begin_close(deadline, links_->part(""), around_.goodbye);
    runner_->nudge();
}

}  // namespace godwit::detail
