// Two link_sets (or more) and what lies between them: transports as queues, a clock that is moved by hand, seeded chance.
// Nothing runs but what settle() and run_for() run.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ack_retry/link_session.hpp"
#include "base/batch_builder.hpp"

namespace link_pair {

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

inline batch_ref batch_of(offset first, std::size_t records = 1, std::size_t body_bytes = 20) {
    batch_builder builder{stream_id{11, 12}};
    const std::string body(body_bytes, 'x');
    for (std::size_t i = 0; i < records; ++i) builder.add(first + i, {.body = as_bytes(body)}, 1u << 30);
    return builder.seal({});
}

struct in_flight {
    std::vector<std::byte> envelope;
    std::optional<message> body;
};

class side;

// Between two sides; end 0 dials.
struct transport {
    std::array<side*, 2> ends{};
    std::array<peer_number, 2> names{};  // each end's number for the other
    std::array<std::deque<in_flight>, 2> to{};
    std::array<bool, 2> tell_lost{}, was_busy{};
    bool up = true;
    std::size_t room = 1000;
    std::function<bool(int end, const in_flight& what)> passes;  // towards that end; unset: everything

    int end_of(const side* one) const { return ends[0] == one ? 0 : 1; }
};

class world {
public:
    manual_time time;
    std::vector<std::shared_ptr<transport>> transports;
    std::vector<side*> sides;

    std::shared_ptr<transport> connect(side& dialler, side& bound);
    void cut(transport& which);
    void settle(int rounds = 10'000);              // delivers, and steps, until nothing moves
    void run_for(std::chrono::milliseconds span);  // with everybody's timers

private:
    bool deliver_one(transport& on);
    bool step_all();
};

class side final : public link_port, public link_user {
public:
    side(world& of, pattern own, std::uint64_t seed, link_options options = {}) : of_{of}, chance_{seed}, own_{own} {
        of.sides.push_back(this);
        start(options);
    }
    ~side() override { std::erase(of_.sides, this); }
    side(const side&) = delete;

    // A new incarnation.
    void start(const link_options& options) {
        links = std::make_unique<link_set>(own_, options, of_.time, chance_, *this, *this);
        due = of_.time.now();
    }

    // What was told, in order: "joined 1", "joined 2 for 1", "left 1 lost", "floor 1 17", "drains 1", "room"…
    std::vector<std::string> told;
    std::vector<std::string> reports;  // "mismatch: words"
    std::vector<std::pair<link_number, data_frame>> batches;
    std::vector<batch_ref> kept;
    std::vector<reply_frame> replies;
    std::vector<ack_frame> acks;
    std::vector<filter_frame> filters;
    std::vector<hello> met;
    std::vector<std::vector<attempted_range>> claims;  // with each joined()
    std::vector<peer_number> ended;                    // by us
    std::map<peer_number, std::string> keys;
    std::function<void(hello&)> on_greet;
    std::function<status(const hello&)> on_meet;
    std::function<void(link_number)> on_joined, on_left;
    std::unique_ptr<link_set> links;
    steady_time due{};
    bool stopped = false, rung = false;
    link_number joined_last = 0;
    peer_number last_peer = 0;

    transport* find(peer_number which) const {
        for (const auto& one : of_.transports) {
            if ((one->ends[0] == this && one->names[0] == which) || (one->ends[1] == this && one->names[1] == which)) {
                return one.get();
            }
        }
        return nullptr;
    }
    bool saw(const std::string& what) const { return std::find(told.begin(), told.end(), what) != told.end(); }
    bool reported(std::string_view what) const {
        return std::any_of(reports.begin(), reports.end(),
                           [&](const auto& one) { return one.find(what) != std::string::npos; });
    }

    sent send(peer_number to, bytes envelope, const message* body) override {
        transport* const on = find(to);
        if (on == nullptr || !on->up) return sent::gone;
        const int end = 1 - on->end_of(this);
        auto& queue = on->to[static_cast<std::size_t>(end)];
        if (queue.size() >= on->room) {
            on->was_busy[static_cast<std::size_t>(1 - end)] = true;
            return sent::busy;
        }
        in_flight what{{envelope.begin(), envelope.end()}, body == nullptr ? std::nullopt : std::optional{*body}};
        if (!on->passes || on->passes(end, what)) queue.push_back(std::move(what));
        return sent::done;
    }
    void end(peer_number which) override {
        ended.push_back(which);
        if (transport* const on = find(which)) {
            if (on->up) on->tell_lost[static_cast<std::size_t>(1 - on->end_of(this))] = true;
            on->up = false;
        }
    }
    std::string_view key_of(peer_number which) const override {
        const auto at = keys.find(which);
        return at == keys.end() ? std::string_view{} : at->second;
    }
    void report(event_kind what, peer_number, std::string_view detail) override {
        reports.push_back(std::string{name(what)} + ": " + std::string{detail});
    }
    void ring() noexcept override { rung = true; }

    void greet(hello& ours) override {
        if (on_greet) on_greet(ours);
    }
    status meet(const hello& theirs) override { return on_meet ? on_meet(theirs) : status{}; }
    void claimed(link_number, greeting_claims&& ours) override { claims.push_back(std::move(ours.holds)); }
    void joined(link_number link, const hello& theirs, link_number resumed) override {
        told.push_back("joined " + std::to_string(link) + (resumed == 0 ? "" : " for " + std::to_string(resumed)));
        met.push_back(theirs);
        joined_last = link;
        if (on_joined) on_joined(link);
    }
    void left(link_number link, link_end why) override {
        constexpr const char* words[] = {"goodbye", "lost", "superseded", "closed"};
        told.push_back("left " + std::to_string(link) + " " + words[static_cast<int>(why)]);
        if (on_left) on_left(link);
    }
    void took(link_number link, const data_frame& head, batch_ref&& batch) override {
        batches.emplace_back(link, head);
        kept.push_back(std::move(batch));
    }
    void took(link_number, const reply_frame& head, batch_ref&& batch) override {
        replies.push_back(head);
        kept.push_back(std::move(batch));
    }
    void took(link_number, ack_frame&& what) override { acks.push_back(std::move(what)); }
    void took(link_number, filter_frame&& what) override { filters.push_back(std::move(what)); }
    void took(link_number link, const gap_frame& what) override {
        told.push_back("gap " + std::to_string(link) + " " + std::to_string(what.what.last));
    }
    void took(link_number link, const cancel_frame& what) override {
        told.push_back("cancel " + std::to_string(link) + " " + std::to_string(what.what.last));
    }
    void drains(link_number link) override { told.push_back("drains " + std::to_string(link)); }
    void has_room() override { told.push_back("room"); }
    void floor_moved(link_number link, offset to) override {
        told.push_back("floor " + std::to_string(link) + " " + std::to_string(to));
    }

private:
    world& of_;
    seeded chance_;
    pattern own_;
};

inline std::shared_ptr<transport> world::connect(side& dialler, side& bound) {
    auto made = std::make_shared<transport>();
    made->ends = {&dialler, &bound};
    made->names = {++dialler.last_peer, ++bound.last_peer};
    transports.push_back(made);
    dialler.links->dials(made->names[0]);
    return made;
}

// Both ends are told; what was under way is lost.
inline void world::cut(transport& which) {
    which.up = false;
    which.tell_lost = {true, true};
}

inline bool world::deliver_one(transport& on) {
    bool moved = false;
    for (std::size_t end = 0; end < 2; ++end) {
        side& who = *on.ends[end];
        if (who.stopped) continue;
        auto& queue = on.to[end];
        if (!on.up) queue.clear();
        if (!queue.empty()) {
            const auto what = std::move(queue.front());
            queue.pop_front();
            std::vector<bytes> frames{what.envelope};
            if (what.body) frames.push_back(what.body->body());
            who.links->took(on.names[end], message::from_frames(frames).value());
            moved = true;
        }
        side& writer = *on.ends[1 - end];
        if (queue.size() < on.room && !writer.stopped && std::exchange(on.was_busy[1 - end], false)) {
            writer.links->may_write();
            moved = true;
        }
        if (std::exchange(on.tell_lost[end], false)) {
            who.links->lost(on.names[end]);
            moved = true;
        }
    }
    return moved;
}

inline bool world::step_all() {
    bool moved = false;
    for (side* const one : sides) {
        if (one->stopped || (!one->rung && one->due > time.now())) continue;
        moved |= std::exchange(one->rung, false);
        const auto before = one->due;
        one->due = one->links->step();
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
        for (side* const one : sides) {
            if (!one->stopped) next = std::min(next, std::max(one->due, time.now() + 1ms));
        }
        time.advance(next - time.now());
        settle();
    }
}

}  // namespace link_pair
