#include <algorithm>

#include "sim/public_state.hpp"

namespace godwit::sim {

using namespace std::chrono_literals;
using detail::end_news;
using detail::sim_link_number;

world::world(std::uint64_t seed) : state_{std::make_unique<state>(seed)} {}
world::~world() {
    for (const auto& each : state_->nodes) each->state_->process.on_turn = nullptr;
}

node* world::state::find(std::string_view name) const noexcept {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const auto& each) { return each->name() == name; });
    return found == nodes.end() ? nullptr : found->get();
}

node& world::add(kind own, std::string_view name, std::function<assembly()> modules) {
    auto made = std::make_unique<node::state>(*state_, static_cast<int>(own), name, std::move(modules),
                                              state_->inner.add_node());
    state_->nodes.push_back(std::unique_ptr<node>{new node{std::move(made)}});
    (void)state_->nodes.back()->start();  // its status comes again from whoever starts it by hand
    return *state_->nodes.back();
}

std::chrono::nanoseconds world::now() const noexcept { return state_->inner.now() - detail::sim_schedule::start; }
void world::after(std::chrono::nanoseconds delay, std::function<void()> what) {
    state_->inner.schedule().after(delay, std::move(what));
}
std::uint64_t world::random(std::uint64_t below) { return state_->inner.random().below(below); }
bool world::run_for(std::chrono::nanoseconds length, const std::function<bool()>& goes_on) {
    return state_->inner.run_for(length, goes_on);
}
std::uint64_t world::trace_hash() const noexcept { return state_->inner.trace().hash(); }
std::vector<std::string> world::trace(std::size_t last_lines) const { return state_->inner.trace().tail(last_lines); }

std::vector<sim_link_number> world::state::between(const node& one, const node& other) const {
    const detail::node_number a = one.state_->process.number(), b = other.state_->process.number();
    std::vector<sim_link_number> out;
    auto& network = const_cast<detail::sim_world&>(inner).network();
    for (std::size_t each = 0; each != network.link_count(); ++each) {
        const auto [from, to] = network.ends_of(network.link_at(each));
        if ((from == a && to == b) || (from == b && to == a)) out.push_back(network.link_at(each));
    }
    return out;
}

void world::cut(const node& one, const node& other) {
    for (const auto each : state_->between(one, other))
        state_->inner.network().cut(each, end_news::lost, end_news::lost);
}

void world::partition(const node& one, const node& other, bool parted) {
    for (const auto each : state_->between(one, other)) {
        state_->inner.network().refuse(each, parted);
        if (parted) state_->inner.network().cut(each, end_news::changed, end_news::changed);
    }
}

void world::slow(const node& one, const node& other, std::uint64_t bytes_per_second) {
    auto& network = state_->inner.network();
    detail::direction_options shape = network.options().direction;
    shape.bytes_per_second = bytes_per_second;
    for (const auto each : state_->between(one, other)) {
        for (const bool there : {true, false}) network.shape(each, there, shape);
    }
}

void world::latency(std::chrono::nanoseconds least, std::chrono::nanoseconds most) {
    auto& direction = state_->inner.network().options().direction;
    direction.delay_min = least;
    direction.delay_max = std::max(least, most);
}

void world::random_faults(std::uint32_t count, std::chrono::nanoseconds within) {
    for (; count != 0; --count) {
        after(state_->inner.random().between(0ns, within), [all = state_.get(), round = state_->round] {
            if (all->round == round) all->fault();
        });
    }
}

void world::state::stall(sim_link_number which, std::chrono::nanoseconds length) {
    const bool there = inner.random().percent(50);
    inner.network().block(which, there, true);
    inner.schedule().after(length, [this, which, there] { inner.network().block(which, there, false); });
}

void world::state::fault() {
    auto& chance = inner.random();
    auto& network = inner.network();
    node& whom = *nodes[chance.below(nodes.size())];
    const auto a_while = chance.between(10ms, 2s);
    const auto kind = chance.below(5);
    if (kind < 3 && network.link_count() == 0) return;
    const auto news = chance.percent(50) ? end_news::lost : end_news::changed;
    const auto link = [&] { return network.link_at(chance.below(network.link_count())); };
    switch (kind) {
        case 0:
            return network.cut(link(), news, news);
        case 1:
            return network.cut(link(), end_news::none, chance.percent(50) ? end_news::none : news);
        case 2:
            return stall(link(), a_while);
        case 3:
            whom.pause();
            return inner.schedule().after(a_while, [&whom] { whom.resume(); });
        default:
            if (!whom.state_->handler || !whom.alive()) return;
            whom.kill(chance.percent(30));
            inner.schedule().after(a_while, [&whom] {
                if (!whom.alive()) (void)whom.start();
            });
    }
}

void world::heal() {
    ++state_->round;
    state_->inner.network().heal();
    for (const auto& each : state_->nodes) {
        each->resume();
        if (!each->alive()) (void)each->start();
    }
}

}  // namespace godwit::sim
