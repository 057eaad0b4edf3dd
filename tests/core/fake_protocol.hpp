// fake_protocol: a delivery_protocol that is as simple as one can be: it sends each record in a batch of its own, acks each
// by itself, and trusts the carriers. What a test wants to see or to change is in its `knobs`.
#pragma once
#include <atomic>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/assembly.hpp"
#include "base/delivery_protocol.hpp"

namespace testing_links {

using namespace godwit;
using namespace godwit::detail;

struct knobs {
    std::atomic<bool> only_queues{false};  // send() sends nothing by itself: step() does
    std::atomic<std::size_t> queued_max{1000};
    std::atomic<int> step_every_ms{0};  // 0: when there is something to do
    std::atomic<int> steps{0};
    std::atomic<int> gaps{0};  // recv() tells so many
    std::atomic<int> redelivered{0};
};

class fake_protocol final : public delivery_protocol {
public:
    fake_protocol(pattern own, std::shared_ptr<knobs> with) : own_{own}, knobs_{std::move(with)} {}
    ~fake_protocol() override {
        for (const waiting& one : inbox_) {
            if (--one.held->unsettled == 0) release(one.held);
        }
    }

    status open(protocol_world&& world) override {
        world_.emplace(std::move(world));
        return {};
    }
    void dials(peer_number to) override { ungreeted_.insert(to), greet(); }
    void dials_no_more(peer_number to) override { ungreeted_.erase(to), lost(to); }
    void took(peer_number from, message&& frames) override {
        char kind = 0;
        offset at = 0;
        const bytes envelope = frames.frame(0);
        std::memcpy(&kind, envelope.data(), 1);
        std::memcpy(&at, envelope.data() + 1, sizeof at);
        if (kind == 'h' || kind == 'H') {
            ungreeted_.erase(from);
            peers_.insert(from);
            if (kind == 'h') answer(from, 'H', 0);
            return flush();
        }
        if (kind == 'a' || kind == 'n') return settled(kind, at);
        if (kind == 'r') return void(replies_.emplace(at, detached(frames.frame(1)))), void(in_flight_.erase(at));
        const batch_view view = batch_view::trusted(frames.frame(1));
        held_batch* const held = hold({std::move(frames), view}, world_->home, 1);
        held->link = from;
        held->unsettled = 1;
        inbox_.push_back({held, at});
    }
    void lost(peer_number which) override { peers_.erase(which); }
    void links_changed() override { greet(); }
    void may_write() override { flush_answers(), flush(); }
    steady_time step() override {
        ++knobs_->steps;
        greet();
        flush_answers();
        flush();
        const auto now = world_->time.now();
        if (const int every = knobs_->step_every_ms) return now + std::chrono::milliseconds{every};
        return ungreeted_.empty() ? steady_time::max() : now + std::chrono::milliseconds{20};
    }

    tried send(const record_parts& what, offset& given, status&) override {
        if (queued_.size() >= knobs_->queued_max) return tried::would_block;
        batch_builder builder{stream_id{7, 7}};
        given = ++last_;
        builder.add(given, what, 1u << 30);
        queued_.push_back({given, builder.seal(world_->time.wall())});
        knobs_->only_queues ? world_->port.ring() : flush();
        return tried::done;
    }
    tried recv(delivery& out, status& why) override {
        if (int left = knobs_->gaps; left > 0) {
            knobs_->gaps = left - 1;
            why = error{errc::gap, "3..5"};
            return tried::failed;
        }
        if (inbox_.empty()) return tried::would_block;
        const waiting next = inbox_.front();
        inbox_.pop_front();
        record_view record;
        next.held->batch.view.find(next.at, record);
        add_references(*next.held, 1);
        delivery_access::fill(out, make_message(*next.held, record), next.held, next.at, 1);
        return tried::done;
    }
    void settle(const settlement& what) noexcept override {
        if (what.what == verdict::extend) return;
        answer(what.batch->link, what.what == verdict::ack ? 'a' : 'n', what.at);
        if (--what.batch->unsettled == 0) release(what.batch);
    }
    tried request(const record_parts& what, const request_terms&, offset& given, status& why) override {
        return send(what, given, why);
    }
    tried take_reply(offset asked, message& out, status& why) override {
        const auto found = replies_.find(asked);
        if (found == replies_.end()) return tried::would_block;
        out = std::move(found->second);
        replies_.erase(found);
        if (out.text() == "refuse") return why = errc::refused, tried::failed;
        return tried::done;
    }
    void give_up(offset asked) noexcept override { replies_.erase(asked), in_flight_.erase(asked); }
    status reply(const settlement& to, const record_parts& what) override {
        answer(to.batch->link, 'r', to.at, message{what.body});
        if (--to.batch->unsettled == 0) release(to.batch);
        return {};
    }
    status subscribe(std::string_view) override { return {}; }
    status unsubscribe(std::string_view) override { return {}; }
    std::size_t subscribers(std::string_view) const override { return peers_.size(); }
    possible ready() override {
        return {!inbox_.empty() || !replies_.empty() || knobs_->gaps > 0, queued_.size() < knobs_->queued_max,
                std::exchange(news_, false)};
    }
    std::optional<outcome> outcome_of(offset at, stage wanted) const override {
        if (wanted == stage::accepted) return outcome::accepted;
        return done_.contains(at) ? std::optional{outcome::processed} : std::nullopt;
    }
    std::uint64_t settled_below() const override { return 1; }
    tried dead_letters(offset, std::size_t, std::vector<dead_letter>&) const override { return tried::done; }
    tried requeue(offset, status& why) override { return why = errc::not_found, tried::failed; }
    status discard(offset) override { return errc::not_found; }
    std::vector<settled_record> take_settled(std::size_t) override { return std::exchange(told_, {}); }
    delivery_stats stats() const override { return {.unsettled = unsettled(), .links = peers_.size()}; }
    void drain() override {}
    bool drained() const override { return unsettled() == 0; }
    std::uint64_t unsettled() const override { return queued_.size() + in_flight_.size(); }
    void say_goodbye() override {}

private:
    struct waiting {
        held_batch* held;
        offset at;
    };
    struct unsaid {
        peer_number to;
        char kind;
        offset at;
        message body;
    };
    struct queued_batch {
        offset at;
        batch_ref batch;
    };

    static message detached(bytes body) { return message{body}; }
    // A hello is said again anyway; an answer waits until it can be said.
    void answer(peer_number to, char kind, offset at, message body = {}) {
        unsaid_.push_back({to, kind, at, std::move(body)});
        flush_answers();
    }
    void flush_answers() {
        for (auto one = unsaid_.begin(); one != unsaid_.end();) {
            const bool busy = say(one->to, one->kind, one->at, &one->body) == link_port::sent::busy;
            one = busy ? std::next(one) : unsaid_.erase(one);
        }
    }
    link_port::sent say(peer_number to, char kind, offset at, const message* body = nullptr) {
        std::byte envelope[1 + sizeof at];
        std::memcpy(envelope, &kind, 1);
        std::memcpy(envelope + 1, &at, sizeof at);
        return world_->port.send(to, envelope, body);
    }
    void greet() {
        for (const peer_number to : ungreeted_) say(to, 'h', 0);
    }
    void flush() {
        while (!queued_.empty() && !peers_.empty()) {
            auto to = peers_.upper_bound(last_served_);
            if (to == peers_.end()) to = peers_.begin();
            auto& next = queued_.front();
            if (say(*to, 'd', next.at, &next.batch.holder) != link_port::sent::done) return;
            last_served_ = *to;
            in_flight_.emplace(next.at, std::move(next.batch));
            queued_.pop_front();
        }
    }
    void settled(char kind, offset at) {
        const auto found = in_flight_.find(at);
        if (found == in_flight_.end()) return;
        if (kind == 'n') {
            ++knobs_->redelivered;
            queued_.push_back({at, std::move(found->second)});
            in_flight_.erase(found);
            return flush();
        }
        in_flight_.erase(found);
        done_.insert(at);
        told_.push_back({at, outcome::processed});
        news_ = true;
    }

    const pattern own_;
    const std::shared_ptr<knobs> knobs_;
    std::optional<protocol_world> world_;
    std::set<peer_number> ungreeted_, peers_;
    peer_number last_served_ = 0;
    offset last_ = 0;
    std::deque<queued_batch> queued_;
    std::map<offset, batch_ref> in_flight_;
    std::set<offset> done_;
    std::vector<settled_record> told_;
    std::deque<waiting> inbox_;
    std::deque<unsaid> unsaid_;
    std::map<offset, message> replies_;
    bool news_ = false;
};

// The module.
struct fake_delivery {
    std::shared_ptr<knobs> with = std::make_shared<knobs>();

    void install(assembly& into) const {
        into.deliver_by("fake", [with = with](int own) {
            return std::make_unique<fake_protocol>(static_cast<pattern>(own), with);
        });
    }
};

}  // namespace testing_links
