// Peers, and what lies between them: transports as queues, a clock that is moved by hand, seeded chance. Nothing runs but
// what settle() and run_for() run.
#pragma once
#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ack_retry/link_frames.hpp"
#include "base/link_port.hpp"
#include "base/ports.hpp"

namespace peer_net {

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;

class manual_time final : public time_source {
public:
    steady_time now() noexcept override { return now_; }
    wall_time wall() noexcept override { return wall_time{std::chrono::hours{500'000}}; }
    void advance(std::chrono::nanoseconds by) { now_ += std::chrono::duration_cast<steady_time::duration>(by); }

private:
    steady_time now_{std::chrono::hours{1}};
};

class seeded final : public random_source {
public:
    explicit seeded(std::uint64_t seed) : engine_{seed} {}
    std::uint64_t draw() noexcept override { return engine_(); }

private:
    std::mt19937_64 engine_;
};

struct in_flight {
    std::vector<std::byte> envelope;
    std::optional<message> body;

    link_frame frame() const { return decode(envelope).value(); }
    message whole() const {
        std::vector<bytes> frames{envelope};
        if (body) frames.push_back(body->body());
        return message::from_frames(frames).value();
    }
};

class station;

// Between two stations; end 0 dials.
struct transport {
    std::array<station*, 2> ends{};
    std::array<peer_number, 2> names{};  // each end's number for the other
    std::array<std::deque<in_flight>, 2> to{};
    std::array<bool, 2> tell_lost{}, was_busy{}, stopped{};  // stopped: nothing is taken from the queue to that end
    bool up = true;
    std::size_t room = 1000;
    std::function<bool(int end, const in_flight& what)> passes;  // towards that end; unset: everything

    std::size_t end_of(const station* one) const { return ends[0] == one ? 0 : 1; }
};

class world {
public:
    manual_time time;
    std::vector<std::shared_ptr<transport>> transports;
    std::vector<station*> stations;

    std::shared_ptr<transport> connect(station& dialler, station& bound, std::size_t room = 1000);
    void cut(transport& which);                    // both ends are told; what was under way is lost
    void settle(int rounds = 100'000);             // delivers, and steps, until nothing moves
    void run_for(std::chrono::milliseconds span);  // with everybody's timers

private:
    static bool deliver_one(transport& on);
    bool step_all();
};

// What stands at the end of transports: the port of a protocol, or of a part of one, which a test puts behind it.
class station : public link_port {
public:
    explicit station(world& of) : of_{of}, due{of.time.now()} { of.stations.push_back(this); }
    ~station() override { leave(); }
    station(const station&) = delete;
    station& operator=(const station&) = delete;

    virtual void dials(peer_number which) = 0;
    virtual void took(peer_number from, message&& frames) = 0;
    virtual void may_write() = 0;
    virtual void lost(peer_number which) = 0;
    virtual steady_time step() = 0;

    transport* find(peer_number which) const {
        for (const auto& one : of_.transports) {
            for (std::size_t end = 0; end < 2; ++end) {
                if (one->ends[end] == this && one->names[end] == which) return one.get();
            }
        }
        return nullptr;
    }
    bool reported(std::string_view what) const {
        return std::any_of(reports.begin(), reports.end(),
                           [&](const auto& one) { return one.find(what) != std::string::npos; });
    }

    sent send(peer_number to, bytes envelope, const message* body) override {
        transport* const on = find(to);
        if (on == nullptr || !on->up) return sent::gone;
        const std::size_t own = on->end_of(this);
        auto& queue = on->to[1 - own];
        if (queue.size() >= on->room) {
            on->was_busy[own] = true;
            return sent::busy;
        }
        batches_sent += body != nullptr ? 1 : 0;
        in_flight what{{envelope.begin(), envelope.end()}, body == nullptr ? std::nullopt : std::optional{*body}};
        if (!on->passes || on->passes(static_cast<int>(1 - own), what)) queue.push_back(std::move(what));
        return sent::done;
    }
    void end(peer_number which) override {
        transport* const on = find(which);
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

protected:
    void leave() { std::erase(of_.stations, this); }

    world& of_;

public:
    std::vector<std::string> reports;  // "mismatch: words"
    steady_time due;
    bool stopped = false, rung = false;
    std::size_t batches_sent = 0;  // frames with a body
    peer_number last_peer = 0;
};

inline std::shared_ptr<transport> world::connect(station& dialler, station& bound, std::size_t room) {
    auto made = std::make_shared<transport>();
    made->ends = {&dialler, &bound};
    made->names = {++dialler.last_peer, ++bound.last_peer};
    made->room = room;
    transports.push_back(made);
    dialler.dials(made->names[0]);
    return made;
}

inline void world::cut(transport& which) {
    which.up = false;
    which.tell_lost = {true, true};
}

inline bool world::deliver_one(transport& on) {
    bool moved = false;
    for (std::size_t end = 0; end < 2; ++end) {
        station& who = *on.ends[end];
        auto& queue = on.to[end];
        if (!on.up) queue.clear();
        if (who.stopped) continue;
        if (!queue.empty() && !on.stopped[end]) {
            const auto what = std::move(queue.front());
            queue.pop_front();
            who.took(on.names[end], what.whole());
            who.rung = moved = true;  // an engine steps after what came
        }
        station& writer = *on.ends[1 - end];
        if (queue.size() < on.room && !writer.stopped && std::exchange(on.was_busy[1 - end], false)) {
            writer.may_write();
            moved = true;
        }
        if (std::exchange(on.tell_lost[end], false)) {
            who.lost(on.names[end]);
            who.rung = moved = true;
        }
    }
    return moved;
}

inline bool world::step_all() {
    bool moved = false;
    for (station* const one : stations) {
        if (one->stopped || (!one->rung && one->due > time.now())) continue;
        moved |= std::exchange(one->rung, false);
        const auto before = one->due;
        one->due = one->step();
        moved |= one->due != before;
    }
    return moved;
}

inline void world::settle(int rounds) {
    bool moved = true;
    while (moved && rounds-- > 0) {
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
        for (const station* const one : stations) {
            if (!one->stopped) next = std::min(next, std::max(one->due, time.now() + 1ms));
        }
        time.advance(next - time.now());
        settle();
    }
}

}  // namespace peer_net
