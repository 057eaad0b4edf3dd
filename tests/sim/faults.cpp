#include "sim/faults.hpp"

#include <algorithm>

namespace godwit::detail {

using namespace std::chrono_literals;

std::string_view name(fault what) noexcept {
    constexpr std::string_view names[] = {
        "cut",   "half_open",        "one_way",        "slow_drain", "flap",     "swizzle_clog",
        "pause", "receiver_restart", "sender_restart", "wall_jump",  "partition"};
    return names[static_cast<std::size_t>(what)];
}

void faults::later(std::chrono::nanoseconds after, std::function<void()> what) {
    scene_.world().schedule().after(after, [this, what = std::move(what)] {
        if (!over_) what();
    });
}

end_news faults::some_news() { return scene_.world().random().percent(50) ? end_news::lost : end_news::changed; }

void faults::plan() {
    for (std::uint32_t each = 0; each != plan_.faults; ++each) {
        later(scene_.world().random().between(0ms, plan_.time), [this] { happen(); });
    }
}

void faults::heal() {
    over();
    scene_.world().network().heal();
    for (node_number each = 0; each != plan_.senders + plan_.receivers; ++each) scene_.world().node(each).resume();
}

void faults::happen() {
    auto what = static_cast<fault>(scene_.world().random().below(fault_kinds));
    if (what == fault::wall_jump && !plan_.wall_jumps) what = fault::cut;
    if (what == fault::sender_restart && !plan_.sender_restarts) what = fault::half_open;
    ++counts_[static_cast<std::size_t>(what)];
    scene_.world().trace().add(scene_.world().now(), name(what).data());
    scene_.fault_happens();
    happen(what);
}

void faults::happen(fault what) {
    sim_random& chance = scene_.world().random();
    sim_network& network = scene_.world().network();
    const auto receiver = plan_.senders + static_cast<std::uint32_t>(chance.below(plan_.receivers));
    const auto sender = static_cast<std::uint32_t>(chance.below(plan_.senders));
    const auto anybody = chance.percent(50) ? sender : receiver;
    const auto a_while = chance.between(10ms, 3s);
    if (network.link_count() == 0 && what != fault::wall_jump) return;
    const sim_link_number link = network.link_count() == 0 ? 0 : network.link_at(chance.below(network.link_count()));
    switch (what) {
        case fault::cut:
            return network.cut(link, some_news(), some_news());
        case fault::half_open: {
            const bool dialler = chance.percent(60);
            return network.cut(link, dialler ? end_news::none : some_news(),
                               !dialler || chance.percent(50) ? end_news::none : some_news());
        }
        case fault::one_way: {
            const bool there = chance.percent(50);
            network.block(link, there, true);
            return later(a_while, [=, this] { scene_.world().network().block(link, there, false); });
        }
        case fault::slow_drain: {
            direction_options slow = network.options().direction;
            slow.bytes_per_second = chance.between(1'000, 50'000);
            slow.frames_max = chance.between(1, 3);
            const bool there = chance.percent(50);
            network.shape(link, there, slow);
            return later(a_while, [=, this] {
                scene_.world().network().shape(link, there, scene_.world().network().options().direction);
            });
        }
        case fault::flap:
            return flap(link, static_cast<int>(chance.between(3, 20)));
        case fault::swizzle_clog:
            return swizzle();
        case fault::pause:
            scene_.world().node(anybody).pause();
            return later(a_while, [=, this] { scene_.world().node(anybody).resume(); });
        case fault::receiver_restart:
            return scene_.restart(receiver, chance.percent(30), chance.between(1ms, 1s));
        case fault::sender_restart:
            return scene_.restart(sender, chance.percent(30), chance.between(1ms, 1s));
        case fault::wall_jump: {
            constexpr std::chrono::hours jumps[] = {1h, -1h, 87'600h, -87'600h};
            return scene_.world().node(anybody).clock().jump(jumps[chance.below(4)]);
        }
        case fault::partition:
            network.refuse(link, true);
            network.cut(link, some_news(), some_news());
            return later(a_while, [=, this] { scene_.world().network().refuse(link, false); });
    }
}

void faults::flap(sim_link_number which, int times) {
    scene_.world().network().cut(which, some_news(), some_news());
    if (times > 1) later(100ms, [=, this] { flap(which, times - 1); });
}

// Links stop one after the other in one order, and go on in another.
void faults::swizzle() {
    sim_random& chance = scene_.world().random();
    sim_network& network = scene_.world().network();
    for (std::size_t each = 0; each != network.link_count(); ++each) {
        const sim_link_number which = network.link_at(each);
        const auto stops = chance.between(0ms, 1s), goes_on = chance.between(1s, 3s);
        for (const bool there : {true, false}) {
            later(stops, [=, this] { scene_.world().network().block(which, there, true); });
            later(goes_on, [=, this] { scene_.world().network().block(which, there, false); });
        }
    }
}

}  // namespace godwit::detail
