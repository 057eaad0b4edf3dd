// A receiver in a world of its own: a clock that is set by hand, links that only write down what they are told.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ack_retry/receiver.hpp"
#include "base/batch_builder.hpp"
#include "base/memory_log.hpp"

namespace receiving_side {

using namespace godwit;
using namespace godwit::detail;
using namespace std::chrono_literals;
using settled = ack_frame::settled;
using how = settled::how;

inline constexpr stream_id stream{7, 9};

inline batch_ref cut_of(std::vector<offset> at, std::string_view body = "body", stream_id of = stream) {
    batch_builder builder{of};
    for (const offset one : at) builder.add(one, {.body = as_bytes(body)}, 1u << 24);
    return builder.seal({});
}
inline batch_ref batch_of(offset_range what, std::string_view body = "body", stream_id of = stream) {
    std::vector<offset> at;
    for (offset one = what.first; one <= what.last; ++one) at.push_back(one);
    return cut_of(std::move(at), body, of);
}

struct manual_time final : time_source {
    steady_time at{1h};
    int readings = 0;
    steady_time now() noexcept override {
        ++readings;
        return at;
    }
    wall_time wall() noexcept override { return {}; }
};

struct no_random final : random_source {
    std::uint64_t draw() noexcept override { return 4; }
};

struct still_port final : link_port {
    int rings = 0;
    bool awaited = false;
    bool awaits_message() const noexcept override { return awaited; }
    sent send(peer_number, bytes, const message*) override { return sent::gone; }
    void end(peer_number) override {}
    std::string_view key_of(peer_number) const override { return {}; }
    void report(event_kind, peer_number, std::string_view) override {}
    void ring() noexcept override { ++rings; }
};

struct written final : ack_carrier {
    struct one {
        link_number to;
        ack_frame frame;
    };
    std::vector<one> frames;
    std::vector<link_number> refused;
    bool busy = false;
    link_set::carried send(link_number to, const link_content& what) override {
        if (busy) return link_set::carried::busy;
        frames.push_back({to, std::get<ack_frame>(what)});
        return link_set::carried::done;
    }
    void refuse(link_number which, errc, std::string_view) override { refused.push_back(which); }
    std::vector<settled> ranges() const {  // of all frames
        std::vector<settled> all;
        for (const auto& each : frames) all.insert(all.end(), each.frame.ranges.begin(), each.frame.ranges.end());
        return all;
    }
};

struct side {
    struct desk final : settler {
        receiver* to = nullptr;
        void settle(const settlement& what) noexcept override {
            if (to != nullptr)
                to->settle(what);
            else if (what.what != verdict::extend && --what.batch->unsettled == 0)
                release(what.batch);
        }
    };

    manual_time time;
    no_random random;
    still_port port;
    written out;
    std::unique_ptr<record_log> log = make_memory_log();
    std::shared_ptr<desk> home = std::make_shared<desk>();
    protocol_world world;
    std::unique_ptr<receiver> half;
    std::uint64_t number = 0;

    explicit side(const ack_retry& options = {}, std::vector<layer*> layers = {})
        : world{pattern::pull, time, random, port, *log, std::move(layers), home, 16u << 20},
          half{std::make_unique<receiver>(options, world, out)} {
        home->to = half.get();
        due = half->step(time.at + 1s);
        join(1);
    }
    ~side() { home->to = nullptr; }

    static hello greeting(std::uint64_t who) {
        hello said;
        said.identity = {who, who};
        said.stream = stream;
        return said;
    }
    void join(link_number link, link_number resumed = 0, std::uint64_t who = 1) {
        half->joined(link, greeting(who), resumed);
    }
    void come(batch_ref&& what, link_number link = 1, std::uint32_t attempt = 1) {
        half->took(link, {++number, attempt, 0, 0}, std::move(what));
    }
    delivery next() {
        delivery out_of;
        half->recv(out_of);
        return out_of;
    }
    // All that waits, in order, acked.
    std::vector<offset> ack_all() {
        std::vector<offset> at;
        for (delivery one; half->recv(one) == tried::done; one.ack()) at.push_back(one.at());
        return at;
    }
    delivery_stats stats() const {
        delivery_stats sum;
        half->add_to(sum);
        return sum;
    }
    // Steps whenever it is asked for.
    void pass(std::chrono::nanoseconds how_long) {
        const steady_time end = time.at + how_long;
        if (std::exchange(port.rings, 0) != 0) due = time.at;
        do {
            time.at = std::clamp(due, time.at, end);
            due = half->step(time.at + 1s);
        } while (due <= end);
        time.at = end;
    }

    steady_time due{};
};

}  // namespace receiving_side
