// inproc_inlets: where a socket receives from over inproc: one ring a pipe, taken from in turn.
// Threads: called with the socket's turn held.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/asymmetric_fence.hpp"
#include "core/inproc_pipe.hpp"

namespace godwit::detail {

class GODWIT_EXPORT inproc_inlets {
public:
    explicit inproc_inlets(fence_kind fence = fence_kind::one_sided) noexcept : fence_{fence} {}
    void add(std::shared_ptr<inproc_pipe> pipe, side own);
    void end(const inproc_pipe& pipe);   // the writer left: what is there may still be read
    void drop(const inproc_pipe& pipe);  // we left: unread messages are released, or handed on
    void drop_all();
    void drop_ended(std::uint64_t connect_id);  // earlier pairs of a connect: what they left unread is released

    // Null when there is nothing. Stays with one pipe for a while, which is faster and still fair.
    block* take() noexcept {
        if (at_ < inlets_.size() && left_of_turn_ > 0) {
            if (block* const message = inlets_[at_].queue->pop()) {
                --left_of_turn_;
                return took(message);
            }
        }
        return take_elsewhere();
    }
    // What take() came from.
    inproc_pipe& last_pipe() const noexcept { return *inlets_[at_].pipe; }
    std::uint64_t last_peer() const noexcept { return inlets_[at_].peer; }
    bool any() noexcept;

private:
    struct inlet {
        ring* queue;
        doorbell* bell;  // the writer's
        std::shared_ptr<inproc_pipe> pipe;
        bool ended;
        std::uint64_t peer;  // see peer_id
    };
    static constexpr std::uint32_t turn_messages = 64;

    block* took(block* message) noexcept {
        light_fence(fence_);
        const inlet& from = inlets_[at_];
        if (from.queue->room_wished() && from.queue->grant_room()) from.bell->ring();
        return message;
    }
    block* take_elsewhere() noexcept;
    std::vector<inlet>::iterator find(const inproc_pipe& pipe) noexcept;

    const fence_kind fence_;
    std::vector<inlet> inlets_;
    std::size_t at_ = 0;
    std::uint32_t left_of_turn_ = 0;
};

}  // namespace godwit::detail
