// ring: a bounded queue of blocks from one thread to another. It takes little memory until it is filled: it grows by
// segments up to its limit, and the segment that is left behind is freed when the reader has emptied it.
// Threads: one writer and one reader at a time; who takes an end over must be synchronised with who had it before.
// No operation takes a lock or a locked instruction, but for wish_for_room() and grant_room(), once in a full ring.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "base/asymmetric_fence.hpp"
#include "base/block.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT ring {
public:
    explicit ring(std::size_t limit) noexcept : limit_{limit} {}
    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ~ring();  // releases the blocks that nobody read

    // Writer. push() only after has_room() said yes; it adopts one reference. has_room() may throw std::bad_alloc.
    bool has_room() { return written_.load(std::memory_order_relaxed) != room_end_ || make_room(); }
    void push(block* message) noexcept {
        const std::uint64_t at = written_.load(std::memory_order_relaxed);
        write_slots_[at & write_mask_] = message;
        written_.store(at + 1, std::memory_order_release);
    }
    // For a writer that found no room: has grant_room() say yes when half of the ring is empty. True: it was not
    // wished for before, so pass heavy_fence() and look again.
    bool wish_for_room() noexcept {
        return !wished_.load(std::memory_order_relaxed) && !wished_.exchange(true, std::memory_order_relaxed);
    }

    // Reader. Null when the ring is empty.
    block* pop() noexcept {
        const std::uint64_t at = read_.load(std::memory_order_relaxed);
        if (at == ready_end_ && !look()) return nullptr;
        block* const message = read_slots_[at & read_mask_];
        read_.store(at + 1, std::memory_order_release);
        return message;
    }
    bool empty() noexcept { return read_.load(std::memory_order_relaxed) == ready_end_ && !look(); }
    // After pop() and a light_fence(): whether a writer wishes for room; grant_room() then says when to wake it.
    bool room_wished() const noexcept { return wished_.load(std::memory_order_relaxed); }
    bool grant_room() noexcept;

    // Any thread; a smaller limit drops nothing.
    void set_limit(std::size_t limit) noexcept { limit_.store(limit, std::memory_order_relaxed); }
    std::size_t size() const noexcept {  // exact for neither end while the other works
        const std::uint64_t read = read_.load(std::memory_order_acquire);
        return static_cast<std::size_t>(written_.load(std::memory_order_acquire) - read);
    }

private:
    struct segment;

    bool make_room();
    bool look() noexcept;

    static constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

    // The writer's.
    alignas(64) std::atomic<std::uint64_t> written_{0};  // messages ever written
    std::uint64_t room_end_ = 0;                         // up to here it may write without looking at the reader
    block** write_slots_ = nullptr;
    std::uint64_t write_mask_ = 0;
    segment* write_segment_ = nullptr;
    // The reader's.
    alignas(64) std::atomic<std::uint64_t> read_{0};  // messages ever read
    std::uint64_t ready_end_ = 0;                     // up to here it may read without looking at the writer
    block** read_slots_ = nullptr;
    std::uint64_t read_mask_ = 0;
    segment* read_segment_ = nullptr;
    // Seldom written.
    alignas(64) std::atomic<std::size_t> limit_;
    std::atomic<segment*> first_segment_{nullptr};
    std::atomic<bool> wished_{false};
};

}  // namespace godwit::detail
