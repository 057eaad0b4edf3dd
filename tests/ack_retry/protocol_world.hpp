// A pub and its subs: whole protocols at the ends of transports.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ack_retry/peer_net.hpp"
#include "ack_retry/protocol_base.hpp"
#include "base/memory_log.hpp"

namespace protocol_world_of_tests {

using namespace peer_net;
using net = world;
using wire = transport;

class node final : public station {
public:
    node(net& of, pattern own, std::uint64_t seed, ack_retry options = {}, start from = start::next)
        : station{of}, chance_{seed}, own_{own}, options_{std::move(options)}, from_{from} {
        begin();
    }

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

    void dials(peer_number which) override { protocol->dials(which); }
    void took(peer_number from, message&& frames) override { protocol->took(from, std::move(frames)); }
    void may_write() override { protocol->may_write(); }
    void lost(peer_number which) override { protocol->lost(which); }
    steady_time step() override { return protocol->step(); }

private:
    struct home final : settler {
        void settle(const settlement& what) noexcept override { of->protocol->settle(what); }
        node* of = nullptr;
    };

    seeded chance_;
    pattern own_;
    ack_retry options_;
    start from_;
    std::shared_ptr<home> home_;
};

}  // namespace protocol_world_of_tests
