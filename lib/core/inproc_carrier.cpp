#include "core/inproc_carrier.hpp"

#include <algorithm>
#include <utility>

#include "base/asymmetric_fence.hpp"
#include "base/block.hpp"

namespace godwit::detail {

namespace {

constexpr std::string_view scheme = "inproc://";

std::string_view name_in(std::string_view url) noexcept {
    return url.starts_with(scheme) ? url.substr(scheme.size()) : std::string_view{};
}

error no_such(const std::string& url, std::string_view what) { return {errc::not_found, url, what}; }

}  // namespace

namespace {

// A link's rings are short: each is full, and wished empty, about as often as something goes through.
fence_kind fence_of(pattern own) noexcept { return own == pattern::link ? fence_kind::both : fence_kind::one_sided; }

}  // namespace

inproc_carrier::inproc_carrier(std::shared_ptr<inproc_registry> registry, surroundings around)
    : registry_{std::move(registry)},
      around_{std::move(around)},
      own_{std::make_shared<inproc_end>()},
      inlets_{fence_of(around_.own)},
      outlets_{fence_of(around_.own)} {
    own_->own = around_.own;
    own_->shown = around_.shown;
    own_->peers = around_.peers;
    own_->bell = around_.bell;
}

inproc_carrier::~inproc_carrier() { shut({}); }

io inproc_carrier::try_send(const outgoing& out) {
    if (own_->news.load(std::memory_order_acquire)) [[unlikely]]
        adopt_news();
    io sent = io::done;
    switch (around_.own) {
        case pattern::push:
        case pattern::req:
            sent = outlets_.send_in_turn(out);
            // A new reader of a ring that is handed on: see inproc_registry::pair.
            light_fence();
            if (own_->news.load(std::memory_order_acquire)) [[unlikely]]
                adopt_news();
            return sent;
        case pattern::pub:
            if (const std::size_t missed = outlets_.send_to_subscribers(out); missed != 0) {
                around_.peers->dropped_full.fetch_add(missed, std::memory_order_relaxed);
            }
            return io::done;
        case pattern::rep:
            return outlets_.send_to(out.peer, out);
        case pattern::link:
            return send_to_peer(out);
        case pattern::pull:
        case pattern::sub:
            break;
    }
    return io::would_block;
}

io inproc_carrier::try_recv(incoming& in) {
    if (own_->news.load(std::memory_order_acquire)) [[unlikely]]
        adopt_news();
    for (int passed_over = 0; passed_over < passed_over_max; ++passed_over) {
        block* const message = inlets_.take();
        if (message == nullptr) return io::would_block;
        if (refuses(*message)) [[unlikely]] {
            refuse(message);
            continue;
        }
        if (filtering_ && !filter_.matches(as_text(message->frames[message->first_shown]))) {
            release(message);
            continue;
        }
        if (in.peer != nullptr) *in.peer = inproc_outlets::name_of(inlets_.last_peer());
        in.content = message_access::from_block(message);
        return io::done;
    }
    around_.bell->ring_always();  // there may be more, in another turn
    return io::would_block;
}

readiness inproc_carrier::refresh() {
    if (own_->news.load(std::memory_order_acquire)) adopt_news();
    readiness now;
    now.in = receives(around_.own) && inlets_.any();
    now.news = std::exchange(adopted_news_, false);
    if (around_.own == pattern::link) {
        settle_leaving();
        now.news = changed_ || !gone_.empty();
        now.out = !writable_.empty() || outlets_.any_writable();
        return now;
    }
    now.out = around_.own == pattern::pub || (sends(around_.own) && outlets_.any_room());
    return now;
}

result<std::string> inproc_carrier::bind(const endpoint& where) {
    open();
    std::string url = std::string{scheme} + where.address, name = where.address;
    bound_.reserve(bound_.size() + 1);
    if (status bound = registry_->bind(name, own_); !bound) return bound.error();
    try {
        adopt_news();
    } catch (...) {
        registry_->unbind(name, *own_);
        throw;
    }
    bound_.push_back(std::move(name));
    return url;
}

status inproc_carrier::connect(const endpoint& where, const std::optional<public_key>&) {
    open();
    // A second link to one place would double what comes, or mean nothing: over ipc and tcp there is none either.
    const bool once = around_.own == pattern::sub || around_.own == pattern::req || around_.own == pattern::link;
    const bool is_there = std::any_of(connected_.begin(), connected_.end(),
                                      [&](const connected& one) { return one.name == where.address; });
    if (once && is_there) return {};

    connected made{where.address, 0, {}};
    connected_.reserve(connected_.size() + 1);
    if (queue_is_handed_on(around_.own)) {
        made.queue = std::make_shared<ring>(around_.options.queue_messages_max);
        outlets_.add_queue(made.queue, !around_.options.wait_for_peer);
    }
    try {
        made.id = registry_->connect(made.name, own_, made.queue);
        adopt_news();
    } catch (...) {
        if (made.id != 0) registry_->disconnect(made.name, made.id);
        if (made.queue != nullptr) outlets_.remove_queue(*made.queue);
        throw;
    }
    connected_.push_back(std::move(made));
    return {};
}

status inproc_carrier::unbind(const std::string& url) {
    const auto found = std::find(bound_.begin(), bound_.end(), name_in(url));
    if (found == bound_.end()) return no_such(url, "this socket is not bound to it");
    registry_->unbind(*found, *own_);
    bound_.erase(found);
    adopt_news();
    return {};
}

status inproc_carrier::disconnect(const std::string& url) {
    const auto found = std::find_if(connected_.begin(), connected_.end(),
                                    [&](const connected& one) { return one.name == name_in(url); });
    if (found == connected_.end()) return no_such(url, "this socket is not connected to it");
    registry_->disconnect(found->name, found->id);
    if (found->queue != nullptr) outlets_.remove_queue(*found->queue);
    connected_.erase(found);
    adopt_news();
    return {};
}

void inproc_carrier::list_endpoints(std::vector<std::string>& into) const {
    for (const std::string& name : bound_) into.push_back(std::string{scheme} + name);
    for (const connected& one : connected_) into.push_back(std::string{scheme} + one.name);
}

void inproc_carrier::subscribe(std::string_view prefix) {
    filter_.add(prefix);
    try {
        registry_->subscribe(*own_, prefix);
    } catch (...) {
        filtering_ = true;  // some may come that it let through
        filter_.remove(prefix);
        throw;
    }
}

void inproc_carrier::unsubscribe(std::string_view prefix) {
    filtering_ = true;
    filter_.remove(prefix);
    registry_->unsubscribe(*own_, prefix);
}

void inproc_carrier::shut(std::chrono::milliseconds) {
    if (own_->news.load(std::memory_order_acquire)) adopt_news();
    if (outlets_.unsent() != 0 && around_.goodbye != nullptr) {
        around_.goodbye->expect();
        around_.goodbye->finished(false);
    }
    for (const connected& one : connected_) registry_->disconnect(one.name, one.id);
    for (const std::string& name : bound_) registry_->unbind(name, *own_);
    connected_.clear();
    bound_.clear();
    adopt_news();
    inlets_.drop_all();
    outlets_.clear();
}

// Before the first bind or connect the options may still change, and nobody else knows this end.
void inproc_carrier::open() {
    if (!bound_.empty() || !connected_.empty() || message_bytes_max_ != 0) return;
    const bool is_link = around_.own == pattern::link;
    own_->queue_messages_max = is_link ? link_receive_messages_max / 2 : around_.options.queue_messages_max;
    message_bytes_max_ = around_.options.message_bytes_max;
    if (is_link) message_bytes_max_ = link_frame_bytes_max(message_bytes_max_);
}

void inproc_carrier::adopt_news() {
    adopted_news_ = true;
    std::vector<pipe_news> all = registry_->fetch_news(*own_);
    for (std::size_t i = 0; i < all.size(); ++i) {
        try {
            adopt(all[i]);
        } catch (...) {
            registry_->give_back(*own_, std::move(all), i);
            throw;
        }
    }
}

void inproc_carrier::adopt(pipe_news& news) {
    const bool in = receives(around_.own);
    const bool out = sends(around_.own);
    if (around_.own == pattern::link) adopt_link(news);
    switch (news.what) {
        case pipe_news::kind::joined:
            if (in) inlets_.add(news.pipe, news.own);
            if (out) outlets_.join(news.pipe, news.own);
            break;
        case pipe_news::kind::we_left:
            if (in) inlets_.drop(*news.pipe);
            if (out) outlets_.part(*news.pipe, news.own, !around_.options.wait_for_peer);
            break;
        case pipe_news::kind::they_left:
            if (in) inlets_.end(*news.pipe);
            if (out) outlets_.part(*news.pipe, news.own, !around_.options.wait_for_peer);
            break;
        case pipe_news::kind::subscriptions:
            outlets_.change(*news.pipe, news.changes);
            break;
    }
}

bool inproc_carrier::refuses(const block& message) const noexcept {
    for (std::size_t i = message.first_shown; i < message.frame_count; ++i) {
        if (message.frames[i].size() > message_bytes_max_) return true;
    }
    return false;
}

void inproc_carrier::refuse(block* message) {
    release(message);
    inproc_pipe& pipe = inlets_.last_pipe();
    const std::string reason = "a frame was larger than the receiver's message_bytes_max of " +
                               std::to_string(message_bytes_max_) + " bytes, and was not delivered";
    if (around_.own != pattern::link) return registry_->rejoin(pipe, reason);
    registry_->end(pipe, pipe.ends[side::binding] == own_ ? side::binding : side::connecting, reason);
    adopt_news();
}

}  // namespace godwit::detail
