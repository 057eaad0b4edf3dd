#include "core/ring.hpp"

#include <bit>

namespace godwit::detail {

namespace {

constexpr std::size_t first_capacity = 16;
constexpr std::size_t growth = 4;

}  // namespace

struct ring::segment {
    segment(std::size_t slot_count, std::uint64_t first)
        : capacity{slot_count}, begin{first}, slots{std::make_unique_for_overwrite<block*[]>(slot_count)} {}

    const std::size_t capacity;              // a power of two
    const std::uint64_t begin;               // the first message that it holds
    std::atomic<std::uint64_t> end{no_end};  // from here on messages are in `next`; published by written_
    segment* next = nullptr;
    const std::unique_ptr<block*[]> slots;
};

ring::~ring() {
    while (block* const message = pop()) release(message);
    if (read_segment_ == nullptr) read_segment_ = first_segment_.load(std::memory_order_acquire);
    while (read_segment_ != nullptr) {
        segment* const next = read_segment_->next;
        delete read_segment_;
        read_segment_ = next;
    }
}

bool ring::make_room() {
    const std::uint64_t at = written_.load(std::memory_order_relaxed);
    const std::uint64_t read = read_.load(std::memory_order_acquire);
    const std::size_t limit = limit_.load(std::memory_order_relaxed);
    if (at - read >= limit) return false;

    if (write_segment_ == nullptr) {
        write_segment_ = new segment{std::min(first_capacity, std::bit_ceil(limit)), at};
        first_segment_.store(write_segment_, std::memory_order_release);
    } else if (at - std::max(read, write_segment_->begin) >= write_segment_->capacity) {
        // Full below the limit, so that it is smaller than the limit.
        auto* const larger = new segment{std::min(write_segment_->capacity * growth, std::bit_ceil(limit)), at};
        write_segment_->next = larger;
        write_segment_->end.store(at, std::memory_order_relaxed);
        write_segment_ = larger;
    }
    write_slots_ = write_segment_->slots.get();
    write_mask_ = write_segment_->capacity - 1;
    room_end_ = std::min(read + limit, std::max(read, write_segment_->begin) + write_segment_->capacity);
    return true;
}

bool ring::look() noexcept {
    const std::uint64_t at = read_.load(std::memory_order_relaxed);
    const std::uint64_t written = written_.load(std::memory_order_acquire);
    if (at == written) return false;
    if (read_segment_ == nullptr) read_segment_ = first_segment_.load(std::memory_order_acquire);
    while (at == read_segment_->end.load(std::memory_order_relaxed)) {
        segment* const next = read_segment_->next;
        delete read_segment_;
        read_segment_ = next;
    }
    read_slots_ = read_segment_->slots.get();
    read_mask_ = read_segment_->capacity - 1;
    ready_end_ = std::min(written, read_segment_->end.load(std::memory_order_relaxed));
    return true;
}

bool ring::grant_room() noexcept {
    const std::uint64_t used = written_.load(std::memory_order_acquire) - read_.load(std::memory_order_relaxed);
    return used <= limit_.load(std::memory_order_relaxed) / 2 && wished_.exchange(false, std::memory_order_relaxed);
}

}  // namespace godwit::detail
