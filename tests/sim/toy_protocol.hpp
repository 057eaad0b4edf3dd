// toy_protocol: says what it is told to, and writes down what comes; to show what the world itself does.
#pragma once
#include <string>
#include <vector>

#include "base/delivery_protocol.hpp"
#include "sim/world.hpp"

namespace godwit::detail {

class toy_protocol final : public delivery_protocol {
public:
    status open(protocol_world&& world) override {
        world_.emplace(std::move(world));
        return {};
    }
    void dials(peer_number to) override { dialled.push_back(to); }
    void dials_no_more(peer_number) override {}
    void took(peer_number from, message&& frames) override {
        came.push_back(std::string{as_text(frames.frame(0))});
        from_whom.push_back(from);
        if (answers) (void)world_->port.send(from, as_bytes("re:" + came.back()), nullptr);
    }
    void lost(peer_number which) override { lost_peers.push_back(which); }
    void links_changed() override { ++changes; }
    void may_write() override { ++rooms; }
    steady_time step() override {
        const steady_time now = world_->time.now();
        steps.push_back(now);
        if (every.count() == 0) return steady_time::max();
        if (now >= next_) {
            next_ = now + every;
            if (!dialled.empty() && say(dialled.front(), std::to_string(said)) == link_port::sent::done) ++said;
        }
        return next_;
    }
    link_port::sent say(peer_number to, const std::string& what) {
        return world_->port.send(to, as_bytes(what), nullptr);
    }

    tried send(const record_parts&, offset&, status&) override { return tried::failed; }
    tried recv(delivery&, status&) override { return tried::would_block; }
    void settle(const settlement&) noexcept override {}
    tried request(const record_parts&, const request_terms&, offset&, status&) override { return tried::failed; }
    tried take_reply(offset, message&, status&) override { return tried::failed; }
    void give_up(offset) noexcept override {}
    status reply(const settlement&, const record_parts&) override { return errc::unsupported; }
    status subscribe(std::string_view) override { return errc::unsupported; }
    status unsubscribe(std::string_view) override { return errc::unsupported; }
    std::size_t subscribers(std::string_view) const override { return 0; }
    possible ready() override { return {}; }
    std::optional<outcome> outcome_of(offset, stage) const override { return {}; }
    std::uint64_t settled_below() const override { return 0; }
    tried dead_letters(offset, std::size_t, std::vector<dead_letter>&) const override { return tried::done; }
    tried requeue(offset, status& why) override { return why = errc::not_found, tried::failed; }
    status discard(offset) override { return errc::not_found; }
    std::vector<settled_record> take_settled(std::size_t) override { return {}; }
    delivery_stats stats() const override { return {}; }
    void drain() override {}
    bool drained() const override { return true; }
    std::uint64_t unsettled() const override { return 0; }
    void say_goodbye() override {}

    std::chrono::nanoseconds every{};  // how often it says the next number to the first that it dials
    bool answers = false;
    std::uint64_t said = 0;
    std::vector<peer_number> dialled, lost_peers, from_whom;
    std::vector<std::string> came;
    std::vector<steady_time> steps;
    int changes = 0, rooms = 0;

private:
    std::optional<protocol_world> world_;
    steady_time next_{};
};

struct toy {
    sim_node* node;
    toy_protocol* own;
    node_number number() const { return node->number(); }
};

inline toy start_toy(sim_node& node, std::chrono::nanoseconds every = {}, bool answers = false) {
    auto made = std::make_unique<toy_protocol>();
    made->every = every;
    made->answers = answers;
    toy_protocol* const own = made.get();
    node.start({pattern::push, std::move(made), nullptr}).value();
    return {&node, own};
}

inline toy add_toy(sim_world& world, std::chrono::nanoseconds every = {}, bool answers = false) {
    return start_toy(world.add_node(), every, answers);
}

}  // namespace godwit::detail
