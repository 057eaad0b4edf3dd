// inproc_inlets: where a socket receives from over inproc: one ring a pipe, taken from in turn.
// Threads: called with the socket's turn held.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/asymmetric_fence.hpp"
#include "core/inproc_pipe.hpp"

namespace godwit::detail {

class GODWIT_EXPORT inproc_inlets {
public:
    void add(std::shared_ptr<inproc_pipe> pipe, side own);
    void end(const inproc_pipe& pipe);   // the writer left: what is there may still be read
    void drop(const inproc_pipe& pipe);  // we left: unread messages are released, or handed on
    void drop_all();

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
    inproc_pipe& last_pipe() const noexcept { return *inlets_[at_].pipe; }  // what take() came from
    bool any() noexcept;

private:
    struct inlet {
        ring* queue;
        doorbell* bell;  // the writer's
        std::shared_ptr<inproc_pipe> pipe;
        bool ended;
    };
    static constexpr std::uint32_t turn_messages = 64;

    block* took(block* message) noexcept {
        light_fence();
        const inlet& from = inlets_[at_];
        if (from.queue->room_wished() && from.queue->grant_room()) from.bell->ring();
        return message;
    }
    block* take_elsewhere() noexcept;
    std::vector<inlet>::iterator find(const inproc_pipe& pipe) noexcept;

    std::vector<inlet> inlets_;
    std::size_t at_ = 0;
    std::uint32_t left_of_turn_ = 0;
};

}  // namespace godwit::detail
