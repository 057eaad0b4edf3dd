#include "core/inproc_outlets.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/asymmetric_fence.hpp"
#include "core/outgoing_block.hpp"

namespace godwit::detail {

namespace {

void taken_from(const outgoing& out) noexcept {
    if (out.owner != nullptr && out.owner_may_move) *out.owner = message{};
}

// Without room the bell will ring when there is.
bool has_room_or_wishes(ring& queue, fence_kind fence) {
    if (queue.has_room()) return true;
    if (!queue.wish_for_room()) return false;
    heavy_fence(fence);
    return queue.has_room();
}

}  // namespace

void inproc_outlets::add_queue(std::shared_ptr<ring> queue, bool usable_alone) {
    outlets_.push_back({std::move(queue), nullptr, nullptr, true, usable_alone, 0});
}

void inproc_outlets::remove_queue(const ring& queue) {
    const auto found =
        std::find_if(outlets_.begin(), outlets_.end(), [&](const outlet& one) { return one.queue.get() == &queue; });
    if (found != outlets_.end()) erase(static_cast<std::size_t>(found - outlets_.begin()));
}

void inproc_outlets::join(const std::shared_ptr<inproc_pipe>& pipe, side own) {
    doorbell* const bell = pipe->ends[opposite(own)]->bell.get();
    if (pipe->handed_on && own == side::connecting) {
        const auto found = std::find_if(outlets_.begin(), outlets_.end(),
                                        [&](const outlet& one) { return one.queue == pipe->rings[own]; });
        if (found == outlets_.end()) return;
        found->pipe = pipe;
        found->bell = bell;
        found->usable = true;
        found->id = pipe->id;
        by_id_[pipe->id] = static_cast<std::size_t>(found - outlets_.begin());
        bell->ring();  // for what was queued before its reader was known
        return;
    }
    const std::uint64_t id = peer_id(*pipe, own);
    outlets_.push_back({pipe->rings[own], pipe, bell, false, true, id});
    by_id_[id] = outlets_.size() - 1;
}

void inproc_outlets::part(const inproc_pipe& pipe, side own, bool usable_alone) {
    const std::size_t index = index_of(peer_id(pipe, own));
    if (index == outlets_.size()) return;
    outlet& parted = outlets_[index];
    if (!parted.lasting) return erase(index);
    by_id_.erase(std::exchange(parted.id, 0));
    parted.bell = nullptr;
    parted.usable = usable_alone;
    parted.pipe = nullptr;
}

void inproc_outlets::clear() {
    outlets_.clear();
    by_id_.clear();
    at_ = 0;
}

io inproc_outlets::send_in_turn(const outgoing& out) {
    if ((at_ >= outlets_.size() || !has_room(outlets_[at_])) && !find_room()) return io::would_block;
    hand_over(outlets_[at_], outgoing_block(out));
    if (++at_ >= outlets_.size()) at_ = 0;
    taken_from(out);
    return io::done;
}

io inproc_outlets::send_to(std::string_view peer, const outgoing& out) {
    const std::size_t index = index_of(id_of(peer));
    if (index == outlets_.size()) return io::unreachable;
    outlet& to = outlets_[index];
    if (!has_room_or_wishes(*to.queue, fence_)) {
        to.refused = true;  // until take_writable says otherwise, whatever finds room meanwhile
        return io::would_block;
    }
    hand_over(to, outgoing_block(out));
    taken_from(out);
    return io::done;
}

std::size_t inproc_outlets::send_to_subscribers(const outgoing& out) {
    const std::string_view topic = as_text(out.frames.front());
    std::size_t missed = 0;
    block_ref made;
    outlet* last = nullptr;  // gets the first reference, which the others are added to
    for (outlet& one : outlets_) {
        if (!one.topics.matches(topic)) continue;
        if (!one.queue->has_room()) {
            ++missed;
            continue;
        }
        if (last == nullptr) {
            made.reset(outgoing_block(out));
        } else {
            add_reference(made.get());
            hand_over(*last, made.get());
        }
        last = &one;
    }
    if (last != nullptr) hand_over(*last, made.release());
    taken_from(out);
    return missed;
}

bool inproc_outlets::any_room() {
    return std::any_of(outlets_.begin(), outlets_.end(), [this](outlet& one) { return has_room(one); }) || find_room();
}

std::size_t inproc_outlets::unsent() const noexcept {
    std::size_t count = 0;
    for (const outlet& one : outlets_) count += one.pipe == nullptr ? one.queue->size() : 0;
    return count;
}

void inproc_outlets::change(const inproc_pipe& pipe, const subscription_changes& changes) {
    const std::size_t index = index_of(pipe.id);
    if (index == outlets_.size()) return;
    for (const auto& [prefix, wanted] : changes) {
        if (wanted) {
            outlets_[index].topics.add(prefix);
        } else {
            outlets_[index].topics.remove(prefix);
        }
    }
}

std::size_t inproc_outlets::subscribers(std::string_view topic) const {
    return static_cast<std::size_t>(
        std::count_if(outlets_.begin(), outlets_.end(), [&](const outlet& one) { return one.topics.matches(topic); }));
}

void inproc_outlets::take_writable(std::vector<std::string>& into) {
    for (outlet& one : outlets_) {
        if (!one.refused || !has_room_or_wishes(*one.queue, fence_)) continue;
        into.push_back(name_of(one.id));
        one.refused = false;
    }
}

bool inproc_outlets::any_writable() {
    return std::any_of(outlets_.begin(), outlets_.end(),
                       [this](outlet& one) { return one.refused && has_room_or_wishes(*one.queue, fence_); });
}

std::shared_ptr<inproc_pipe> inproc_outlets::pipe_of(std::string_view peer) const {
    const std::size_t index = index_of(id_of(peer));
    return index == outlets_.size() ? nullptr : outlets_[index].pipe;
}

std::string inproc_outlets::name_of(std::uint64_t peer_id) {
    std::string name(sizeof peer_id, '\0');
    std::memcpy(name.data(), &peer_id, sizeof peer_id);
    return name;
}

std::uint64_t inproc_outlets::id_of(std::string_view name) noexcept {
    std::uint64_t id = 0;
    if (name.size() == sizeof id) std::memcpy(&id, name.data(), sizeof id);
    return id;
}

// Leaves at_ at an outlet with room. If there is none, wishes for it in every ring, and looks again.
bool inproc_outlets::find_room() {
    for (bool again = true; again; again = wish_for_room()) {
        for (std::size_t looked = 0; looked < outlets_.size(); ++looked) {
            at_ = at_ + 1 < outlets_.size() ? at_ + 1 : 0;
            if (has_room(outlets_[at_])) return true;
        }
    }
    return false;
}

bool inproc_outlets::wish_for_room() noexcept {
    bool any_new = false;
    for (const outlet& one : outlets_) any_new |= one.usable && one.queue->wish_for_room();
    if (any_new) heavy_fence(fence_);
    return any_new;
}

void inproc_outlets::hand_over(outlet& to, block* message) noexcept {
    to.queue->push(message);
    if (to.bell != nullptr) to.bell->ring();
}

void inproc_outlets::erase(std::size_t index) {
    if (outlets_[index].pipe != nullptr) by_id_.erase(outlets_[index].id);
    if (index + 1 != outlets_.size()) {
        outlets_[index] = std::move(outlets_.back());
        if (outlets_[index].pipe != nullptr) by_id_[outlets_[index].id] = index;
    }
    outlets_.pop_back();
    at_ = 0;
}

std::size_t inproc_outlets::index_of(std::uint64_t id) const noexcept {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? outlets_.size() : found->second;
}

}  // namespace godwit::detail
