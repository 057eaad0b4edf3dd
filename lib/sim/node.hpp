// sim_node: a process in a simulated world: one protocol object of one pattern, its clocks, its chance and its log, and
// what an engine does around them: every call is a turn, and each turn ends with step(). It can be paused, and killed and
// started anew: then all that it had in memory is gone. Threads: one.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/delivery_protocol.hpp"
#include "sim/network.hpp"

namespace godwit::detail {

struct sim_node_parts {
    pattern own{};
    std::unique_ptr<delivery_protocol> protocol;
    std::shared_ptr<record_log> log;  // null: a memory log
    std::vector<std::shared_ptr<layer>> layers = {};
    std::size_t message_bytes_max = 16u << 20;
    subscription from = {};  // a sub's
};

class GODWIT_EXPORT sim_node final : network_user, link_port {
public:
    sim_node(sim_schedule& schedule, sim_network& network, sim_trace& trace, sim_random random);
    ~sim_node() override;

    node_number number() const noexcept { return number_; }
    // Opens a protocol here; the node was new or dead.
    status start(sim_node_parts&& parts);
    void kill(bool quietly);  // see sim_network::node_died
    bool alive() const noexcept { return protocol_ != nullptr; }
    void pause() noexcept { paused_ = true; }
    void resume();
    bool paused() const noexcept { return paused_; }
    sim_clock& clock() noexcept { return clock_; }
    record_log& log() noexcept { return *log_; }

    peer_number dial(node_number to);  // at each start anew
    // The application's turn: what it calls there is done in one piece.
    template <class F>
    void turn(F&& calls) {
        if (!hears()) return;
        calls(*protocol_);
        finish_turn();
    }
    // Of counters and the like, outside of a turn. Alive only.
    const delivery_protocol& protocol() const noexcept { return *protocol_; }

    // Called after each turn with what is possible now: the application looks what there is for it.
    std::function<void(delivery_protocol::possible)> on_turn;
    std::function<void(event_kind, peer_number, std::string_view)> on_report;

private:
    class home;  // settles what the application of one incarnation has in hand

    // network_user
    bool hears() const override { return protocol_ != nullptr && !paused_; }
    bool lives() const override { return protocol_ != nullptr; }
    void took(peer_number from, message&& frames) override;
    void lost(peer_number which) override;
    void links_changed() override;
    void may_write() override;
    // link_port
    sent send(peer_number to, bytes envelope, const message* body) override;
    void end(peer_number which) override;
    std::string_view key_of(peer_number) const override { return {}; }
    void report(event_kind what, peer_number which, std::string_view detail) override;
    void ring() noexcept override;

    void finish_turn();
    void wake_at(steady_time when);

    sim_schedule& schedule_;
    sim_network& network_;
    sim_trace& trace_;
    sim_random random_, incarnation_random_;
    sim_clock clock_;
    node_number number_;
    std::shared_ptr<record_log> log_;
    std::vector<std::shared_ptr<layer>> layers_;
    std::unique_ptr<delivery_protocol> protocol_;
    std::shared_ptr<home> home_;
    steady_time wake_ = steady_time::max();
    bool paused_ = false, rung_ = false, in_hook_ = false;
};

}  // namespace godwit::detail
