#include "sim/push_pull_scene.hpp"

#include <algorithm>

#include "ack_retry/link_frames.hpp"
#include "base/assembly.hpp"
#include "base/memory_log.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

push_pull_scene::push_pull_scene(const push_pull_options& options, const planted_bug& bug)
    : options_{options},
      bug_{bug},
      world_{options.seed},
      checker_{options_, world_.schedule()},
      applications_(nodes()) {
    still_to_send = options_.messages;
    sim_random& chance = world_.random();
    auto& network = world_.network();
    network.options().queue_survives = chance.percent(70);
    network.options().direction.delay_max = chance.between(100us, 20ms);
    network.options().direction.frames_max = chance.between(2, 16);
    network.options().half_open_max = 10s;
    network.on_send = [this](const seen_frame& frame) { see_sent(frame); };
    network.on_arrival = [this](const seen_frame& frame) { return see_arrival(frame); };
    receiver_dials_.resize(options_.senders);
    for (auto& line : receiver_dials_) {
        for (std::uint32_t each = 0; each != options_.receivers; ++each) line.push_back(chance.percent(50));
    }
    for (std::uint32_t each = 0; each != nodes(); ++each) world_.add_node();
    for (std::uint32_t each = 0; each != nodes(); ++each) start(each);
    for (std::uint32_t each = 0; each != options_.senders; ++each) work(each);
}

void push_pull_scene::start(std::uint32_t which) {
    const bool sender = is_sender(which);
    const ack_retry& module = sender ? options_.sender : options_.receiver;
    assembly parts;
    module.install(parts);
    const pattern own = sender ? pattern::push : pattern::pull;
    auto protocol = assembly_access::parts(parts).make_protocol(static_cast<int>(own));
    if (bug_.wrap) protocol = bug_.wrap(std::move(protocol), own);
    std::shared_ptr<record_log> log = make_memory_log({options_.sender.log_bytes_max});
    if (bug_.wrap_log) log = bug_.wrap_log(std::move(log));
    sim_node& here = node(which);
    here.on_turn = [this, which, sender](delivery_protocol::possible) {
        sender ? sender_turn(which) : receiver_turn(which);
    };
    std::vector<std::shared_ptr<layer>> layers;
    if (options_.dedup && !sender) layers = memory_of(which - options_.senders);
    if (auto opened =
            here.start({.own = own, .protocol = std::move(protocol), .log = std::move(log), .layers = layers});
        !opened) {
        checker_.fail(std::string{"does not open: "} + opened.error().what());
        return;
    }
    dial_all(which);
}

// A kill takes the process, and leaves the disk as the process saw it.
std::vector<std::shared_ptr<layer>> push_pull_scene::memory_of(std::uint32_t receiver) {
    disks_.resize(options_.receivers);
    memories_.resize(options_.receivers);
    auto& disk = disks_[receiver];
    if (disk == nullptr) disk = std::make_unique<journal_tests::sim_disk>();
    sim_node& here = node(options_.senders + receiver);
    auto memory =
        dedup_memory::open(disk->open(), {}, {here.clock(), world_.random()}, dedup_memory::writing::by_caller);
    if (!memory) {
        checker_.fail(std::string{"its memory does not open: "} + memory.error().what());
        return {};
    }
    memories_[receiver] = std::make_shared<watched_dedup>(*memory, receiver, once_);
    return {memories_[receiver]};
}

void push_pull_scene::memory_ends(std::uint32_t receiver) {
    memories_[receiver]->is_killed();
    former_disks_.push_back(std::move(disks_[receiver]));
    disks_[receiver] = former_disks_.back()->copy();
}

void push_pull_scene::dial_all(std::uint32_t which) {
    for (std::uint32_t sender = 0; sender != options_.senders; ++sender) {
        for (std::uint32_t each = 0; each != options_.receivers; ++each) {
            const std::uint32_t receiver = options_.senders + each;
            const bool receiver_dials = receiver_dials_[sender][each];
            if (which == (receiver_dials ? receiver : sender)) node(which).dial(receiver_dials ? sender : receiver);
        }
    }
}

void push_pull_scene::restart(std::uint32_t which, bool quietly, std::chrono::nanoseconds after) {
    if (!node(which).alive()) return;
    if (options_.dedup && !is_sender(which)) memory_ends(which - options_.senders);
    node(which).kill(quietly);
    checker_.restarted(which);
    ++applications_[which].incarnation;
    applications_[which].running.clear();  // their deliveries settle nothing any more
    world_.schedule().after(after, [this, which] {
        if (!node(which).alive()) start(which);
    });
}

void push_pull_scene::work(std::uint32_t sender) {
    if (!working || still_to_send == 0) return;
    const std::uint64_t burst = world_.random().between(1, options_.burst_max);
    node(sender).turn([&](delivery_protocol& own) {
        for (std::uint64_t each = 0; each != burst && still_to_send != 0; ++each) {
            if (send_into(own, sender) != tried::done) break;
            --still_to_send;
        }
    });
    const auto pace = options_.fault_time * 2 * options_.senders * options_.burst_max / (2 * options_.messages);
    world_.schedule().after(world_.random().between(0ms, std::chrono::nanoseconds{pace}),
                            [this, sender] { work(sender); });
}

tried push_pull_scene::send_into(delivery_protocol& own, std::uint32_t sender) {
    sim_random& chance = world_.random();
    checked_record record;
    record.sender = sender;
    if (options_.keys != 0) record.key = 1 + static_cast<std::uint32_t>(chance.below(options_.keys));
    if (working && chance.percent(options_.delayed)) record.delay = std::chrono::milliseconds{chance.between(1, 3000)};
    if (working && chance.percent(options_.expiring)) record.ttl = std::chrono::milliseconds{chance.between(1, 3000)};
    if (chance.percent(options_.prioritised)) record.priority = static_cast<std::uint8_t>(chance.below(10));
    const std::uint64_t number = checker_.begin(record);
    const std::string body = body_of(number, chance.below(options_.body_max));
    const std::string key = record.key != 0 ? "key " + std::to_string(record.key) : "";
    record_parts parts;
    parts.key = key;
    parts.body = as_bytes(body);
    parts.priority = record.priority;
    parts.times.sent = node(sender).clock().wall();
    if (record.delay.count() != 0) parts.times.delay = record.delay;
    if (record.ttl.count() != 0) parts.times.ttl = record.ttl;
    offset given = 0;
    status why;
    const tried came = own.send(parts, given, why);
    if (came == tried::done) {
        world_.trace().add(world_.now(), "accepted", sender, given, number);
        checker_.accepted(number, given);
    } else if (came == tried::failed && !why.failed(errc::full)) {
        checker_.fail(std::string{"send: "} + (why ? "failed without a reason" : why.error().what()));
    }
    return came;
}

bool push_pull_scene::send_one(std::uint32_t sender) {
    tried came = tried::failed;
    node(sender).turn([&](delivery_protocol& own) { came = send_into(own, sender); });
    return came == tried::done;
}

void push_pull_scene::sender_turn(std::uint32_t sender) {
    node(sender).turn([&](delivery_protocol& own) {
        for (const settled_record& each : own.take_settled(1000)) {
            world_.trace().add(world_.now(), "settled", sender, each.at, static_cast<std::uint64_t>(each.what));
            checker_.settled(sender, each);
        }
    });
    check_memory();
}

void push_pull_scene::receiver_turn(std::uint32_t receiver) {
    std::vector<std::unique_ptr<handler>> got;
    node(receiver).turn([&](delivery_protocol& own) {
        while (applications_[receiver].running.size() + got.size() < options_.concurrency) {
            auto one = std::make_unique<handler>();
            status why;
            if (own.recv(one->what, why) != tried::done) break;
            one->attempt = one->what.attempt();
            world_.trace().add(world_.now(), "handed", receiver, one->what.at(), one->attempt);
            if (!checker_.handed(receiver, one->what, one->number)) break;
            one->serial = checker_.deliveries;
            got.push_back(std::move(one));
        }
    });
    for (auto& each : got) handle(receiver, std::move(each));
}

// What a handler does with its delivery, and when. It never does it inside the turn that gave it.
void push_pull_scene::handle(std::uint32_t receiver, std::unique_ptr<handler> one) {
    sim_random& chance = world_.random();
    handler* const which = one.get();
    applications_[receiver].running.push_back(std::move(one));
    watch_overdue(receiver, *which);
    const std::uint64_t incarnation = applications_[receiver].incarnation;
    const auto later = [&](std::chrono::nanoseconds after, verdict how, std::chrono::nanoseconds delay = {}) {
        world_.schedule().after(after, [=, this] { finish(receiver, incarnation, which, how, delay); });
    };
    const std::chrono::nanoseconds soon = chance.one_in(3) ? chance.between(0ms, 30ms) : 0ns;
    if (options_.poison != 0 && which->number % 100 < options_.poison) return later(soon, verdict::nack);
    if (behave_ || !chance.percent(options_.misbehaving)) return later(soon, verdict::ack);
    switch (chance.below(8)) {
        case 0:
        case 1:
            return later(soon, verdict::nack);
        case 2:
            return later(soon, verdict::nack, chance.between(0ms, 500ms));
        case 3:
            return later(soon, verdict::abandon);  // it throws: the delivery is destroyed unsettled
        case 4:
            return later(soon, verdict::reject);
        case 5:  // it hangs
            return later(options_.receiver.handler_max + chance.between(20ms, 3s), verdict::ack);
        case 6:
            later(options_.receiver.handler_max / 2, verdict::extend, options_.receiver.handler_max);
            return later(options_.receiver.handler_max, verdict::ack);
        default:
            if (!chance.one_in(4)) return later(soon, verdict::ack);
            world_.schedule().after(soon, [=, this] {  // its process dies of it
                if (applications_[receiver].incarnation == incarnation) restart(receiver, false, 50ms);
            });
    }
}

void push_pull_scene::finish(std::uint32_t receiver, std::uint64_t incarnation, handler* which, verdict how,
                             std::chrono::nanoseconds delay) {
    application& here = applications_[receiver];
    if (here.incarnation != incarnation) return;
    if (node(receiver).paused()) {  // its handlers are paused with it
        world_.schedule().after(20ms, [=, this] { finish(receiver, incarnation, which, how, delay); });
        return;
    }
    const auto found =
        std::find_if(here.running.begin(), here.running.end(), [&](const auto& each) { return each.get() == which; });
    if (found == here.running.end()) return;
    if (how == verdict::extend) {
        checker_.handled(receiver, which->number, which->attempt, how);
        world_.schedule().after(delay, [this, receiver, incarnation, number = which->number, of = which->serial] {
            if (applications_[receiver].incarnation == incarnation) checker_.overdue(receiver, number, of, true);
        });
        return which->what.extend(delay);
    }
    std::unique_ptr<handler> one = std::move(*found);
    here.running.erase(found);
    checker_.handled(receiver, one->number, one->attempt, how);
    if (how == verdict::ack) one->what.ack();
    if (how == verdict::nack) one->what.nack(delay);
    if (how == verdict::reject) one->what.reject("no");
}

void push_pull_scene::watch_overdue(std::uint32_t receiver, const handler& one) {
    world_.schedule().after(options_.receiver.handler_max, [this, receiver, number = one.number, of = one.serial,
                                                            incarnation = applications_[receiver].incarnation] {
        if (applications_[receiver].incarnation == incarnation) checker_.overdue(receiver, number, of);
    });
}

void push_pull_scene::check_memory() {
    for (std::uint32_t each = 0; each != options_.senders; ++each) {
        if (!node(each).alive()) continue;
        const record_log& log = node(each).log();
        // One entry is taken while it is below its limit.
        if (log.bytes_used() > log.bytes_max() + (256u << 10) + options_.body_max) {
            checker_.fail("memory: the log of sender " + std::to_string(each) + " has " +
                          std::to_string(log.bytes_used()));
        }
    }
}

void push_pull_scene::see_sent(const seen_frame& frame) {
    if (!is_sender(frame.from)) return;
    const auto read = decode(frame.envelope);
    if (!read) return checker_.fail(std::string{"a frame of ours does not decode: "} + read.error().what());
    if (const auto* greeting = std::get_if<hello>(&read.value().content))
        checker_.tag(frame.from, frame.peer, greeting->tag);
    if (const auto* data = std::get_if<data_frame>(&read.value().content)) {
        const batch_view batch = batch_view::trusted(frame.body->body());
        world_.trace().add(world_.now(), "batch (first count attempt)", batch.first(), batch.count(), data->attempt);
        checker_.sent(frame.from, frame.to, frame.peer, data->attempt, batch);
    }
}

bool push_pull_scene::see_arrival(const seen_frame& frame) {
    if (bug_.on_arrival && !bug_.on_arrival(frame)) return false;
    if (!is_sender(frame.to) || frame.body != nullptr) return true;
    const auto read = decode(frame.envelope);
    if (!read) return true;  // somebody harms frames on purpose
    if (const auto* greeting = std::get_if<hello>(&read.value().content)) {
        checker_.session(frame.to, frame.peer);
        checker_.granted(frame.to, frame.peer, greeting->window_messages, greeting->window_bytes);
    } else if (const auto* acks = std::get_if<ack_frame>(&read.value().content)) {
        if (checker_.fenced(frame.to, frame.peer, read.value().tag)) return true;
        for (const ack_frame::settled& each : acks->ranges) {
            world_.trace().add(world_.now(), "answer (first last how)", each.what.first, each.what.last,
                               static_cast<std::uint64_t>(each.outcome));
        }
        for (const ack_frame::settled& each : acks->ranges) checker_.answered(frame.to, frame.peer, each.what);
        checker_.granted(frame.to, frame.peer, acks->window_messages, acks->window_bytes);
    }
    return true;
}

}  // namespace godwit::detail
