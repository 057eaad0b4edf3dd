// Protocols of whole sockets, and what lies between them: transports as queues, a clock that is moved by hand, seeded
// chance. Nothing runs but what settle() and run_for() run.
#pragma once
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ack_retry/link_pair.hpp"
#include "ack_retry/protocol_base.hpp"
#include "base/memory_log.hpp"

namespace protocol_world_of_tests {

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;
using link_pair::in_flight;
using link_pair::manual_time;
using link_pair::seeded;

class node;

// Between two nodes; end 0 dials.
struct wire {
    std::array<node*, 2> ends{};
    std::array<peer_number, 2> names{};  // each end's number for the other
    std::array<std::deque<in_flight>, 2> to{};
    std::array<bool, 2> tell_lost{}, was_busy{}, stopped{};  // stopped: nothing is taken from the queue to that end
    bool up = true;
    std::size_t room = 1000;

    std::size_t end_of(const node* one) const { return ends[0] == one ? 0 : 1; }
};

class net {
public:
    manual_time time;
    std::vector<std::shared_ptr<wire>> wires;
    std::vector<node*> nodes;

    std::shared_ptr<wire> connect(node& dialler, node& bound, std::size_t room = 1000);
    void cut(wire& which);
    void settle(int rounds = 100'000);
    void run_for(std::chrono::milliseconds span);

private:
    bool deliver_one(wire& on);
    bool step_all();
};

class node final : public link_port {
public:
    node(net& of, pattern own, std::uint64_t seed, ack_retry options = {}, start from = start::next)
        : of_{of}, chance_{seed}, own_{own}, options_{std::move(options)}, from_{from} {
        of.nodes.push_back(this);
        begin();
    }
    ~node() override { std::erase(of_.nodes, this); }
    node(const node&) = delete;

    // A new incarnation, with a log of its own.
    void begin() {
        protocol.reset();
        home_ = std::make_shared<home>();
        home_->of = this;
        log = make_memory_log({.bytes_max = options_.log_bytes_max});
        protocol = own_ == pattern::pub ? make_pub(options_) : make_sub(options_);
        protocol->open({own_, of_.time, chance_, *this, *log, layers, home_, 16u << 20, {.from = from_}}).value();
        due = of_.time.now();
    }

    offset publish(std::string_view topic, std::string_view body, std::vector<header> headers = {}) {
        offset given = 0;
        status why;
        if (protocol->send({.topic = topic, .headers = headers, .body = as_bytes(body)}, given, why) != tried::done)
            throw why.error();
        return given;
    }
    // What can be had now, as "body" or "gap first..last"; acked, unless it is kept.
    std::vector<std::string> take(std::size_t at_most = SIZE_MAX, std::vector<delivery>* keep = nullptr) {
        std::vector<std::string> taken;
        while (taken.size() < at_most) {
            delivery out;
            status why;
            const tried what = protocol->recv(out, why);
            if (what == tried::would_block) break;
            if (what == tried::failed) {
                taken.push_back("gap " + std::string{why.error().value()});
                continue;
            }
            taken.emplace_back(out.text());
            keep != nullptr ? keep->push_back(std::move(out)) : out.ack();
        }
        return taken;
    }

    std::unique_ptr<record_log> log;
    std::unique_ptr<delivery_protocol> protocol;
    std::vector<layer*> layers;
    std::vector<std::string> reports;
    steady_time due{};
    bool stopped = false, rung = false;
    std::size_t batches_sent = 0;  // frames with a body
    peer_number last_peer = 0;

    sent send(peer_number to, bytes envelope, const message* body) override {
        wire* const on = find(to);
        if (on == nullptr || !on->up) return sent::gone;
        const std::size_t own = on->end_of(this);
        auto& queue = on->to[1 - own];
        if (queue.size() >= on->room) {
            on->was_busy[own] = true;
            return sent::busy;
        }
        batches_sent += body != nullptr ? 1 : 0;
        queue.push_back({{envelope.begin(), envelope.end()}, body == nullptr ? std::nullopt : std::optional{*body}});
        return sent::done;
    }
    void end(peer_number which) override {
        wire* const on = find(which);
        if (on == nullptr) return;
        if (on->up) on->tell_lost[1 - on->end_of(this)] = true;
        for (auto& queue : on->to) queue.clear();
        if (on->end_of(this) != 0) on->up = false;  // who dialled it dials again
    }
    std::string_view key_of(peer_number) const override { return {}; }
    void report(event_kind what, peer_number, std::string_view detail) override {
        reports.push_back(std::string{name(what)} + ": " + std::string{detail});
    }
    void ring() noexcept override { rung = true; }

private:
    struct home final : settler {
        void settle(const settlement& what) noexcept override { of->protocol->settle(what); }
        node* of = nullptr;
    };
    wire* find(peer_number which) const {
        for (const auto& one : of_.wires) {
            if ((one->ends[0] == this && one->names[0] == which) || (one->ends[1] == this && one->names[1] == which))
                return one.get();
        }
        return nullptr;
    }
    net& of_;
    seeded chance_;
    pattern own_;
    ack_retry options_;
    start from_;
    std::shared_ptr<home> home_;
};

inline std::shared_ptr<wire> net::connect(node& dialler, node& bound, std::size_t room) {
    auto made = std::make_shared<wire>();
    made->ends = {&dialler, &bound};
    made->names = {++dialler.last_peer, ++bound.last_peer};
    made->room = room;
    wires.push_back(made);
    dialler.protocol->dials(made->names[0]);
    return made;
}

// Both ends are told; what was under way is lost. The dialler dials no more by it.
inline void net::cut(wire& which) {
    which.up = false;
    which.tell_lost = {true, true};
}

inline bool net::deliver_one(wire& on) {
    bool moved = false;
    for (std::size_t end = 0; end < 2; ++end) {
        node& who = *on.ends[end];
        auto& queue = on.to[end];
        if (!on.up) queue.clear();
        if (!queue.empty() && !who.stopped && !on.stopped[end]) {
            const auto what = std::move(queue.front());
            queue.pop_front();
            std::vector<bytes> frames{what.envelope};
            if (what.body) frames.push_back(what.body->body());
            who.protocol->took(on.names[end], message::from_frames(frames).value());
            moved = true;
        }
        node& writer = *on.ends[1 - end];
        if (queue.size() < on.room && !writer.stopped && std::exchange(on.was_busy[1 - end], false)) {
            writer.protocol->may_write();
            moved = true;
        }
        if (std::exchange(on.tell_lost[end], false)) {
            who.protocol->lost(on.names[end]);
            moved = true;
        }
    }
    return moved;
}

inline bool net::step_all() {
    bool moved = false;
    for (node* const one : nodes) {
        if (one->stopped || (!one->rung && one->due > time.now())) continue;
        moved |= std::exchange(one->rung, false);
        const auto before = one->due;
        one->due = one->protocol->step();
        moved |= one->due != before;
    }
    return moved;
}

inline void net::settle(int rounds) {
    bool moved = true;
    while (moved && rounds-- > 0) {
        moved = false;
        for (std::size_t i = 0; i < wires.size(); ++i) moved |= deliver_one(*wires[i]);
        moved |= step_all();
    }
}

inline void net::run_for(std::chrono::milliseconds span) {
    const auto end = time.now() + span;
    settle();
    while (time.now() < end) {
        auto next = end;
        for (node* const one : nodes) {
            if (!one->stopped) next = std::min(next, std::max(one->due, time.now() + 1ms));
        }
        time.advance(next - time.now());
        settle();
    }
}

}  // namespace protocol_world_of_tests
