// What the tests of the sender's half share: a clock that is moved by hand, seeded chance, links that note what they are
// given, and a log in memory.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ack_retry/sender_half.hpp"
#include "base/memory_log.hpp"

namespace sender_world {

using namespace std::chrono_literals;
using namespace godwit::detail;
using godwit::ack_retry;
using godwit::as_bytes;
using godwit::as_text;
using godwit::dead_reason;
using godwit::delivery_stats;
using godwit::errc;
using godwit::offset;
using godwit::offset_range;
using godwit::outcome;
using godwit::stage;
using godwit::status;
using godwit::stream_id;

struct manual_time final : time_source {
    steady_time steady{std::chrono::hours{1}};
    wall_time wall_now{std::chrono::hours{500'000}};
    steady_time now() noexcept override { return steady; }
    wall_time wall() noexcept override { return wall_now; }
    void pass(std::chrono::milliseconds by) {
        steady += by;
        wall_now += by;
    }
};

struct seeded_random final : random_source {
    std::uint64_t state = 1;
    std::uint64_t draw() noexcept override {
        state += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
};

struct quiet_port final : link_port {
    std::vector<std::pair<godwit::event_kind, std::string>> reports;
    sent send(peer_number, godwit::bytes, const godwit::message*) override { return sent::done; }
    void end(peer_number) override {}
    std::string_view key_of(peer_number) const override { return {}; }
    void report(godwit::event_kind what, peer_number, std::string_view detail) override {
        reports.emplace_back(what, detail);
    }
    void ring() noexcept override {}
};

struct sent_frame {
    link_number to;
    std::uint32_t attempt;
    offset floor;
    batch_ref batch;

    std::vector<offset> offsets() const {
        std::vector<offset> all;
        record_view record;
        for (auto position = batch.view.begin_position(); batch.view.next(position, record);) all.push_back(record.at);
        return all;
    }
    std::string text() const {
        std::string all;
        record_view record;
        for (auto position = batch.view.begin_position(); batch.view.next(position, record);)
            all += as_text(record.body);
        return all;
    }
};

struct noting_carrier final : batch_carrier {
    std::vector<sent_frame> frames;
    std::set<link_number> busy_links;
    bool busy_after_each = false;  // takes one, and is busy until told otherwise
    link_set::carried send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) override {
        if (busy_links.contains(to)) return link_set::carried::busy;
        frames.push_back({to, attempt, floor, batch});
        if (busy_after_each) busy_links.insert(to);
        return link_set::carried::done;
    }
    bool busy(link_number which) const noexcept override { return busy_links.contains(which); }
};

inline constexpr stream_id ours{7, 7};

struct world {
    ack_retry options;
    manual_time time;
    seeded_random random;
    quiet_port port;
    noting_carrier carrier;
    std::unique_ptr<record_log> log;
    std::unique_ptr<sender_half> half;

    explicit world(const ack_retry& with = {}, std::uint64_t log_bytes = 64u << 20)
        : options{with}, log{make_memory_log({.bytes_max = log_bytes})} {
        half = std::make_unique<sender_half>(ours, options,
                                             sender_half::tools{time, random, *log, port, carrier, {}, 16u << 20});
    }

    void join(link_number link, std::uint32_t messages = 1000, std::uint64_t bytes = 4u << 20, const hello& with = {},
              link_number resumed = 0) {
        hello theirs = with;
        theirs.window_messages = messages;
        theirs.window_bytes = bytes;
        half->joined(link, theirs, resumed);
        windows[link] = {messages, bytes};
    }
    tried try_send(const record_parts& what, offset& at, status& why) { return half->send(what, at, why); }
    offset send(const record_parts& what) {
        offset at = 0;
        status why;
        return half->send(what, at, why) == tried::done ? at : 0;
    }
    offset send(std::string_view body) { return send(record_parts{.body = as_bytes(body)}); }

    using how = ack_frame::settled::how;
    void say(link_number link, offset_range what, how outcome, std::uint32_t attempt = 1,
             std::chrono::milliseconds delay = {}, std::string why = {}, stream_id stream = ours) {
        ack_frame frame = quiet_ack(link);
        frame.ranges.push_back({stream, what, attempt, outcome, static_cast<std::uint32_t>(delay.count()), why});
        half->took(link, frame);
    }
    void ack(link_number link, offset first, offset last, std::uint32_t attempt = 1) {
        say(link, {first, last}, how::acked, attempt);
    }
    void handed(link_number link, std::uint64_t records) {
        ack_frame frame = quiet_ack(link);
        frame.handed = records;
        half->took(link, frame);
    }
    ack_frame quiet_ack(link_number link) {
        ack_frame frame;
        frame.window_messages = windows[link].first;
        frame.window_bytes = windows[link].second;
        return frame;
    }

    std::vector<godwit::dead_letter> dead(std::size_t at_most) const {
        std::vector<godwit::dead_letter> letters;
        half->dead_letters(0, at_most, letters);
        return letters;
    }
    status requeue(offset at) {
        status why;
        half->requeue(at, why);
        return why;
    }
    delivery_stats stats() const {
        delivery_stats all;
        half->fill(all);
        return all;
    }
    // What was sent since the last call, as "link:attempt:offsets".
    std::vector<std::string> news() {
        std::vector<std::string> all;
        for (; seen < carrier.frames.size(); ++seen) {
            const sent_frame& frame = carrier.frames[seen];
            std::string line = std::to_string(frame.to) + ":" + std::to_string(frame.attempt) + ":";
            for (const offset at : frame.offsets()) line += (line.back() == ':' ? "" : ",") + std::to_string(at);
            all.push_back(line);
        }
        return all;
    }
    void pass(std::chrono::milliseconds by) {
        time.pass(by);
        half->step();
    }

    std::size_t seen = 0;
    std::map<link_number, std::pair<std::uint32_t, std::uint64_t>> windows;
};

using lines = std::vector<std::string>;

}  // namespace sender_world
