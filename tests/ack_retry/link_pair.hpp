// Two link_sets (or more) at the ends of transports.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ack_retry/link_session.hpp"
#include "ack_retry/peer_net.hpp"
#include "base/batch_builder.hpp"

namespace link_pair {

using namespace peer_net;

inline batch_ref batch_of(offset first, std::size_t records = 1, std::size_t body_bytes = 20) {
    batch_builder builder{stream_id{11, 12}};
    const std::string body(body_bytes, 'x');
    for (std::size_t i = 0; i < records; ++i) builder.add(first + i, {.body = as_bytes(body)}, 1u << 30);
    return builder.seal({});
}

class side final : public station, public link_user {
public:
    side(world& of, pattern own, std::uint64_t seed, link_options options = {})
        : station{of}, chance_{seed}, own_{own} {
        start(options);
    }

    // A new incarnation.
    void start(const link_options& options) {
        links = std::make_unique<link_set>(own_, options, of_.time, chance_, *this, *this);
        due = of_.time.now();
    }

    // What was told, in order: "joined 1", "joined 2 for 1", "left 1 lost", "floor 1 17", "drains 1", "room"…
    std::vector<std::string> told;
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
    link_number joined_last = 0;

    bool saw(const std::string& what) const { return std::find(told.begin(), told.end(), what) != told.end(); }

    void dials(peer_number which) override { links->dials(which); }
    void took(peer_number from, message&& frames) override { links->took(from, std::move(frames)); }
    void may_write() override { links->may_write(); }
    void lost(peer_number which) override { links->lost(which); }
    steady_time step() override { return links->step(); }

    // Here a transport that was ended is not dialled again.
    void end(peer_number which) override {
        ended.push_back(which);
        station::end(which);
        if (transport* const on = find(which)) on->up = false;
    }
    std::string_view key_of(peer_number which) const override {
        const auto at = keys.find(which);
        return at == keys.end() ? std::string_view{} : at->second;
    }

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
    seeded chance_;
    pattern own_;
};

}  // namespace link_pair
