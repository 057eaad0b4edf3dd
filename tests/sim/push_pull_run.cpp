#include "sim/push_pull_run.hpp"

#include "sim/push_pull_scene.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

namespace {

bool all_settled(push_pull_scene& scene) {
    for (std::uint32_t each = 0; each != scene.options().senders; ++each) {
        if (!scene.node(each).alive() || scene.node(each).protocol().unsettled() != 0) return false;
    }
    return true;
}

std::string who_is_stuck(push_pull_scene& scene) {
    std::string out;
    for (std::uint32_t each = 0; each != scene.options().senders; ++each) {
        if (!scene.node(each).alive()) continue;
        const delivery_stats now = scene.node(each).protocol().stats();
        out += " sender " + std::to_string(each) + ": " + std::to_string(now.unsettled) + " unsettled, " +
               std::to_string(now.in_flight) + " in flight, " + std::to_string(now.links) + " links;";
        for (const checked_record& one : scene.checker().records()) {
            if (one.sender != each || !one.confirmed || one.settled || one.orphan) continue;
            out += " the first is offset " + std::to_string(one.at) + ", sent " + std::to_string(one.times_sent) +
                   " times;";
            break;
        }
    }
    for (std::uint32_t each = 0; each != scene.options().receivers; ++each) {
        out += " receiver " + std::to_string(each) + ": " + std::to_string(scene.in_hand(each)) + " in hand;";
    }
    return out;
}

void discard_dead(sim_node& node) {
    node.turn([](delivery_protocol& own) {
        std::vector<dead_letter> dead;
        own.dead_letters(0, 100'000, dead);
        for (const dead_letter& letter : dead) (void)own.discard(letter.at);
    });
}

// Until all are settled, in bounded virtual time. Dead letters may fill the log, so somebody looks after them.
void settle_all(push_pull_scene& scene, const char* when) {
    auto& world = scene.world();
    auto& checker = scene.checker();
    constexpr auto bound = 15min;
    const steady_time end = world.now() + bound;
    std::uint64_t asked = 0;
    while (world.now() < end && checker.ok() && !all_settled(scene)) {
        world.run_for(std::min<std::chrono::nanoseconds>(1s, 50ms * ++asked), [&] { return checker.ok(); });
        for (std::uint32_t each = 0; each != scene.options().senders; ++each) discard_dead(scene.node(each));
    }
    if (checker.ok() && !all_settled(scene)) checker.fail(std::string{"stuck "} + when + ":" + who_is_stuck(scene));
    // The application has to have been told.
    world.run_for(1s, [&] { return checker.ok(); });
    for (std::uint32_t each = 0; checker.ok() && each != scene.options().senders; ++each) {
        if (checker.open_of(each) != 0) {
            checker.fail("lost: settled, and its outcome never told, " + std::to_string(checker.open_of(each)) +
                         " of sender " + std::to_string(each));
        }
    }
}

bool all_linked(push_pull_scene& scene) {
    for (std::uint32_t each = 0; each != scene.options().senders; ++each) {
        if (scene.node(each).protocol().stats().links != scene.options().receivers) return false;
    }
    return true;
}

void check_rest(push_pull_scene& scene) {
    for (std::uint32_t each = 0; each != scene.options().senders; ++each) {
        sim_node& node = scene.node(each);
        discard_dead(node);
        const delivery_stats now = node.protocol().stats();
        if (now.in_flight != 0) scene.checker().fail("in flight at rest: " + std::to_string(now.in_flight));
        if (now.dead != 0) scene.checker().fail("dead letters stay: " + std::to_string(now.dead));
        if (now.links != scene.options().receivers) {
            scene.checker().fail("a link is stuck: sender " + std::to_string(each) + " has " +
                                 std::to_string(now.links) + " of " + std::to_string(scene.options().receivers));
        }
        if (node.log().bytes_used() != 0) {
            scene.checker().fail("memory at rest: " + std::to_string(node.log().bytes_used()) +
                                 " bytes in the log of sender " + std::to_string(each));
        }
    }
}

void come_to_rest(push_pull_scene& scene, faults& trouble) {
    auto& world = scene.world();
    const auto goes_on = [&] { return scene.checker().ok(); };
    scene.behave();
    trouble.heal();
    world.run_for(2s, goes_on);  // who is dead comes again
    for (int round = 0; scene.still_to_send != 0 && round != 600 && goes_on(); ++round) {
        world.run_for(500ms, goes_on);
        for (std::uint32_t each = 0; each != scene.options().senders; ++each) discard_dead(scene.node(each));
    }
    scene.working = false;
    if (scene.still_to_send != 0) scene.checker().fail("held back for ever:" + who_is_stuck(scene));
    if (goes_on()) settle_all(scene, "after the faults");
    // A half-open link comes again when its kernel has given up, and its dialler's next greeting is due.
    for (int round = 0; round != 60 && goes_on() && !all_linked(scene); ++round) world.run_for(1s, goes_on);
    for (std::uint32_t each = 0; goes_on() && each != scene.options().senders; ++each) {
        discard_dead(scene.node(each));  // they may have filled the log
        if (!scene.send_one(each)) scene.checker().fail("takes nothing, at rest: sender " + std::to_string(each));
    }
    if (goes_on()) settle_all(scene, "at rest");
    // One that is half-open may have looked well until its lease was over.
    for (int round = 0; round != 60 && goes_on() && !all_linked(scene); ++round) world.run_for(1s, goes_on);
    if (goes_on()) check_rest(scene);
}

}  // namespace

run_result run_push_pull(const push_pull_options& options, const planted_bug& bug) {
    push_pull_scene scene{options, bug};
    faults trouble{scene,
                   {options.senders, options.receivers, options.faults, options.fault_time, options.wall_jumps,
                    options.sender_restarts}};
    trouble.plan();
    const auto goes_on = [&] { return scene.checker().ok(); };
    if (scene.world().run_for(options.fault_time, goes_on)) come_to_rest(scene, trouble);

    run_result out;
    out.breach = scene.checker().breach();
    if (out.breach.empty()) out.breach = scene.once().breach();
    out.completed = scene.once().completed();
    out.options = options.text();
    if (!out.breach.empty()) out.tail = scene.world().trace().tail(options.tail);
    out.hash = scene.world().trace().hash();
    out.events = scene.world().events();
    out.messages = scene.checker().confirmed;
    out.deliveries = scene.checker().deliveries;
    out.duplicates = scene.checker().duplicates;
    out.acked = scene.checker().acked;
    out.dead = scene.checker().dead;
    out.faults = trouble.counts();
    out.virtual_time = scene.world().now() - sim_schedule::start;
    return out;
}

}  // namespace godwit::detail
