// How links end, and come again.
#include <algorithm>

#include "sim/network.hpp"
#include "sim/network_link.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

// The connection is gone. Of what was under way a random part from the front may still arrive, at once; the rest is lost,
// but for what the dialler's kernel had not taken.
void sim_network::take_down(link& of, bool some_arrive) {
    of.up = false;
    for (const bool towards_listener : {true, false}) {
        direction& road = way(of, towards_listener);
        ++road.round;
        road.scheduled = false;
        const node_number to = towards_listener ? of.listener : of.dialler;
        const node_number from = towards_listener ? of.dialler : of.listener;
        const peer_number as = towards_listener ? of.at_listener : of.at_dialler;
        std::size_t early = some_arrive && as != 0 && !road.blocked ? random_.below(road.frames.size() + 1) : 0;
        // Not now: whoever cuts may be in the middle of a call of this very node's.
        for (; early != 0; --early) {
            schedule_.at(
                schedule_.now(),
                [this, from, to, as, content = std::make_shared<message>(std::move(road.frames.front().content))] {
                    const auto found = places_.find(as);
                    if (found != places_.end() && users_[to]->hears()) arrive(from, to, as, std::move(*content));
                });
            road.frames.pop_front();
        }
        std::size_t lost = road.frames.size();
        if (towards_listener && options_.queue_survives) lost = random_.below(lost + 1);
        frames_lost_ += lost;
        road.frames.erase(road.frames.begin(), road.frames.begin() + static_cast<std::ptrdiff_t>(lost));
        road.last_arrival = schedule_.now();
    }
}

// `forget`: the number leads nowhere from now on. A dialler's number stays.
void sim_network::tell_end(node_number whom, peer_number which, end_news how, bool forget) {
    const auto tell = [this, whom, which, how, forget] {
        if (forget) places_.erase(which);
        if (!users_[whom]->hears()) return;  // it looks at all of its links when it hears again
        trace_.add(schedule_.now(), how == end_news::lost ? "told lost" : "told changed", whom, which);
        if (how == end_news::lost) {
            users_[whom]->lost(which);
        } else {
            users_[whom]->links_changed();
        }
    };
    schedule_.after(random_.between(0ms, 5ms), tell);
}

void sim_network::told_dialler(link& of, end_news how) {
    if (how == end_news::none) {
        of.dialler_knows = false;
        schedule_.after(random_.between(options_.half_open_max / 8, options_.half_open_max),
                        [this, which = of.number, connection = of.connection] {
                            link& one = at(which);
                            if (one.gone || one.up || one.connection != connection || one.dialler_knows) return;
                            told_dialler(one, end_news::changed);
                        });
        return;
    }
    of.dialler_knows = true;
    places_[of.at_dialler].swallowed = 0;
    if (of.there.wants_write) room(of, true);
    tell_end(of.dialler, of.at_dialler, how, false);
    redial_later(of);
}

void sim_network::lose_listener(link& of, end_news how) {
    const peer_number which = std::exchange(of.at_listener, 0);
    of.back.wants_write = false;
    frames_lost_ += of.back.frames.size();
    of.back.frames.clear();
    if (which == 0) return;
    if (how == end_news::none) {
        place& ghost = places_[which];
        ghost.ghost = true;
        schedule_.after(random_.between(options_.half_open_max / 8, options_.half_open_max),
                        [this, whom = of.listener, which] {
                            if (places_.count(which) != 0) tell_end(whom, which, end_news::changed, true);
                        });
    } else {
        tell_end(of.listener, which, how, true);
    }
}

std::pair<node_number, node_number> sim_network::ends_of(sim_link_number which) const {
    return {at(which).dialler, at(which).listener};
}

void sim_network::cut(sim_link_number which, end_news to_dialler, end_news to_listener) {
    link& one = at(which);
    if (one.gone || !one.up) return;
    trace_.add(schedule_.now(), "cut", which, static_cast<std::uint64_t>(to_dialler),
               static_cast<std::uint64_t>(to_listener));
    take_down(one, true);
    lose_listener(one, to_listener);
    told_dialler(one, to_dialler);
}

void sim_network::end(node_number from, peer_number which) {
    const auto found = places_.find(which);
    if (found == places_.end()) return;
    const place where = found->second;
    trace_.add(schedule_.now(), "ended by", from, which);
    if (!where.dialler) places_.erase(which);
    if (where.ghost) return;
    link& one = at(where.link);
    if (!one.up) {
        if (where.dialler && !one.dialler_knows) {
            one.dialler_knows = true;
            places_[which].swallowed = 0;
            redial_later(one);
        }
        return;
    }
    const end_news news = random_.percent(50) ? end_news::lost : end_news::changed;
    take_down(one, true);
    if (where.dialler) {
        lose_listener(one, news);
        redial_later(one);
    } else {
        one.at_listener = 0;
        told_dialler(one, news);
    }
}

void sim_network::node_died(node_number which, bool quietly) {
    trace_.add(schedule_.now(), "died", which, quietly);
    const std::vector<sim_link_number> all = order_;
    for (const sim_link_number each : all) {
        link& one = at(each);
        const end_news news = quietly ? end_news::none : random_.percent(50) ? end_news::lost : end_news::changed;
        if (one.dialler == which) {
            if (one.up) {
                take_down(one, !quietly);
                lose_listener(one, news);
            }
            one.gone = true;
            one.there.frames.clear();
            places_.erase(one.at_dialler);
            std::erase(order_, each);
        } else if (one.listener == which && one.up) {
            take_down(one, !quietly);
            told_dialler(one, news);
        }
    }
    // Its own numbers lead nowhere: nobody is there to use them.
    std::erase_if(places_, [&](const auto& each) {
        const link& one = at(each.second.link);
        return !each.second.dialler && one.listener == which;
    });
    for (const sim_link_number each : order_) {
        if (at(each).listener == which) at(each).at_listener = 0;
    }
}

void sim_network::redial_later(link& of) {
    if (std::exchange(of.redialling, true)) return;
    schedule_.after(random_.between(options_.redial_min, options_.redial_max),
                    [this, which = of.number, connection = of.connection] { redial(which, connection); });
}

void sim_network::redial(sim_link_number which, std::uint64_t connection) {
    link& one = at(which);
    one.redialling = false;
    if (one.gone || one.up || one.connection != connection) return;
    if (one.refused || !users_[one.listener]->lives()) {
        redial_later(one);
        return;
    }
    one.up = true;
    ++one.connection;
    one.dialler_knows = true;
    one.back.frames.clear();
    trace_.add(schedule_.now(), "connected", which, one.connection);
    for (frame& each : one.there.frames) {
        each.arrival = schedule_.now() + random_.between(one.there.options.delay_min, one.there.options.delay_max);
        one.there.last_arrival = each.arrival = std::max(each.arrival, one.there.last_arrival);
    }
    schedule_delivery(one, true);
    for (const node_number each : {one.dialler, one.listener}) {
        schedule_.after(random_.between(0ms, 1ms), [this, each] {
            if (users_[each]->hears()) users_[each]->links_changed();
        });
    }
    room(one, true);
}

void sim_network::block(sim_link_number which, bool towards_listener, bool blocked) {
    link& one = at(which);
    trace_.add(schedule_.now(), blocked ? "block" : "unblock", which, towards_listener);
    way(one, towards_listener).blocked = blocked;
    schedule_delivery(one, towards_listener);
}

bool sim_network::blocked(sim_link_number which, bool towards_listener) const {
    return way(at(which), towards_listener).blocked;
}

void sim_network::shape(sim_link_number which, bool towards_listener, const direction_options& now) {
    trace_.add(schedule_.now(), "shape", which, towards_listener, now.bytes_per_second);
    way(at(which), towards_listener).options = now;
}

void sim_network::refuse(sim_link_number which, bool refused) {
    trace_.add(schedule_.now(), "refuse", which, refused);
    at(which).refused = refused;
}

void sim_network::heal() {
    trace_.add(schedule_.now(), "heal");
    for (const sim_link_number each : order_) {
        link& one = at(each);
        one.refused = false;
        for (const bool towards_listener : {true, false}) {
            direction& road = way(one, towards_listener);
            road.blocked = false;
            road.options = options_.direction;
            steady_time arrival = schedule_.now();
            for (frame& waiting : road.frames) waiting.arrival = std::min(waiting.arrival, arrival += 10us);
            road.last_arrival = std::min(road.last_arrival, arrival);
            schedule_delivery(one, towards_listener);
            room(one, towards_listener);
        }
    }
}

}  // namespace godwit::detail
