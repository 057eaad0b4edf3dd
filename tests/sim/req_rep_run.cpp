#include "sim/req_rep_run.hpp"

#include <cstdlib>
#include <map>
#include <sstream>

#include "ack_retry/link_frames.hpp"
#include "base/assembly.hpp"
#include "base/memory_log.hpp"
#include "sim/req_rep_checker.hpp"

namespace godwit::detail {

using namespace std::chrono_literals;

namespace {

// Requesters are the senders of the faults, and dial the servers.
class req_rep_scene final : public fault_scene {
public:
    req_rep_scene(const req_rep_options& options, bool all_idempotent)
        : options_{options}, all_idempotent_{all_idempotent}, world_{options.seed} {
        auto& network = world_.network();
        network.options().queue_survives = world_.random().percent(70);
        network.options().direction.delay_max = world_.random().between(100us, 20ms);
        network.options().direction.frames_max = world_.random().between(2, 16);
        network.options().half_open_max = 10s;
        network.on_send = [this](const seen_frame& frame) { see_sent(frame); };
        for (std::uint32_t each = 0; each != nodes(); ++each) world_.add_node();
        lives_.resize(nodes());
        held_.resize(nodes());
        waiting_.resize(nodes());
        for (std::uint32_t each = 0; each != nodes(); ++each) start(each);
        for (std::uint32_t each = 0; each != options.requesters; ++each) work(each);
    }

    sim_world& world() override { return world_; }
    req_rep_checker& checker() noexcept { return checker_; }
    void behave() noexcept { behave_ = true; }
    std::uint64_t still_to_ask() const noexcept { return options_.requests - asked_; }

    void restart(node_number which, bool quietly, std::chrono::nanoseconds after) override {
        if (!world_.node(which).alive()) return;
        world_.node(which).kill(quietly);
        ++lives_[which];
        held_[which].clear();
        waiting_[which].clear();
        if (is_requester(which)) checker_.gone(which);
        world_.schedule().after(after, [this, which] { start(which); });
    }
    void ask_one(node_number requester) {
        world_.node(requester).turn([&](delivery_protocol& own) { ask(own, requester); });
    }

private:
    struct handler {
        delivery what;
        std::uint64_t number = 0;
    };
    std::uint32_t nodes() const noexcept { return options_.requesters + options_.servers; }
    bool is_requester(node_number which) const noexcept { return which < options_.requesters; }

    // For who reads the event log.
    void see_sent(const seen_frame& frame) {
        const auto read = decode(frame.envelope);
        if (!read) return checker_.fail(std::string{"a frame of ours does not decode: "} + read.error().what());
        const link_content& content = read.value().content;
        auto& log = world_.trace();
        if (const auto* data = std::get_if<data_frame>(&content)) {
            const batch_view batch = batch_view::trusted(frame.body->body());
            log.add(world_.now(), "requests (first last attempt)", batch.first(), batch.last(), data->attempt);
        } else if (std::holds_alternative<reply_frame>(content)) {
            const batch_view batch = batch_view::trusted(frame.body->body());
            log.add(world_.now(), "replies (first last)", batch.first(), batch.last());
        } else if (const auto* greeting = std::get_if<hello>(&content)) {
            log.add(world_.now(), "hello (answers holds next)", greeting->answers, greeting->holds.size(),
                    greeting->next.size());
        } else if (const auto* acks = std::get_if<ack_frame>(&content)) {
            log.add(world_.now(), "acks (received handed ranges)", acks->received, acks->handed, acks->ranges.size());
            for (const auto& each : acks->ranges)
                log.add(world_.now(), "ends (first last how)", each.what.first, each.what.last,
                        static_cast<std::uint64_t>(each.outcome));
        }
    }

    void start(node_number which) {
        const bool asks = is_requester(which);
        assembly parts;
        (asks ? options_.requester : options_.server).install(parts);
        const pattern own = asks ? pattern::req : pattern::rep;
        sim_node& here = world_.node(which);
        here.on_turn = [this, which](delivery_protocol::possible) {
            is_requester(which) ? take_replies(which) : take_requests(which);
        };
        const bool opened =
            here.start({own, assembly_access::parts(parts).make_protocol(static_cast<int>(own)), make_memory_log({})})
                .has_value();
        if (!opened) return checker_.fail("does not open");
        for (std::uint32_t each = 0; asks && each != options_.servers; ++each) here.dial(options_.requesters + each);
    }

    void work(node_number requester) {
        if (still_to_ask() == 0) return;
        const std::uint64_t burst = world_.random().between(1, options_.burst_max);
        world_.node(requester).turn([&](delivery_protocol& own) {
            for (std::uint64_t each = 0; each != burst && still_to_ask() != 0; ++each, ++asked_) ask(own, requester);
        });
        const auto pace = options_.faults.time * options_.requesters * options_.burst_max / options_.requests;
        world_.schedule().after(world_.random().between(0ms, std::chrono::nanoseconds{pace}),
                                [this, requester] { work(requester); });
    }

    void ask(delivery_protocol& own, node_number requester) {
        sim_random& chance = world_.random();
        checked_request request;
        request.requester = requester;
        request.idempotent = chance.percent(options_.idempotent);
        request.limited = !behave_ && chance.percent(options_.limited);
        request_terms terms;
        terms.idempotent = request.idempotent || all_idempotent_;
        if (request.limited) terms.deadline = world_.now() + chance.between(10ms, 3s);
        const std::uint64_t number = checker_.begin(request);
        std::string body = std::to_string(number) + " ";
        body.append(chance.below(options_.body_max), 'x');
        offset given = 0;
        status why;
        if (own.request({.body = as_bytes(body)}, terms, given, why) != tried::done)
            return checker_.fail("a req does not take a request");
        world_.trace().add(world_.now(), "asked", requester, given, number);
        checker_.at(number).asked = true;
        waiting_[requester].emplace(given, number);
        if (!behave_ && chance.percent(options_.given_up)) give_up_later(requester, given);
    }

    void give_up_later(node_number requester, offset given) {
        const auto after = world_.random().between(0ms, 500ms);
        world_.schedule().after(after, [this, requester, given, life = lives_[requester]] {
            if (lives_[requester] != life || waiting_[requester].count(given) == 0) return;
            world_.node(requester).turn([&](delivery_protocol& own) {
                own.give_up(given);
                checker_.at(waiting_[requester].at(given)).orphan = true;
                waiting_[requester].erase(given);
            });
        });
    }

    void take_replies(node_number requester) {
        world_.node(requester).turn([&](delivery_protocol& own) {
            auto& all = waiting_[requester];
            for (auto at = all.begin(); at != all.end();) {
                const auto [given, number] = *at;
                message reply;
                status why;
                const tried came = own.take_reply(given, reply, why);
                if (came == tried::would_block) {
                    ++at;
                    continue;
                }
                at = all.erase(at);
                world_.trace().add(world_.now(), came == tried::done ? "replied" : "ended", requester, given, number);
                if (came == tried::done) {
                    checker_.reply(number, number_in(reply.text()));
                } else {
                    checker_.ends(number, why.error());
                }
            }
        });
    }

    static std::uint64_t number_in(std::string_view text) {
        return std::strtoull(std::string{text.substr(0, text.find(' '))}.c_str(), nullptr, 10);
    }

    void take_requests(node_number server) {
        std::vector<std::shared_ptr<handler>> got;
        world_.node(server).turn([&](delivery_protocol& own) {
            while (held_[server].size() + got.size() < options_.concurrency) {
                auto one = std::make_shared<handler>();
                status why;
                if (own.recv(one->what, why) != tried::done) break;
                one->number = number_in(one->what.text());
                world_.trace().add(world_.now(), "executes", server, one->number, one->what.attempt());
                if (!checker_.has(one->number)) return checker_.fail("a request of nobody's");
                checker_.executes(one->number);
                got.push_back(std::move(one));
            }
        });
        for (auto& each : got) handle(server, std::move(each));
    }

    void handle(node_number server, std::shared_ptr<handler> one) {
        sim_random& chance = world_.random();
        held_[server].push_back(one);
        auto after = chance.one_in(3) ? chance.between(0ms, 50ms) : 0ns;
        std::uint64_t how = 0;  // a reply
        if (!behave_ && chance.percent(options_.misbehaving)) how = 1 + chance.below(5);
        if (how == 4) after = options_.server.handler_max + chance.between(20ms, 2s);  // it hangs, and replies then
        if (how == 5 && !chance.one_in(3)) how = 0;
        world_.schedule().after(after,
                                [this, server, one, how, life = lives_[server]] { finish(server, one, how, life); });
    }

    void finish(node_number server, const std::shared_ptr<handler>& one, std::uint64_t how, std::uint64_t life) {
        if (lives_[server] != life) return;
        if (world_.node(server).paused()) {
            world_.schedule().after(20ms, [=, this] { finish(server, one, how, life); });
            return;
        }
        std::erase(held_[server], one);
        checked_request& asked = checker_.at(one->number);
        switch (how) {
            case 1:  // not done: another attempt
                checker_.not_done(one->number);
                return one->what.nack();
            case 2:
                ++asked.rejected;
                return one->what.reject("no");
            case 3:  // the handler throws
                checker_.not_done(one->number);
                one->what = {};
                return;
            case 5:
                return restart(server, false, 50ms);
            default:
                reply(server, *one);
        }
    }

    void reply(node_number server, handler& one) {
        ++checker_.at(one.number).replied;
        const std::string body = std::to_string(one.number) + " done";
        held_batch* const held = delivery_access::held(one.what);
        world_.node(server).turn([&](delivery_protocol& own) {
            const settlement what{held, one.what.at(), one.what.attempt(), verdict::ack, {}, {}};
            const bool said = own.reply(what, {.body = as_bytes(body)}).has_value();
            if (said)
                delivery_access::take(one.what);  // else whoever asked is gone: it is nacked, which changes nothing
        });
        one.what = {};
    }

    const req_rep_options& options_;
    const bool all_idempotent_;
    sim_world world_;
    req_rep_checker checker_;
    std::vector<std::uint64_t> lives_;
    std::vector<std::vector<std::shared_ptr<handler>>> held_;  // by server
    std::vector<std::map<offset, std::uint64_t>> waiting_;     // by requester: its offsets' numbers
    std::uint64_t asked_ = 0;
    bool behave_ = false;
};

void come_to_rest(req_rep_scene& scene, faults& trouble, std::uint32_t requesters) {
    auto& world = scene.world();
    auto& checker = scene.checker();
    const auto goes_on = [&] { return checker.ok(); };
    scene.behave();
    trouble.heal();
    world.run_for(2s, goes_on);
    for (int round = 0; round != 300 && goes_on() && scene.still_to_ask() != 0; ++round) world.run_for(1s, goes_on);
    for (std::uint32_t each = 0; each != requesters && goes_on(); ++each) scene.ask_one(each);
    for (int round = 0; round != 600 && goes_on() && checker.open() != 0; ++round) world.run_for(1s, goes_on);
    if (goes_on() && checker.open() != 0) {
        checker.fail("stuck: " + std::to_string(checker.open()) + " are open, the first is " + checker.first_open());
    }
    world.run_for(1s, goes_on);
    for (std::uint32_t each = 0; each != requesters && goes_on(); ++each) {
        const delivery_stats now = world.node(each).protocol().stats();
        if (now.unsettled != 0 || now.in_flight != 0)
            checker.fail("in flight at rest: " + std::to_string(now.in_flight) + " of " +
                         std::to_string(now.unsettled));
    }
}

}  // namespace

req_rep_options req_rep_options::expand(std::uint64_t seed) {
    sim_random chance{seed};
    const auto up_to = [&](std::uint64_t most) { return static_cast<std::uint32_t>(chance.below(most + 1)); };
    req_rep_options out;
    out.seed = seed;
    out.requesters = 1 + up_to(2);
    out.servers = 1 + up_to(3);
    out.burst_max = 1 + up_to(chance.one_in(2) ? 3 : 40);
    out.concurrency = 1 + up_to(chance.one_in(2) ? 3 : 30);
    out.body_max = 8 + up_to(300);
    out.idempotent = chance.one_in(2) ? up_to(100) : 0;
    out.limited = chance.one_in(2) ? up_to(60) : 0;
    out.misbehaving = chance.one_in(3) ? 0 : up_to(20);
    out.given_up = chance.one_in(3) ? up_to(20) : 0;
    out.faults = {out.requesters, out.servers,      chance.one_in(20) ? 0 : 10 + up_to(15),
                  10'000ms,       chance.one_in(4), chance.one_in(4)};
    for (ack_retry* side : {&out.requester, &out.server}) {
        side->heartbeat = std::chrono::milliseconds{chance.between(20, 500)};
        side->lease = side->heartbeat * static_cast<int>(2 + up_to(4)) + 100ms;
        side->backoff_min = std::chrono::milliseconds{chance.between(1, 20)};
        side->backoff_max = std::chrono::milliseconds{chance.between(20, 500)};
    }
    out.requester.attempts_max = chance.one_in(4) ? 1 + up_to(3) : 4 + up_to(30);
    out.server.credit_messages = chance.one_in(2) ? 1 + up_to(100) : 0;
    out.server.credit_bytes = chance.one_in(2) ? 65'536 : 1u << 20;
    out.server.handler_max = std::chrono::milliseconds{chance.between(100, 2'000)};
    out.server.pause_after_failures = up_to(5);
    return out;
}

std::string req_rep_options::text() const {
    std::ostringstream out;
    out << "seed " << seed << ": " << requesters << " requesters, " << servers << " servers, " << requests
        << " requests, " << faults.faults << " faults, restarts of requesters " << faults.sender_restarts
        << ", burst_max " << burst_max << ", concurrency " << concurrency << ", idempotent " << idempotent
        << "%, limited " << limited << "%, misbehaving " << misbehaving << "%, given up " << given_up
        << "%, attempts_max " << requester.attempts_max << ", credit_messages " << server.credit_messages
        << ", handler_max " << server.handler_max.count() << " ms, leases " << requester.lease.count() << " and "
        << server.lease.count() << " ms";
    return out.str();
}

req_rep_result run_req_rep(const req_rep_options& options, bool all_idempotent) {
    req_rep_scene scene{options, all_idempotent};
    faults trouble{scene, options.faults};
    trouble.plan();
    const bool well = scene.world().run_for(options.faults.time, [&] { return scene.checker().ok(); });
    if (well) come_to_rest(scene, trouble, options.requesters);
    const req_rep_checker& checker = scene.checker();
    req_rep_result out;
    out.breach = checker.breach();
    out.options = options.text();
    out.hash = scene.world().trace().hash();
    out.requests = options.requests;
    out.executions = checker.executions;
    out.replies = checker.replies;
    out.unknown = checker.unknown;
    out.expired = checker.expired;
    out.refused = checker.refused;
    if (!out.breach.empty()) out.tail = scene.world().trace().tail(options.tail);
    return out;
}

}  // namespace godwit::detail
