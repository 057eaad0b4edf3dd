#include "ack_retry/inbox.hpp"

#include <algorithm>
#include <utility>

namespace godwit::detail {

void inbox::add(inbox_lane& lane, taken_batch& what) noexcept {
    if (lane.waiting == nullptr) lane.waiting = &what;
    if (lane.queued) return;
    lane.queued = true;
    lane.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &lane;
    last_ = &lane;
}

taken_batch* inbox::next(record_view& out) noexcept {
    if (!singles_.empty()) [[unlikely]]
        return next_single(out);
    while (first_ != nullptr) {
        inbox_lane& lane = *first_;
        taken_batch& from = *lane.waiting;
        from.held->batch.view.next(from.position, out);
        ++lane.passed;
        if (--from.unread == 0) {
            lane.passed += std::exchange(from.dropped_behind, 0);
            lane.waiting = from.behind;
            next_lane();
        } else if (--left_ == 0) {
            next_lane();
        }
        if (from.picked && (from.settled.contains(out.at) || from.kept_back.contains(out.at))) [[unlikely]]
            continue;
        ++from.in_hand;
        return &from;
    }
    return nullptr;
}

taken_batch* inbox::next_single(record_view& out) noexcept {
    const single one = singles_.front();
    singles_.pop_front();
    one.of->kept_back.remove(one.at);
    one.of->held->batch.view.find(one.at, out);
    ++one.of->in_hand;
    return one.of;
}

void inbox::next_lane() noexcept {
    left_ = in_turn;
    inbox_lane* const done = first_;
    if (done->waiting != nullptr && done == last_) return;
    first_ = done->next;
    if (first_ == nullptr) last_ = nullptr;
    done->next = nullptr;
    done->queued = false;
    if (done->waiting != nullptr) add(*done, *done->waiting);
}

void inbox::drop(inbox_lane& lane) noexcept {
    lane.waiting = nullptr;
    if (!lane.queued) return;
    lane.queued = false;
    inbox_lane* before = nullptr;
    for (inbox_lane* at = first_; at != &lane; at = at->next) before = at;
    if (before == nullptr) left_ = in_turn;
    (before == nullptr ? first_ : before->next) = lane.next;
    if (last_ == &lane) last_ = before;
    lane.next = nullptr;
}

void inbox::drop(inbox_lane& lane, taken_batch& what) noexcept {
    const std::uint32_t passed = std::exchange(what.unread, 0) + std::exchange(what.dropped_behind, 0);
    if (lane.waiting != nullptr && lane.waiting != &what) {
        what.before->dropped_behind += passed;  // those before it come first
        return;
    }
    lane.passed += passed;
    if (lane.waiting == nullptr) return;
    lane.waiting = what.behind;
    if (lane.waiting == nullptr) drop(lane);
}

void inbox::drop_singles(const taken_batch& of) noexcept {
    std::erase_if(singles_, [&](const single& one) { return one.of == &of; });
}

}  // namespace godwit::detail
