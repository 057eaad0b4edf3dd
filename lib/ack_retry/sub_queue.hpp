// sub_queue: what a subscriber has taken in and not handed out, in the order it came: batches, and gaps between them.
// A batch lives on, out of the queue, until all of it is settled. Threads: inside a turn. Nothing is allocated for a record,
// and for a batch seldom.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "ack_retry/link_session.hpp"
#include "base/held_batch.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

struct sub_item {
    held_batch* held = nullptr;  // null: a gap
    stream_id stream = {};
    offset_range what = {};       // the gap
    std::uint32_t position = 0;   // of the next record to hand out
    std::uint32_t unread = 0;     // records from there on
    std::uint32_t unsettled = 0;  // records
    // As its sender counts it.
    offset_range sent = {};
    std::uint32_t messages = 0;
    std::uint64_t size_bytes = 0;
    link_number link = 0;  // that it came by
    sub_item* next = nullptr;
};

class GODWIT_EXPORT sub_queue {
public:
    sub_queue() = default;
    sub_queue(const sub_queue&) = delete;
    ~sub_queue();

    sub_item* front() noexcept { return first_; }
    bool empty() const noexcept { return first_ == nullptr; }
    // Takes a batch that is not empty. Throws std::bad_alloc, with the batch as it was.
    sub_item& add(batch_ref&& batch, const std::shared_ptr<settler>& home);
    void add_gap(stream_id stream, offset_range what);  // joins one that is the last

    // The front's next record: looked at; handed out, so that the front leaves the queue with its last one.
    void peek(record_view& out) const noexcept {
        std::uint32_t position = first_->position;
        first_->held->batch.view.next(position, out);
    }
    held_batch& take(record_view& out) noexcept {
        sub_item& from = *first_;
        from.held->batch.view.next(from.position, out);
        held_batch& held = *from.held;
        if (--from.unread == 0) unlink();
        return held;
    }
    void pop() noexcept;                   // the front: a gap, or a batch of which nothing more will be handed out
    void settled(sub_item& one) noexcept;  // all of it is

private:
    sub_item& fresh();
    void append(sub_item& one) noexcept;
    void unlink() noexcept;
    void give_back(sub_item& one) noexcept;
    static void let_go(sub_item& one) noexcept;  // what is unread

    sub_item* first_ = nullptr;
    sub_item* last_ = nullptr;
    sub_item* free_ = nullptr;
    std::vector<std::unique_ptr<sub_item>> all_;
};

}  // namespace godwit::detail
