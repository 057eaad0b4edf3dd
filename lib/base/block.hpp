// block: one shared, reference-counted allocation that holds the frames of a message: what messages share when they
// are copied, and what travels over inproc. From the recycling pool (block_pool.hpp), so that a steady flow of
// messages from one thread to another takes no lock and no system allocation per message.
// Threads: references are atomic; the content is immutable once a second reference exists.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "godwit/delivery.hpp"
#include "godwit/export.hpp"
#include "godwit/message.hpp"

namespace godwit::detail {

// How memory that a carrier lent is given back. The 64 bytes of storage are relocatable: they may be moved by memcpy,
// and what they point at stays where it is.
struct frame_holder {
    void (*give_back)(void* storage) noexcept;
    // For memory with several frames, laid out as in docs/plain_mapping.md; null: there is only the body.
    std::size_t (*frame_count)(const void* storage) noexcept = nullptr;
    bytes (*frame)(const void* storage, std::size_t index) noexcept = nullptr;
};

inline constexpr std::size_t holder_storage_bytes = 64;

// A frame for make_block: copied when holder is null, else its storage is taken over. `is_kept`: neither, because
// another frame's storage keeps it alive.
struct block_frame {
    bytes data;
    const frame_holder* holder = nullptr;
    const void* storage = nullptr;
    bool is_kept = false;
};

struct lent_frame {
    const frame_holder* holder;
    alignas(8) std::byte storage[holder_storage_bytes];
};

struct block {
    std::atomic<std::uint32_t> references;
    std::uint16_t frame_count;
    std::uint16_t first_shown;  // the frames before it are hidden from the message: its envelope
    std::uint32_t lent_count;
    std::uint32_t size_class;  // block_pool's
    bytes* frames;
    lent_frame* lent;
};

// One reference, the caller's. Throws std::bad_alloc, with the lent frames still the caller's; also for more than
// frames_max frames.
inline constexpr std::size_t frames_max = 65535;
GODWIT_EXPORT block* make_block(std::span<const block_frame> frames);
GODWIT_EXPORT block* make_block(bytes only_frame);
// One frame of at least `size` bytes (what the memory has, at most size_max), for the caller to fill and to narrow.
GODWIT_EXPORT block* make_open_block(std::size_t size, std::size_t size_max);
GODWIT_EXPORT void destroy(block* shared) noexcept;  // gives back lent frames and the memory

// Release: the reference may travel to its new owner by a road that orders nothing.
inline void add_reference(block* shared) noexcept { shared->references.fetch_add(1, std::memory_order_release); }
inline void release(block* shared) noexcept {
    // The last owner need not pay for a locked instruction.
    if (shared->references.load(std::memory_order_acquire) == 1 ||
        shared->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        destroy(shared);
    }
}

struct block_releaser {
    void operator()(block* shared) const noexcept { release(shared); }
};
using block_ref = std::unique_ptr<block, block_releaser>;

// The door for carriers to a message's inside.
struct GODWIT_EXPORT message_access {
    static message from_block(block* shared) noexcept;  // adopts one reference
    // A block with the message's frames (from first_shown on), plus a reference for the caller; made by copying when
    // the message is small. Throws std::bad_alloc.
    static block* to_block(const message& source);
    // Moves what a lent message owns into a block, which the message then has a reference to. Throws std::bad_alloc.
    static block* promote(const message& source);
    static block* block_of_lent(const message& source);

    // The message without its first frames; at least one is left. Copies what is left if others share the message.
    static message hide_frames(message&& whole, std::size_t count);
    static message& content(delivery& of) noexcept { return of.message_; }
    // As message::size_bytes, without a call for what has one frame; not for what is lent with several.
    static std::size_t size_bytes(const message& of) noexcept {
        return of.block_.load(std::memory_order_relaxed) == nullptr ? of.size_ : of.size_bytes();
    }
    static void clear(message& target) noexcept {
        if (target.owns_memory()) {
            target.give_back();
            target.block_.store(nullptr, std::memory_order_relaxed);
            target.holder_ = nullptr;
        }
        target.data_ = nullptr;
        target.size_ = 0;
    }

    // Memory that is lent: fill lent_storage(), then say what it holds. The message must be empty.
    static void* lent_storage(message& target) noexcept { return target.storage_; }
    static void set_lent(message& target, const frame_holder& holder, bytes body) noexcept {
        target.holder_ = &holder;
        target.data_ = body.data();
        target.size_ = body.size();
    }
    // A single frame that fits: copied into the message itself. size <= inline_bytes_max; the message must be empty.
    static constexpr std::size_t inline_bytes_max = message::inline_bytes_max;
    static void set_inline(message& target, bytes body) noexcept { target.copy_inline(body); }
    // The lent storage, if the message is the only one to own a single frame of this holder; the caller takes it over
    // by reset_taken(). Else null.
    static void* sole_lent(message& source, const frame_holder& holder) noexcept {
        return source.holder_ == &holder && source.block_.load(std::memory_order_relaxed) == nullptr ? source.storage_
                                                                                                     : nullptr;
    }
    static void reset_taken(message& source) noexcept {
        source.holder_ = nullptr;
        source.data_ = nullptr;
        source.size_ = 0;
    }
};

}  // namespace godwit::detail
