#include <algorithm>

#include "base/assembly.hpp"
#include "sim/public_state.hpp"

namespace godwit::sim {

using detail::delivery_protocol;
using detail::pattern;
using detail::tried;

namespace {

error other_pattern(std::string_view verb, pattern own) {
    return error{errc::unsupported, verb, "a " + std::string{name(own)} + " has no such verb"};
}

detail::record_parts parts_of(std::string_view body, const send_options& options, detail::time_source& clock) {
    detail::record_parts parts;
    parts.topic = options.topic;
    parts.key = options.key;
    parts.headers = options.headers;
    parts.body = as_bytes(body);
    parts.priority = options.priority;
    parts.times.delay = options.delay;
    parts.times.ttl = options.ttl;
    if (options.deliver_at) parts.times.deliver_at = std::chrono::floor<std::chrono::milliseconds>(*options.deliver_at);
    if (options.delay || options.ttl) parts.times.sent = clock.wall();
    return parts;
}

}  // namespace

node::node(std::unique_ptr<state> made) : state_{std::move(made)} {}
node::~node() = default;
const std::string& node::name() const noexcept { return state_->name; }
bool node::alive() const noexcept { return state_->process.alive(); }
void node::pause() { state_->process.pause(); }
void node::resume() { state_->process.resume(); }
void node::kill(bool loses_power) { state_->kill(loses_power); }
void node::set_wall_clock(std::chrono::milliseconds ahead) { state_->process.clock().jump(ahead); }
void node::on_settled(std::function<void(const settled_record&)> handler) { state_->told = std::move(handler); }

status node::state::check_alive() const {
    if (process.alive() && !process.paused()) return {};
    return error{errc::closed, name, process.alive() ? "its process is paused" : "its process is dead"};
}

status node::start() {
    if (alive()) return error{errc::already_exists, name(), "its process lives"};
    return state_->start();
}

status node::state::start() {
    assembly built = make();
    auto& parts = detail::assembly_access::parts(built);
    if (!parts.fits) return parts.fits;
    if (!parts.make_protocol) return error{errc::invalid_argument, name, "give it ack_retry"};
    auto opened = process.start({.own = own,
                                 .protocol = parts.make_protocol(static_cast<int>(own)),
                                 .log = detail::make_memory_log(parts.memory),
                                 .layers = parts.layers,
                                 .message_bytes_max = parts.options.message_bytes_max,
                                 .from = parts.from});
    if (!opened) return opened;
    process.turn([this](delivery_protocol& self) {
        for (const std::string& each : filters) (void)self.subscribe(each);
        if (told) self.take_settled(0);  // from now on they are collected
    });
    for (const std::string& each : dialled) {
        if (auto done = dial(each); !done) return done;
    }
    return {};
}

status node::state::dial(const std::string& to) {
    const node* const other = all.find(to);
    if (other == nullptr) return error{errc::not_found, to, "there is no node of that name yet"};
    process.dial(other->state_->process.number());
    return {};
}

status node::connect(std::string_view url) {
    constexpr std::string_view scheme = "sim://";
    if (url.substr(0, scheme.size()) != scheme) return error{errc::invalid_argument, url, "give sim://NAME"};
    if (auto lives = state_->check_alive(); !lives) return lives;
    const std::string to{url.substr(scheme.size())};
    if (auto done = state_->dial(to); !done) return done;
    state_->dialled.push_back(to);
    return {};
}

void node::state::kill(bool loses_power) {
    if (!process.alive()) return;
    ++life;
    process.kill(loses_power);
    in_hand.clear();  // they settle nothing any more
    waiting.clear();
}

void node::after(std::chrono::nanoseconds delay, std::function<void()> what) { state_->later(delay, std::move(what)); }

// A process that is paused does nothing.
void node::state::later(std::chrono::nanoseconds delay, std::function<void()> what) {
    all.inner.schedule().after(delay, [this, what = std::move(what), began_in = life] {
        if (life != began_in) return;
        process.paused() ? later(std::chrono::milliseconds{20}, what) : what();
    });
}

result<offset> node::send(std::string_view body, const send_options& options) {
    if (auto lives = state_->check_alive(); !lives) return lives.error();
    offset given = 0;
    status why;
    tried came = tried::failed;
    state_->process.turn([&](delivery_protocol& self) {
        came = self.send(parts_of(body, options, state_->process.clock()), given, why);
    });
    if (came == tried::done) return given;
    return came == tried::failed ? why.error() : error{errc::full, name(), "its log has no room: send again later"};
}

status node::request(std::string_view body, reply_handler then, const send_options& options) {
    if (auto lives = state_->check_alive(); !lives) return lives;
    offset given = 0;
    status why;
    tried came = tried::failed;
    state_->process.turn([&](delivery_protocol& self) {
        detail::request_terms terms;
        terms.idempotent = options.idempotent;
        if (options.ttl) terms.deadline = state_->process.clock().now() + *options.ttl;
        came = self.request(parts_of(body, options, state_->process.clock()), terms, given, why);
        if (came == tried::done) state_->waiting.emplace(given, std::move(then));
    });
    if (came == tried::done) return {};
    return came == tried::failed ? why.error() : error{errc::full, name(), "its log has no room: ask again later"};
}

std::vector<dead_letter> node::dead_letters(std::size_t at_most) const {
    std::vector<dead_letter> found;
    if (alive()) state_->process.protocol().dead_letters(0, at_most, found);
    return found;
}

delivery_stats node::stats() const { return alive() ? state_->process.protocol().stats() : delivery_stats{}; }

void node::handle(consume_handler handler, const handling& how) {
    state_->handler = std::move(handler);
    state_->how = how;
    state_->process.turn([](delivery_protocol&) {});
}

status node::reply(delivery& request, std::string_view body) {
    if (state_->own != pattern::rep) return other_pattern("reply", state_->own);
    if (auto lives = state_->check_alive(); !lives) return lives;
    detail::held_batch* const held = detail::delivery_access::held(request);
    if (held == nullptr) return error{errc::invalid_argument, "reply", "this request was settled already"};
    status said;
    state_->process.turn([&](delivery_protocol& self) {
        detail::record_parts parts;
        parts.body = as_bytes(body);
        said = self.reply({held, request.at(), request.attempt(), detail::verdict::ack, {}, {}}, parts);
    });
    if (said) detail::delivery_access::take(request);
    return said;
}

status node::subscribe(std::string_view filter) {
    if (auto lives = state_->check_alive(); !lives) return lives;
    status done;
    state_->process.turn([&](delivery_protocol& self) { done = self.subscribe(filter); });
    if (done) state_->filters.emplace_back(filter);
    return done;
}

void node::state::look() {
    if (own == pattern::req) return take_replies();
    if (handler && own != pattern::push && own != pattern::pub) return take_deliveries();
    if (!told || own != pattern::push) return;
    std::vector<settled_record> news;
    process.turn([&](delivery_protocol& self) { news = self.take_settled(1000); });
    for (const settled_record& each : news) told(each);
}

void node::state::take_replies() {
    std::vector<std::pair<reply_handler, result<message>>> came;
    process.turn([&](delivery_protocol& self) {
        for (auto at = waiting.begin(); at != waiting.end();) {
            message reply;
            status why;
            const tried how_it_is = self.take_reply(at->first, reply, why);
            if (how_it_is == tried::would_block) {
                ++at;
                continue;
            }
            came.emplace_back(std::move(at->second), how_it_is == tried::done ? result<message>{std::move(reply)}
                                                                              : result<message>{why.error()});
            at = waiting.erase(at);
        }
    });
    for (auto& [then, what] : came) then(std::move(what));
}

void node::state::take_deliveries() {
    while (process.alive() && !process.paused() && in_hand.size() < how.concurrency) {
        auto one = std::make_shared<task>();
        status why;
        tried came = tried::would_block;
        process.turn([&](delivery_protocol& self) { came = self.recv(one->what, why); });
        if (came == tried::would_block) return;
        if (came == tried::failed) {
            if (how.on_gap) how.on_gap(why.error());
            continue;
        }
        in_hand.push_back(one);
        const std::uint64_t began_in = life;
        bool acks = true;
        try {
            handler(one->what);
        } catch (...) {
            acks = false;
        }
        const auto takes = all.inner.random().between(how.takes_min, std::max(how.takes_min, how.takes_max));
        if (life == began_in) later(takes, [this, one, acks] { finish(one, acks); });
    }
}

void node::state::finish(const std::shared_ptr<task>& one, bool acks) {
    std::erase(in_hand, one);
    acks ? one->what.ack() : one->what.nack();
    process.turn([](delivery_protocol&) {});
}

}  // namespace godwit::sim
