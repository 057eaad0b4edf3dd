// Requesters and servers: whole protocols at the ends of transports.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ack_retry/peer_net.hpp"
#include "ack_retry/protocol_base.hpp"
#include "base/memory_log.hpp"

namespace req_rep {

using namespace peer_net;

class node final : public station {
public:
    node(world& of, pattern own, std::uint64_t seed, const ack_retry& options = {})
        : station{of}, chance_{seed}, log_{make_memory_log()}, home_{std::make_shared<forwarder>()} {
        protocol = own == pattern::req ? make_req(options) : make_rep(options);
        home_->to = protocol.get();
        const status opened = protocol->open({own, of.time, chance_, *this, *log_, {}, home_, 16u << 20});
        if (!opened) throw opened.error();
        due = of.time.now();
    }
    ~node() override { die(); }

    // As a process that is killed: it says nothing.
    void die() {
        if (protocol == nullptr) return;
        held.clear();
        home_->to = nullptr;
        protocol.reset();
        stopped = true;
        leave();
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

    void dials(peer_number which) override {
        protocol->dials(which);
        of_.settle();
    }
    void took(peer_number from, message&& frames) override { protocol->took(from, std::move(frames)); }
    void may_write() override { protocol->may_write(); }
    void lost(peer_number which) override { protocol->lost(which); }
    steady_time step() override { return protocol->step(); }

    std::unique_ptr<delivery_protocol> protocol;
    std::vector<delivery> held;

private:
    struct forwarder final : settler {
        delivery_protocol* to = nullptr;
        void settle(const settlement& what) noexcept override {
            if (to != nullptr) return to->settle(what);
            if (what.what != verdict::extend && --what.batch->unsettled == 0) release(what.batch);
        }
    };

    seeded chance_;
    std::unique_ptr<record_log> log_;
    std::shared_ptr<forwarder> home_;
};

}  // namespace req_rep
