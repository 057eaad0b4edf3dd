#include "sim/push_pull_faults.hpp"

#include <algorithm>

namespace godwit::detail {

using namespace std::chrono_literals;

void push_pull_faults::later(std::chrono::nanoseconds after, std::function<void()> what) {
    scene_.world().schedule().after(after, [this, what = std::move(what)] {
        if (!over_) what();
    });
}

end_news push_pull_faults::some_news() {
    return scene_.world().random().percent(50) ? end_news::lost : end_news::changed;
}

void push_pull_faults::plan() {
    for (std::uint32_t each = 0; each != scene_.options().faults; ++each) {
        later(scene_.world().random().between(0ms, scene_.options().fault_time), [this] { happen(); });
    }
}

void push_pull_faults::happen() {
    auto what = static_cast<fault>(scene_.world().random().below(fault_kinds));
    if (what == fault::wall_jump && !scene_.options().wall_jumps) what = fault::cut;
    if (what == fault::sender_restart && !scene_.options().sender_restarts) what = fault::half_open;
    ++counts_[static_cast<std::size_t>(what)];
    scene_.world().trace().add(scene_.world().now(), name(what).data());
    scene_.checker().link_ended();
    happen(what);
}

void push_pull_faults::happen(fault what) {
    sim_random& chance = scene_.world().random();
    sim_network& network = scene_.world().network();
    const push_pull_options& options = scene_.options();
    const auto receiver = options.senders + static_cast<std::uint32_t>(chance.below(options.receivers));
    const auto sender = static_cast<std::uint32_t>(chance.below(options.senders));
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
            scene_.node(anybody).pause();
            return later(a_while, [=, this] { scene_.node(anybody).resume(); });
        case fault::receiver_restart:
            return scene_.restart(receiver, chance.percent(30), chance.between(1ms, 1s));
        case fault::sender_restart:
            return scene_.restart(sender, chance.percent(30), chance.between(1ms, 1s));
        case fault::wall_jump: {
            constexpr std::chrono::hours jumps[] = {1h, -1h, 87'600h, -87'600h};
            return scene_.node(anybody).clock().jump(jumps[chance.below(4)]);
        }
        case fault::partition:
            network.refuse(link, true);
            network.cut(link, some_news(), some_news());
            return later(a_while, [=, this] { scene_.world().network().refuse(link, false); });
    }
}

void push_pull_faults::flap(sim_link_number which, int times) {
    scene_.world().network().cut(which, some_news(), some_news());
    if (times > 1) later(100ms, [=, this] { flap(which, times - 1); });
}

// Links stop one after the other in one order, and go on in another.
void push_pull_faults::swizzle() {
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
