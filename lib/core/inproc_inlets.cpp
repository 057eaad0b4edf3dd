#include "core/inproc_inlets.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

void inproc_inlets::add(std::shared_ptr<inproc_pipe> pipe, side own) {
    ring* const queue = pipe->rings[opposite(own)].get();
    doorbell* const bell = pipe->ends[opposite(own)]->bell.get();
    const std::uint64_t peer = peer_id(*pipe, own);
    inlets_.push_back({queue, bell, std::move(pipe), false, peer});
}

void inproc_inlets::end(const inproc_pipe& pipe) {
    const auto found = find(pipe);
    if (found != inlets_.end()) found->ended = true;
}

void inproc_inlets::drop(const inproc_pipe& pipe) {
    const auto found = find(pipe);
    if (found == inlets_.end()) return;
    // A ring that is handed on may have its next reader already.
    if (!pipe.handed_on || found->queue != pipe.rings[side::connecting].get()) {
        while (block* const message = found->queue->pop()) release(message);
    }
    inlets_.erase(found);
    at_ = 0;
    left_of_turn_ = 0;
}

void inproc_inlets::drop_all() {
    // Only pipes whose writer left are still here: nobody else reads them.
    for (const inlet& one : inlets_) {
        while (block* const message = one.queue->pop()) release(message);
    }
    inlets_.clear();
}

void inproc_inlets::drop_ended(std::uint64_t connect_id) {
    const auto goes = [&](const inlet& one) { return one.ended && one.pipe->connect_id == connect_id; };
    for (const inlet& one : inlets_) {
        if (!goes(one)) continue;
        while (block* const message = one.queue->pop()) release(message);
    }
    if (std::erase_if(inlets_, goes) == 0) return;
    at_ = 0;
    left_of_turn_ = 0;
}

bool inproc_inlets::any() noexcept {
    return std::any_of(inlets_.begin(), inlets_.end(), [](const inlet& one) { return !one.queue->empty(); });
}

block* inproc_inlets::take_elsewhere() noexcept {
    for (std::size_t looked = 0; looked < inlets_.size();) {
        at_ = at_ + 1 < inlets_.size() ? at_ + 1 : 0;
        if (block* const message = inlets_[at_].queue->pop()) {
            left_of_turn_ = turn_messages - 1;
            return took(message);
        }
        if (inlets_[at_].ended) {
            inlets_.erase(inlets_.begin() + static_cast<std::ptrdiff_t>(at_));
            at_ = at_ == 0 ? inlets_.size() : at_ - 1;
        } else {
            ++looked;
        }
    }
    left_of_turn_ = 0;
    return nullptr;
}

std::vector<inproc_inlets::inlet>::iterator inproc_inlets::find(const inproc_pipe& pipe) noexcept {
    return std::find_if(inlets_.begin(), inlets_.end(), [&](const inlet& one) { return one.pipe.get() == &pipe; });
}

}  // namespace godwit::detail
