#include "sim/pub_sub_run.hpp"

#include <sstream>

#include "base/assembly.hpp"
#include "base/memory_log.hpp"
#include "sim/pub_sub_checker.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

namespace {

// Publishers are the senders of the faults. Subscribers dial them, or are dialled.
class pub_sub_scene final : public fault_scene {
public:
    pub_sub_scene(const pub_sub_options& options, std::uint32_t skip)
        : options_{options}, skip_{skip}, world_{options.seed}, checker_{options.subscribers, !options.small_log} {
        auto& network = world_.network();
        network.options().queue_survives = world_.random().percent(70);
        network.options().direction.delay_max = world_.random().between(100us, 20ms);
        network.options().direction.frames_max = world_.random().between(2, 16);
        network.options().half_open_max = 10s;
        for (std::uint32_t each = 0; each != nodes(); ++each) {
            world_.add_node();
            lives_.push_back(0);
            held_.emplace_back();
        }
        for (std::uint32_t each = 0; each != options.publishers * options.subscribers; ++each)
            subscriber_dials_.push_back(world_.random().percent(70));
        for (std::uint32_t each = 0; each != nodes(); ++each) start(each);
        for (std::uint32_t each = 0; each != options.publishers; ++each) work(each);
    }

    sim_world& world() override { return world_; }
    pub_sub_checker& checker() noexcept { return checker_; }

    void restart(node_number which, bool quietly, std::chrono::nanoseconds after) override {
        if (!world_.node(which).alive()) return;
        world_.node(which).kill(quietly);
        ++lives_[which];
        held_[which].clear();
        world_.schedule().after(after, [this, which] { start(which); });
    }

    bool is_complete() const {
        for (std::uint32_t to = 0; to != options_.subscribers; ++to) {
            for (std::uint32_t from = 0; from != options_.publishers; ++from) {
                if (!checker_.complete(to, publication_of(from))) return false;
            }
        }
        return true;
    }
    std::string who_is_behind() const {
        std::string out;
        for (std::uint32_t to = 0; to != options_.subscribers; ++to) {
            for (std::uint32_t from = 0; from != options_.publishers; ++from) {
                if (!checker_.complete(to, publication_of(from))) out += " " + checker_.words(to, publication_of(from));
            }
        }
        return out;
    }
    // One that everybody wants.
    void publish_last(std::uint32_t publisher) {
        world_.node(publisher).turn([&](delivery_protocol& own) { publish(own, publisher, 0); });
    }
    bool all_linked() {
        for (std::uint32_t each = 0; each != options_.publishers; ++each) {
            if (world_.node(each).protocol().stats().links != options_.subscribers) return false;
        }
        return true;
    }
    std::uint32_t publishers() const noexcept { return options_.publishers; }
    std::uint64_t still_to_send() const noexcept { return options_.messages - sent_; }

private:
    std::uint32_t nodes() const noexcept { return options_.publishers + options_.subscribers; }
    bool is_publisher(node_number which) const noexcept { return which < options_.publishers; }
    std::uint64_t publication_of(node_number which) const { return lives_[which] * 100 + which; }

    void start(node_number which) {
        const bool sends = is_publisher(which);
        assembly parts;
        (sends ? options_.publisher : options_.subscriber).install(parts);
        const pattern own = sends ? pattern::pub : pattern::sub;
        sim_node& here = world_.node(which);
        here.on_turn = [this, which](delivery_protocol::possible) {
            if (!is_publisher(which)) take_all(which);
        };
        subscription from;
        from.from = godwit::start::first;
        std::uint64_t wants = 1;
        const bool opened = here.start({.own = own,
                                        .protocol = assembly_access::parts(parts).make_protocol(static_cast<int>(own)),
                                        .log = make_memory_log({options_.publisher.log_bytes_max}),
                                        .from = from})
                                .has_value();
        if (!opened) return checker_.fail("does not open");
        if (!sends) {
            here.turn([&](delivery_protocol& self) {
                for (std::uint32_t topic = 0; topic != options_.topics; ++topic) {
                    if (topic != 0 && !world_.random().percent(60)) continue;
                    wants |= std::uint64_t{1} << topic;
                    if (!self.subscribe("topic." + std::to_string(topic))) checker_.fail("does not subscribe");
                }
            });
            checker_.begins(which - options_.publishers, wants);
        }
        for (std::uint32_t from_node = 0; from_node != options_.publishers; ++from_node) {
            for (std::uint32_t each = 0; each != options_.subscribers; ++each) {
                const node_number to = options_.publishers + each;
                const bool sub_dials = subscriber_dials_[from_node * options_.subscribers + each];
                if (which == (sub_dials ? to : from_node)) here.dial(sub_dials ? from_node : to);
            }
        }
    }

    void work(std::uint32_t publisher) {
        if (still_to_send() == 0) return;
        const std::uint64_t burst = world_.random().between(1, options_.burst_max);
        world_.node(publisher).turn([&](delivery_protocol& own) {
            for (std::uint64_t each = 0; each != burst && still_to_send() != 0; ++each, ++sent_)
                publish(own, publisher, static_cast<std::uint32_t>(world_.random().below(options_.topics)));
        });
        const auto pace = options_.faults.time * options_.publishers * options_.burst_max / options_.messages;
        world_.schedule().after(world_.random().between(0ms, std::chrono::nanoseconds{pace}),
                                [this, publisher] { work(publisher); });
    }

    void publish(delivery_protocol& own, std::uint32_t publisher, std::uint32_t topic) {
        const std::string name = "topic." + std::to_string(topic);
        std::string body = std::to_string(publication_of(publisher)) + " ";
        body.append(world_.random().below(options_.body_max), 'x');
        offset given = 0;
        status why;
        if (own.send({.topic = name, .body = as_bytes(body)}, given, why) != tried::done)
            return checker_.fail("a pub does not take a record");
        world_.trace().add(world_.now(), "published", publisher, given, topic);
        checker_.published(publication_of(publisher), given, topic);
    }

    void take_all(node_number which) {
        const std::size_t subscriber = which - options_.publishers;
        std::vector<std::shared_ptr<delivery>> got;
        world_.node(which).turn([&](delivery_protocol& own) {
            while (held_[which].size() + got.size() < 20) {
                auto one = std::make_shared<delivery>();
                status why;
                const tried came = own.recv(*one, why);
                if (came == tried::would_block) break;
                if (came == tried::failed) {
                    gap(subscriber, why.error());
                    continue;
                }
                world_.trace().add(world_.now(), "got", which, one->at());
                if (skip_ == 0 || ++taken_ % skip_ != 0)
                    checker_.got(subscriber, one->stream(), one->at(), std::strtoull(one->text().data(), nullptr, 10));
                got.push_back(std::move(one));
            }
        });
        for (auto& each : got) handle(which, std::move(each));
    }

    // "FIRST..LAST"
    void gap(std::size_t subscriber, const error& why) {
        const std::string words{why.value()};
        const auto dots = words.find("..");
        if (why.code() != errc::gap || dots == std::string::npos) return checker_.fail("recv: " + words);
        const offset_range what{std::stoull(words), std::stoull(words.substr(dots + 2))};
        world_.trace().add(world_.now(), "gap", subscriber, what.first, what.last);
        if (!options_.small_log) checker_.fail("a gap, and the log had room: " + words);
        checker_.gap(subscriber, what);
    }

    void handle(node_number which, std::shared_ptr<delivery> one) {
        sim_random& chance = world_.random();
        held_[which].push_back(one);
        const auto after = chance.one_in(3) ? chance.between(0ms, 30ms) : 0ms;
        world_.schedule().after(after, [this, which, life = lives_[which], one, nacks = chance.one_in(20)] {
            if (lives_[which] != life) return;
            std::erase(held_[which], one);
            nacks ? one->nack() : one->ack();
        });
    }

    const pub_sub_options& options_;
    const std::uint32_t skip_;
    sim_world world_;
    pub_sub_checker checker_;
    std::vector<std::uint64_t> lives_;
    std::vector<std::vector<std::shared_ptr<delivery>>> held_;
    std::vector<bool> subscriber_dials_;
    std::uint64_t sent_ = 0, taken_ = 0;
};

void come_to_rest(pub_sub_scene& scene, faults& trouble) {
    auto& world = scene.world();
    const auto goes_on = [&] { return scene.checker().ok(); };
    trouble.heal();
    world.run_for(2s, goes_on);
    for (int round = 0; round != 300 && goes_on() && scene.still_to_send() != 0; ++round) world.run_for(1s, goes_on);
    for (int round = 0; round != 100 && goes_on() && !scene.all_linked(); ++round) world.run_for(1s, goes_on);
    if (goes_on() && !scene.all_linked()) scene.checker().fail("a link is stuck");
    if (!goes_on()) return;
    for (std::uint32_t each = 0; each != world.node_count() && goes_on(); ++each) {
        if (world.node(each).alive() && each < scene.publishers()) scene.publish_last(each);
    }
    for (int round = 0; round != 300 && goes_on() && !scene.is_complete(); ++round) world.run_for(1s, goes_on);
    if (goes_on() && !scene.is_complete()) scene.checker().fail("stuck:" + scene.who_is_behind());
}

}  // namespace

pub_sub_options pub_sub_options::expand(std::uint64_t seed) {
    sim_random chance{seed};
    const auto up_to = [&](std::uint64_t most) { return static_cast<std::uint32_t>(chance.below(most + 1)); };
    pub_sub_options out;
    out.seed = seed;
    out.small_log = chance.one_in(2);
    out.publishers = out.small_log ? 1 : 1 + up_to(2);
    out.subscribers = 1 + up_to(3);
    out.burst_max = 1 + up_to(60);
    out.body_max = 8 + up_to(out.small_log ? 2'000 : 300);
    out.topics = 1 + up_to(9);
    out.faults = {out.publishers, out.subscribers,  chance.one_in(20) ? 0 : 10 + up_to(15),
                  10'000ms,       chance.one_in(4), chance.one_in(4)};
    if (out.small_log) out.faults.sender_restarts = false;  // a gap does not say of which stream it is
    for (ack_retry* side : {&out.publisher, &out.subscriber}) {
        side->heartbeat = std::chrono::milliseconds{chance.between(20, 500)};
        side->lease = side->heartbeat * static_cast<int>(2 + up_to(4)) + 100ms;
    }
    if (out.small_log) out.publisher.log_bytes_max = 65'536;
    out.subscriber.credit_bytes = chance.one_in(2) ? 65'536 : 1u << 20;
    out.subscriber.credit_messages = chance.one_in(2) ? 1 + up_to(100) : 0;
    out.subscriber.pause_after_failures = up_to(5);
    out.subscriber.backoff_min = 5ms;
    out.subscriber.backoff_max = 100ms;
    return out;
}

std::string pub_sub_options::text() const {
    std::ostringstream out;
    out << "seed " << seed << ": " << publishers << " publishers, " << subscribers << " subscribers, " << messages
        << " messages, " << faults.faults << " faults, restarts of publishers " << faults.sender_restarts
        << ", burst_max " << burst_max << ", body_max " << body_max << ", topics " << topics << ", small_log "
        << small_log << ", credit_messages " << subscriber.credit_messages << ", credit_bytes "
        << subscriber.credit_bytes << ", leases " << publisher.lease.count() << " and " << subscriber.lease.count()
        << " ms";
    return out.str();
}

pub_sub_result run_pub_sub(const pub_sub_options& options, std::uint32_t skip) {
    pub_sub_scene scene{options, skip};
    faults trouble{scene, options.faults};
    trouble.plan();
    if (scene.world().run_for(options.faults.time, [&] { return scene.checker().ok(); })) come_to_rest(scene, trouble);
    const pub_sub_checker& checker = scene.checker();
    pub_sub_result out{checker.breach(), options.text(),     {},          scene.world().trace().hash(),
                       checker.messages, checker.deliveries, checker.gaps};
    if (!out.breach.empty()) out.tail = scene.world().trace().tail(options.tail);
    return out;
}

}  // namespace godwit::detail
