#include "sim/node.hpp"

#include <utility>

#include "base/memory_log.hpp"

namespace godwit::detail {

class sim_node::home final : public settler {
public:
    explicit home(sim_node& node) : node_{&node} {}
    void leave() noexcept { node_ = nullptr; }
    void settle(const settlement& what) noexcept override {
        if (node_ == nullptr) {  // its protocol is gone: only the memory is to be given back
            if (what.what != verdict::extend && --what.batch->unsettled == 0) release(what.batch);
            return;
        }
        node_->trace_.add(node_->schedule_.now(), "settle", node_->number_, what.at,
                          static_cast<std::uint64_t>(what.what));
        node_->protocol_->settle(what);
        node_->ring();  // its turn ends later: many settlements in one
    }

private:
    sim_node* node_;
};

sim_node::sim_node(sim_schedule& schedule, sim_network& network, sim_trace& trace, sim_random random)
    : schedule_{schedule},
      network_{network},
      trace_{trace},
      random_{random},
      incarnation_random_{0},
      clock_{schedule},
      number_{network.add(*this)} {}

sim_node::~sim_node() {
    if (home_) home_->leave();
}

status sim_node::start(sim_node_parts&& parts) {
    trace_.add(schedule_.now(), "start", number_, static_cast<std::uint64_t>(parts.own));
    incarnation_random_ = random_.fork();
    log_ = parts.log ? std::move(parts.log) : std::shared_ptr<record_log>{make_memory_log()};
    layers_ = std::move(parts.layers);
    protocol_ = std::move(parts.protocol);
    home_ = std::make_shared<home>(*this);
    paused_ = false;
    wake_ = steady_time::max();
    log_->on_event([this] { ring(); });
    std::vector<layer*> layers;
    for (const auto& each : layers_) layers.push_back(each.get());
    status opened = protocol_->open({parts.own, clock_, incarnation_random_, *this, *log_, std::move(layers), home_,
                                     parts.message_bytes_max, parts.from});
    if (!opened) {
        home_->leave();
        protocol_.reset();
    } else {
        finish_turn();
    }
    return opened;
}

void sim_node::kill(bool quietly) {
    if (!alive()) return;
    network_.node_died(number_, quietly);
    home_->leave();
    protocol_.reset();
    log_.reset();
    wake_ = steady_time::max();
}

void sim_node::resume() {
    if (!std::exchange(paused_, false)) return;
    trace_.add(schedule_.now(), "resume", number_);
    if (!alive()) return;
    network_.node_hears(number_);
    ring();
}

peer_number sim_node::dial(node_number to) {
    const peer_number peer = network_.dial(number_, to);
    turn([peer](delivery_protocol& own) { own.dials(peer); });
    return peer;
}

void sim_node::took(peer_number from, message&& frames) {
    turn([&](delivery_protocol& own) { own.took(from, std::move(frames)); });
}
void sim_node::lost(peer_number which) {
    turn([which](delivery_protocol& own) { own.lost(which); });
}
void sim_node::links_changed() {
    turn([](delivery_protocol& own) { own.links_changed(); });
}
void sim_node::may_write() {
    turn([](delivery_protocol& own) { own.may_write(); });
}

link_port::sent sim_node::send(peer_number to, bytes envelope, const message* body) {
    return network_.send(number_, to, envelope, body);
}

void sim_node::end(peer_number which) { network_.end(number_, which); }

void sim_node::report(event_kind what, peer_number which, std::string_view detail) {
    trace_.add(schedule_.now(), "report", number_, static_cast<std::uint64_t>(what), which);
    if (on_report) on_report(what, which, detail);
}

void sim_node::ring() noexcept {
    if (std::exchange(rung_, true)) return;
    schedule_.at(schedule_.now(), [this] {
        rung_ = false;
        turn([](delivery_protocol&) {});
    });
}

void sim_node::finish_turn() {
    wake_at(protocol_->step());
    if (!on_turn || std::exchange(in_hook_, true)) return;
    on_turn(protocol_->ready());
    in_hook_ = false;
}

// An earlier wake-up that is not wanted any more does no harm: it is one more step().
void sim_node::wake_at(steady_time when) {
    if (when >= wake_) return;
    wake_ = when;
    if (when == steady_time::max()) return;
    schedule_.at(when, [this, when] {
        if (wake_ != when) return;
        wake_ = steady_time::max();
        turn([](delivery_protocol&) {});
    });
}

}  // namespace godwit::detail
