// inproc_side: one end for the inproc tests: a carrier with what a socket lends it, and the sleep of a lone caller.
#pragma once
#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/inproc_carrier.hpp"

namespace godwit::testing {

using namespace godwit::detail;
inline constexpr std::chrono::seconds generous{30};

inline endpoint inproc_at(std::string name) {
    endpoint where;
    where.kind = transport::inproc;
    where.address = std::move(name);
    return where;
}

struct inproc_side {
    inproc_side(const std::shared_ptr<inproc_registry>& registry, pattern own, const socket_options& wanted = {})
        : inproc_side{registry, own, wanted, own} {}
    inproc_side(const std::shared_ptr<inproc_registry>& registry, pattern own, const socket_options& wanted,
                pattern shown)
        : options{wanted}, carrier{registry, surroundings{own, options, peers, bell, goodbye, shown}} {}

    status bind(const std::string& name) {
        const auto bound = carrier.bind(inproc_at(name));
        return bound ? status{} : status{bound.error()};
    }
    status connect(const std::string& name) { return carrier.connect(inproc_at(name), {}); }

    io send_frames(const std::vector<std::string_view>& texts, std::string_view peer = {}) {
        std::vector<bytes> frames;
        for (const std::string_view text : texts) frames.push_back(as_bytes(text));
        return carrier.try_send({.frames = frames, .peer = peer});
    }
    io send(std::string_view text) {
        const bytes frame = as_bytes(text);
        return carrier.try_send({.frames = {&frame, 1}});
    }
    io send_whole(message&& whole) {
        std::vector<bytes> frames;
        for (std::size_t i = 0; i < whole.frame_count(); ++i) frames.push_back(whole.frame(i));
        return carrier.try_send({.frames = frames, .owner = &whole, .owner_may_move = true});
    }

    std::optional<message> recv(std::string* peer = nullptr) {
        message content;
        incoming in{content, peer};
        if (carrier.try_recv(in) != io::done) return std::nullopt;
        return content;
    }
    std::string text() {
        const auto received = recv();
        return received ? std::string{received->text()} : "(nothing)";
    }

    // As a socket sleeps; false if nothing rings for 30 seconds.
    bool sleep_until(bool readiness::*what) {
        bell->arm();
        bool woken = carrier.refresh().*what;
        bool rang = false;
        if (!woken) {
            pollfd waits{bell->descriptor(), POLLIN, 0};
            woken = rang = ::poll(&waits, 1, 30'000) == 1;
        }
        bell->disarm(rang);
        return woken;
    }
    bool send_waiting(std::string_view text) {
        while (send(text) != io::done) {
            if (!sleep_until(&readiness::out)) return false;
        }
        return true;
    }
    std::optional<message> recv_waiting(std::string* peer = nullptr) {
        for (;;) {
            if (auto received = recv(peer)) return received;
            if (!sleep_until(&readiness::in)) return std::nullopt;
        }
    }

    std::optional<event> next_event() {
        auto happened = peers->next_event(std::chrono::seconds{0}, {});
        return happened ? std::optional{*happened} : std::nullopt;
    }

    socket_options options;
    std::shared_ptr<peer_table> peers = std::make_shared<peer_table>(1024);
    std::shared_ptr<doorbell> bell = doorbell::make().value();
    std::shared_ptr<farewell> goodbye = std::make_shared<farewell>();
    inproc_carrier carrier;
};

// A context with sides in it.
struct inproc_world {
    inproc_side make(pattern own, const socket_options& options = {}) { return {registry, own, options}; }
    std::shared_ptr<inproc_registry> registry = std::make_shared<inproc_registry>();
};

inline socket_options queue_of(std::size_t messages) {
    socket_options options;
    options.queue_messages_max = messages;
    return options;
}

}  // namespace godwit::testing
