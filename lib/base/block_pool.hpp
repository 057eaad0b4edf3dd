// block_pool: recycles the memory of blocks. Each thread keeps two batches of free pieces of each size; full and empty
// batches change hands through a centre, so that a thread that only allocates is fed by one that only frees, with a
// lock a batch and never one a piece. No call waits: where the centre is taken, the system's allocator serves.
// Pieces above the largest class, and all pieces under AddressSanitizer and ThreadSanitizer or with the environment
// variable GODWIT_POOL=off, come straight from the system, so that misuse stays visible.
// Threads: any; pieces may be freed by another thread than took them, also while threads and the process end.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "godwit/export.hpp"

namespace godwit::detail {

namespace pool {

// Fitted to a block with one frame: its 48 bytes and a frame of 100 bytes, 1 KiB, 2, 4 and 8 KiB.
inline constexpr std::array<std::uint16_t, 22> class_bytes = {64,   128,  192,  256,  320,  384,  512,  640,
                                                              768,  896,  1088, 1280, 1536, 1792, 2112, 2560,
                                                              3072, 3584, 4160, 5120, 6208, 8256};
inline constexpr std::uint32_t class_count = class_bytes.size();
inline constexpr std::uint32_t no_class = class_count;  // straight from the system
inline constexpr std::size_t pooled_bytes_max = class_bytes.back();
inline constexpr std::size_t batch_bytes_max = 32u << 10;   // a thread keeps at most two batches of each class
inline constexpr std::size_t centre_bytes_max = 16u << 20;  // what is beyond it goes back to the system

constexpr std::uint32_t batch_count(std::uint32_t size_class) noexcept {
    const std::size_t fitting = batch_bytes_max / class_bytes[size_class];
    return static_cast<std::uint32_t>(fitting > 64 ? 64 : fitting);
}

// The class of a size by its number of 64-byte lines.
inline constexpr auto class_of_lines = [] {
    std::array<std::uint8_t, pooled_bytes_max / 64 + 1> table{};
    std::uint8_t size_class = 0;
    for (std::size_t lines = 0; lines < table.size(); ++lines) {
        while (class_bytes[size_class] < lines * 64) ++size_class;
        table[lines] = size_class;
    }
    return table;
}();

// A free piece. The first of a batch that waits in the centre also leads to the next batch.
struct piece {
    piece* next;
    piece* next_batch;
};

struct free_list {
    piece* first = nullptr;
    std::uint32_t count = 0;
    std::uint32_t count_max = 0;  // 0: frees take the slow path
    piece* full_batch = nullptr;  // in reserve, of count_max pieces
};

struct cache {
    std::array<free_list, class_count> lists{};
};

// Before a thread's first piece and after its end: an empty cache without room, which is never written.
GODWIT_EXPORT extern constinit thread_local cache* own_cache __attribute__((tls_model("initial-exec")));

GODWIT_EXPORT void* allocate_slowly(std::uint32_t size_class);
GODWIT_EXPORT void free_slowly(void* memory, std::uint32_t size_class) noexcept;
GODWIT_EXPORT void* allocate_from_system(std::size_t size);
GODWIT_EXPORT void free_to_system(void* memory) noexcept;

GODWIT_EXPORT std::size_t centre_bytes() noexcept;  // kept there now

}  // namespace pool

// Throws std::bad_alloc. `size_class` is to be given back with the memory.
inline void* pool_allocate(std::size_t size, std::uint32_t& size_class) {
    if (size > pool::pooled_bytes_max) [[unlikely]] {
        size_class = pool::no_class;
        return pool::allocate_from_system(size);
    }
    size_class = pool::class_of_lines[(size + 63) / 64];
    pool::free_list& list = pool::own_cache->lists[size_class];
    pool::piece* const taken = list.first;
    if (taken == nullptr) [[unlikely]]
        return pool::allocate_slowly(size_class);
    list.first = taken->next;
    --list.count;
    // The next one was most likely written last by another core.
    __builtin_prefetch(list.first, 1);
    return taken;
}

// How much a piece of `size` bytes really has.
inline std::size_t pool_bytes(std::uint32_t size_class, std::size_t size) noexcept {
    return size_class == pool::no_class ? size : pool::class_bytes[size_class];
}

inline void pool_free(void* memory, std::uint32_t size_class) noexcept {
    if (size_class == pool::no_class) [[unlikely]]
        return pool::free_to_system(memory);
    pool::free_list& list = pool::own_cache->lists[size_class];
    if (list.count >= list.count_max) [[unlikely]]
        return pool::free_slowly(memory, size_class);
    auto* const freed = static_cast<pool::piece*>(memory);
    freed->next = list.first;
    list.first = freed;
    ++list.count;
}

}  // namespace godwit::detail
