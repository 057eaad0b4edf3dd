#include "ack_retry/sub_queue.hpp"

#include <utility>

namespace godwit::detail {

sub_queue::~sub_queue() {
    for (const auto& each : all_) let_go(*each);
}

void sub_queue::let_go(sub_item& one) noexcept {
    held_batch* const held = std::exchange(one.held, nullptr);
    if (held == nullptr) return;
    held->owner = nullptr;
    held->unsettled -= one.unread;
    release_references(held, one.unread + (held->unsettled == 0 ? 1 : 0));
}

sub_item& sub_queue::fresh() {
    if (free_ == nullptr) {
        all_.push_back(std::make_unique<sub_item>());
        return *all_.back();
    }
    sub_item& one = *std::exchange(free_, free_->next);
    one = {};
    return one;
}

void sub_queue::append(sub_item& one) noexcept {
    (first_ == nullptr ? first_ : last_->next) = &one;
    last_ = &one;
}

void sub_queue::unlink() noexcept {
    first_ = std::exchange(first_->next, nullptr);
    if (first_ == nullptr) last_ = nullptr;
}

void sub_queue::give_back(sub_item& one) noexcept {
    one.held = nullptr;
    one.unread = 0;
    one.next = std::exchange(free_, &one);
}

// References: one for each record's message, and one for all that is not settled.
sub_item& sub_queue::add(batch_ref&& batch, const std::shared_ptr<settler>& home) {
    sub_item& one = fresh();
    try {
        one.held = hold(std::move(batch), home);
    } catch (...) {
        give_back(one);
        throw;
    }
    held_batch& held = *one.held;
    const batch_view& view = held.batch.view;
    add_references(held, view.count());
    held.unsettled = view.count();
    held.owner = &one;
    one.stream = view.stream();
    one.position = view.begin_position();
    one.unread = one.unsettled = view.count();
    append(one);
    return one;
}

void sub_queue::add_gap(stream_id stream, offset_range what) {
    if (last_ != nullptr && last_->held == nullptr && last_->stream == stream) {
        last_->what.last = what.last;
        return;
    }
    sub_item& one = fresh();
    one.stream = stream;
    one.what = what;
    append(one);
}

void sub_queue::settled(sub_item& one) noexcept {
    one.held->owner = nullptr;
    give_back(one);
}

void sub_queue::pop() noexcept {
    sub_item& one = *first_;
    unlink();
    let_go(one);
    give_back(one);
}

}  // namespace godwit::detail
