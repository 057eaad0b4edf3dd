// The memory of what was consumed, as sockets ask it: see transaction_core.hpp and godwit/layer.hpp.
#include <algorithm>
#include <new>

#include "base/handled_marks.hpp"
#include "transaction/transaction_core.hpp"

namespace godwit::detail {

status transaction_core::met(const sender_greeting& said) {
    const lock hold{mutex_};
    std::vector<stream_id> forgotten;
    const auto met = guard_.meet(said, forgotten);
    if (!met) return met.error();
    for (const stream_id& one : forgotten) put_forgotten(unwritten_marks_, one);
    if (*met) put_producer(unwritten_marks_, said.stream, guard_.producer(said.stream));
    return {};
}

void transaction_core::floor_moved(stream_id stream, offset to) {
    const lock hold{mutex_};
    guard_.floor_moved(stream, to);
}

bool transaction_core::pass_whole(stream_id stream, offset_range what) {
    const lock hold{mutex_};
    return guard_.pass_whole(stream, what);
}

void transaction_core::offer(std::span<offered_record> records) {
    const lock hold{mutex_};
    guard_.offer(records);
}

void transaction_core::let_go(stream_id stream, offset_range what) noexcept {
    const lock hold{mutex_};
    guard_.let_go(stream, what);
}

// What a transaction has claimed is marked when its entry is kept; the rest was acked by itself, and is marked alone. All wait
// for the last number that was given: theirs, or a later one.
std::uint64_t transaction_core::settling(std::span<const handled_range> what) {
    lock hold{mutex_};
    try {
        return mark(what);
    } catch (const std::bad_alloc&) {
        // A mark may be known here and be written nowhere: its ack waits for a number that never comes.
        out_of_memory(hold);
        return next_number();
    }
}

std::uint64_t transaction_core::mark(std::span<const handled_range> what) {
    for (const handled_range& one : what) {
        const auto claimed = claimed_.find(one.stream);
        const auto mark_part = [&](offset_range part) {
            if (guard_.mark({one.stream, part})) put_done(unwritten_marks_, one.stream, part);
        };
        if (claimed == claimed_.end()) {
            mark_part(one.what);
        } else {
            claimed->second.for_each_missing_in(one.what, mark_part);
        }
    }
    if (what.empty() || claims_) return last_number_;
    if (!usable()) return next_number();  // which never comes
    if (!unwritten_marks_.empty()) {
        entry marks;
        append_state(marks, bodies_of(nullptr, {identity_.epoch, 0}));
        fly(std::move(marks), next_number());
    }
    return last_number_;
}

std::uint64_t transaction_core::listen(std::function<void()> wake) {
    const lock hold{mutex_};
    listeners_.emplace_back(++last_listener_, std::move(wake));
    return last_listener_;
}

void transaction_core::leave(std::uint64_t listener) {
    const lock hold{mutex_};
    std::erase_if(listeners_, [&](const auto& one) { return one.first == listener; });
}

}  // namespace godwit::detail
