// Requesters and servers, whole protocols, and what lies between them: transports as queues, a clock that is moved by hand,
// seeded chance. Nothing runs but what settle() and run_for() run.
#pragma once
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ack_retry/link_pair.hpp"
#include "ack_retry/protocol_base.hpp"
#include "base/memory_log.hpp"

namespace req_rep {

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;
using link_pair::manual_time;
using link_pair::seeded;

struct in_flight {
    std::vector<std::byte> envelope;
    std::optional<message> body;

    link_frame frame() const { return decode(envelope).value(); }
};

class node;

// Between two nodes; end 0 dials.
struct transport {
    std::array<node*, 2> ends{};
    std::array<peer_number, 2> names{};
    std::array<std::deque<in_flight>, 2> to{};
    std::array<bool, 2> tell_lost{}, was_busy{};
    bool up = true;
    std::size_t room = 1000;
    std::function<bool(int end, const in_flight& what)> passes;  // towards that end; unset: everything
};

class world {
public:
    manual_time time;
    std::vector<std::shared_ptr<transport>> transports;
    std::vector<node*> nodes;

    std::shared_ptr<transport> connect(node& dialler, node& bound);
    void cut(transport& which) {  // both ends are told; what was under way is lost
        which.up = false;
        which.tell_lost = {true, true};
    }
    void settle();
    void run_for(std::chrono::milliseconds span);

private:
    bool deliver_one(transport& on);
    bool step_all();
};

class node final : public link_port {
public:
    node(world& of, pattern own, std::uint64_t seed, const ack_retry& options = {})
        : of_{of}, chance_{seed}, log_{make_memory_log()}, home_{std::make_shared<forwarder>()} {
        of.nodes.push_back(this);
        protocol = own == pattern::req ? make_req(options) : make_rep(options);
        home_->to = protocol.get();
        const status opened = protocol->open({own, of.time, chance_, *this, *log_, {}, home_, 16u << 20});
        if (!opened) throw opened.error();
        due = of.time.now();
    }
    ~node() override { die(); }
    node(const node&) = delete;

    // As a process that is killed: it says nothing.
    void die() {
        if (protocol == nullptr) return;
        held.clear();
        home_->to = nullptr;
        protocol.reset();
        std::erase(of_.nodes, this);
        for (const auto& one : of_.transports) {
            if (one->up && (one->ends[0] == this || one->ends[1] == this)) of_.cut(*one);
        }
    }

    // A requester's.
    offset ask(std::string_view body, const request_terms& terms = {}) {
        offset given = 0;
        status why;
        return protocol->request({.body = as_bytes(body)}, terms, given, why) == tried::done ? given : 0;
    }
    offset ask_within(std::string_view body, std::chrono::milliseconds limit, bool idempotent = false) {
        return ask(body, {.deadline = of_.time.now() + limit, .idempotent = idempotent});
    }
    // "", while there is none; the reply's text; or "code: value".
    std::string reply_to(offset asked) {
        message reply;
        status why;
        switch (protocol->take_reply(asked, reply, why)) {
            case tried::done:
                return std::string{reply.text()};
            case tried::failed:
                return std::string{name(why.error().code())} + ": " + std::string{why.error().value()};
            case tried::would_block:
                break;
        }
        return "";
    }

    // A server's: takes one into hand, if need be once the requester has heard of it. Its text, or "".
    std::string take() {
        if (auto text = take_now(); !text.empty()) return text;
        of_.settle();
        return take_now();
    }
    std::string take_now() {
        delivery out;
        status why;
        if (protocol->recv(out, why) != tried::done) return "";
        held.push_back(std::move(out));
        return std::string{held.back().text()};
    }
    status reply(std::string_view body, std::size_t which = 0) {
        delivery& asked = held.at(which);
        held_batch* const batch = delivery_access::held(asked);
        if (batch == nullptr) return error{errc::invalid_argument};
        const status replied =
            protocol->reply({batch, asked.at(), asked.attempt(), verdict::ack}, {.body = as_bytes(body)});
        if (replied) delivery_access::take(asked);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
        return replied;
    }
    void drop(std::size_t which = 0) { held.erase(held.begin() + static_cast<std::ptrdiff_t>(which)); }
    // Everything there is, by "TEXT!".
    int serve() {
        int served = 0;
        for (std::string text; !(text = take()).empty(); ++served) reply(text + "!", held.size() - 1).value();
        return served;
    }
    delivery_stats stats() const { return protocol->stats(); }

    sent send(peer_number to, bytes envelope, const message* body) override {
        for (const auto& on : of_.transports) {
            for (std::size_t end = 0; end < 2; ++end) {
                if (on->ends[end] == this && on->names[end] == to) return send(*on, end, envelope, body);
            }
        }
        return sent::gone;
    }
    void end(peer_number which) override {
        for (const auto& on : of_.transports) {
            for (std::size_t end = 0; end < 2; ++end) {
                if (on->ends[end] != this || on->names[end] != which) continue;
                if (on->up) on->tell_lost[1 - end] = true;
                for (auto& queue : on->to) queue.clear();
                if (end != 0) on->up = false;  // who dialled it dials again
            }
        }
    }
    std::string_view key_of(peer_number) const override { return {}; }
    void report(event_kind what, peer_number, std::string_view detail) override {
        reports.push_back(std::string{name(what)} + ": " + std::string{detail});
    }
    void ring() noexcept override { rung = true; }

    std::unique_ptr<delivery_protocol> protocol;
    std::vector<delivery> held;
    std::vector<std::string> reports;
    steady_time due{};
    bool rung = false, stopped = false;
    peer_number last_peer = 0;

private:
    struct forwarder final : settler {
        delivery_protocol* to = nullptr;
        void settle(const settlement& what) noexcept override {
            if (to != nullptr) return to->settle(what);
            if (what.what != verdict::extend && --what.batch->unsettled == 0) release(what.batch);
        }
    };
    static sent send(transport& on, std::size_t own, bytes envelope, const message* body) {
        if (!on.up) return sent::gone;
        auto& queue = on.to[1 - own];
        if (queue.size() >= on.room) {
            on.was_busy[own] = true;
            return sent::busy;
        }
        in_flight what{{envelope.begin(), envelope.end()}, body == nullptr ? std::nullopt : std::optional{*body}};
        if (!on.passes || on.passes(static_cast<int>(1 - own), what)) queue.push_back(std::move(what));
        return sent::done;
    }

    world& of_;
    seeded chance_;
    std::unique_ptr<record_log> log_;
    std::shared_ptr<forwarder> home_;
};

inline std::shared_ptr<transport> world::connect(node& dialler, node& bound) {
    auto made = std::make_shared<transport>();
    made->ends = {&dialler, &bound};
    made->names = {++dialler.last_peer, ++bound.last_peer};
    transports.push_back(made);
    dialler.protocol->dials(made->names[0]);
    settle();
    return made;
}

inline bool world::deliver_one(transport& on) {
    bool moved = false;
    for (std::size_t end = 0; end < 2; ++end) {
        node& who = *on.ends[end];
        auto& queue = on.to[end];
        if (!on.up) queue.clear();
        if (who.protocol == nullptr || who.stopped) continue;
        if (!queue.empty()) {
            const auto what = std::move(queue.front());
            queue.pop_front();
            std::vector<bytes> frames{what.envelope};
            if (what.body) frames.push_back(what.body->body());
            who.protocol->took(on.names[end], message::from_frames(frames).value());
            who.rung = moved = true;  // an engine steps after what came
        }
        node& writer = *on.ends[1 - end];
        if (queue.size() < on.room && writer.protocol != nullptr && std::exchange(on.was_busy[1 - end], false)) {
            writer.protocol->may_write();
            moved = true;
        }
        if (std::exchange(on.tell_lost[end], false)) {
            who.protocol->lost(on.names[end]);
            who.rung = moved = true;
        }
    }
    return moved;
}

inline bool world::step_all() {
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

inline void world::settle() {
    bool moved = true;
    for (int rounds = 0; moved && rounds < 10'000; ++rounds) {
        moved = false;
        for (std::size_t i = 0; i < transports.size(); ++i) moved |= deliver_one(*transports[i]);
        moved |= step_all();
    }
}

inline void world::run_for(std::chrono::milliseconds span) {
    const auto end = time.now() + span;
    settle();
    while (time.now() < end) {
        auto next = end;
        for (const node* const one : nodes) {
            if (!one->stopped) next = std::min(next, std::max(one->due, time.now() + 1ms));
        }
        time.advance(next - time.now());
        settle();
    }
}

}  // namespace req_rep
