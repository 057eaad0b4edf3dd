#include "sim/network.hpp"

#include <algorithm>
#include <array>

#include "sim/network_link.hpp"

namespace godwit::detail {

sim_network::sim_network(sim_schedule& schedule, sim_random random, sim_trace& trace)
    : schedule_{schedule}, random_{random}, trace_{trace} {}
sim_network::~sim_network() = default;

node_number sim_network::add(network_user& user) {
    users_.push_back(&user);
    return static_cast<node_number>(users_.size() - 1);
}

sim_network::direction& sim_network::way(link& of, bool towards_listener) const {
    return towards_listener ? of.there : of.back;
}

peer_number sim_network::dial(node_number from, node_number to) {
    auto made = std::make_unique<link>();
    made->number = static_cast<sim_link_number>(links_.size());
    made->dialler = from;
    made->listener = to;
    made->at_dialler = ++last_peer_;
    made->there.options = made->back.options = options_.direction;
    places_[made->at_dialler] = {made->number, true};
    order_.push_back(made->number);
    links_.push_back(std::move(made));
    trace_.add(schedule_.now(), "dial", from, to, last_peer_);
    redial_later(*links_.back());
    return last_peer_;
}

void sim_network::hang_up(peer_number dialled) {
    const auto found = places_.find(dialled);
    if (found == places_.end() || !found->second.dialler) return;
    link& one = at(found->second.link);
    if (one.up) {
        take_down(one, true);
        lose_listener(one, random_.percent(50) ? end_news::lost : end_news::changed);
    }
    one.gone = true;
    frames_lost_ += one.there.frames.size();
    one.there.frames.clear();
    places_.erase(dialled);
    std::erase(order_, one.number);
}

link_port::sent sim_network::send(node_number from, peer_number to, bytes envelope, const message* body) {
    const auto found = places_.find(to);
    if (found == places_.end()) return link_port::sent::gone;
    place& where = found->second;
    link& one = at(where.link);
    direction& road = way(one, where.dialler);
    const bool ghost = where.ghost || (where.dialler && !one.up && !one.dialler_knows);
    if ((ghost ? where.swallowed : road.frames.size()) >= road.options.frames_max) {
        road.wants_write = road.wants_write || !where.ghost;
        trace_.add(schedule_.now(), "busy", from, to);
        return link_port::sent::busy;
    }
    const node_number other = where.dialler ? one.listener : one.dialler;
    trace_.add(schedule_.now(), ghost ? "sent to nobody" : "sent", from, to, envelope.size());
    if (on_send) on_send({from, other, to, envelope, body});
    if (ghost) {  // into a kernel's buffer, and nowhere else
        ++where.swallowed;
        ++frames_lost_;
        return link_port::sent::done;
    }
    const std::array<bytes, 2> parts{envelope, body != nullptr ? body->body() : bytes{}};
    frame next;
    next.content = message::from_frames(std::span{parts}.first(body != nullptr ? 2 : 1)).value();
    next.size = envelope.size() + parts[1].size();
    std::chrono::nanoseconds takes = random_.between(road.options.delay_min, road.options.delay_max);
    steady_time begins = schedule_.now();
    if (road.options.bytes_per_second != 0) {
        begins = std::max(begins, road.last_arrival);
        takes += std::chrono::nanoseconds{next.size * 1'000'000'000 / road.options.bytes_per_second};
    }
    road.last_arrival = next.arrival = std::max(road.last_arrival, begins + takes);
    road.frames.push_back(std::move(next));
    if (!road.scheduled) schedule_delivery(one, where.dialler);
    return link_port::sent::done;
}

void sim_network::schedule_delivery(link& of, bool towards_listener) {
    direction& road = way(of, towards_listener);
    const node_number to = towards_listener ? of.listener : of.dialler;
    road.scheduled = of.up && !road.frames.empty() && !road.blocked && users_[to]->hears();
    ++road.round;
    if (!road.scheduled) return;
    schedule_.at(road.frames.front().arrival, [this, which = of.number, towards_listener, round = road.round] {
        deliver(which, towards_listener, round);
    });
}

void sim_network::deliver(sim_link_number which, bool towards_listener, std::uint64_t round) {
    link& one = at(which);
    direction& road = way(one, towards_listener);
    if (round != road.round) return;
    const node_number to = towards_listener ? one.listener : one.dialler;
    const node_number from = towards_listener ? one.dialler : one.listener;
    if (!users_[to]->hears()) {
        schedule_delivery(one, towards_listener);
        return;
    }
    frame next = std::move(road.frames.front());
    road.frames.pop_front();
    schedule_delivery(one, towards_listener);
    room(one, towards_listener);
    if (towards_listener && one.at_listener == 0) {
        one.at_listener = ++last_peer_;
        places_[last_peer_] = {which, false};
    }
    const peer_number as = towards_listener ? one.at_listener : one.at_dialler;
    arrive(from, to, as, std::move(next.content));
}

void sim_network::arrive(node_number from, node_number to, peer_number as, message&& content) {
    trace_.add(schedule_.now(), "arrival", to, as, content.size_bytes());
    if (on_arrival) {
        message body;
        const bool two = content.frame_count() > 1;
        if (two) body = message{content.frame(1)};
        if (!on_arrival({from, to, as, content.frame(0), two ? &body : nullptr})) return;
    }
    users_[to]->took(as, std::move(content));
}

void sim_network::room(link& of, bool towards_listener) {
    direction& road = way(of, towards_listener);
    if (!road.wants_write || road.frames.size() >= road.options.frames_max) return;
    road.wants_write = false;
    const node_number writer = towards_listener ? of.dialler : of.listener;
    schedule_.at(schedule_.now(), [this, writer] {
        if (users_[writer]->hears()) users_[writer]->may_write();
    });
}

void sim_network::node_hears(node_number which) {
    for (const sim_link_number each : order_) {
        link& one = at(each);
        if (one.listener == which) schedule_delivery(one, true);
        if (one.dialler == which) schedule_delivery(one, false);
    }
    schedule_.at(schedule_.now(), [this, which] {  // what it was told while it could not hear
        if (!users_[which]->hears()) return;
        users_[which]->may_write();
        users_[which]->links_changed();
    });
}

std::size_t sim_network::frames_under_way() const {
    std::size_t sum = 0;
    for (const sim_link_number each : order_) sum += at(each).there.frames.size() + at(each).back.frames.size();
    return sum;
}

}  // namespace godwit::detail
