#include "base/block.hpp"

#include <algorithm>
#include <new>

#include "base/block_pool.hpp"

namespace godwit::detail {

namespace {

// In memory: the block, its frames, its lent frames, then the copied bytes.
block* allocate(std::size_t frame_count, std::size_t lent_count, std::size_t copied_bytes) {
    if (frame_count > frames_max) throw std::bad_array_new_length{};
    std::uint32_t size_class = 0;
    auto* const memory = static_cast<std::byte*>(pool_allocate(
        sizeof(block) + frame_count * sizeof(bytes) + lent_count * sizeof(lent_frame) + copied_bytes, size_class));
    auto* const frames = reinterpret_cast<bytes*>(memory + sizeof(block));
    return ::new (memory) block{.references = 1,
                                .frame_count = static_cast<std::uint16_t>(frame_count),
                                .first_shown = 0,
                                .lent_count = static_cast<std::uint32_t>(lent_count),
                                .size_class = size_class,
                                .frames = frames,
                                .lent = reinterpret_cast<lent_frame*>(frames + frame_count)};
}
static_assert(sizeof(block) % alignof(bytes) == 0 && alignof(lent_frame) <= alignof(bytes));

}  // namespace

block* make_block(bytes only_frame) {
    block* const made = allocate(1, 0, only_frame.size());
    auto* const copied = reinterpret_cast<std::byte*>(made->lent);
    if (!only_frame.empty()) std::memcpy(copied, only_frame.data(), only_frame.size());
    ::new (made->frames) bytes{copied, only_frame.size()};
    return made;
}

block* make_open_block(std::size_t size, std::size_t size_max) {
    block* const made = allocate(1, 0, size);
    auto* const open = reinterpret_cast<std::byte*>(made->lent);
    const std::size_t whole = pool_bytes(made->size_class, sizeof(block) + sizeof(bytes) + size);
    ::new (made->frames) bytes{open, std::max(size, std::min(size_max, whole - sizeof(block) - sizeof(bytes)))};
    return made;
}

block* make_block(std::span<const block_frame> frames) {
    std::size_t lent_count = 0;
    std::size_t copied_bytes = 0;
    for (const block_frame& frame : frames) {
        if (frame.holder != nullptr) {
            ++lent_count;
        } else if (!frame.is_kept) {
            copied_bytes += frame.data.size();
        }
    }
    block* const made = allocate(frames.size(), lent_count, copied_bytes);
    lent_frame* lent = made->lent;
    auto* copied = reinterpret_cast<std::byte*>(lent + lent_count);
    bytes* shown = made->frames;
    for (const block_frame& frame : frames) {
        if (frame.holder != nullptr) {
            ::new (lent) lent_frame;
            lent->holder = frame.holder;
            std::memcpy(lent->storage, frame.storage, holder_storage_bytes);
            ++lent;
            ::new (shown++) bytes{frame.data};
        } else if (frame.is_kept) {
            ::new (shown++) bytes{frame.data};
        } else {
            if (!frame.data.empty()) std::memcpy(copied, frame.data.data(), frame.data.size());
            ::new (shown++) bytes{copied, frame.data.size()};
            copied += frame.data.size();
        }
    }
    return made;
}

void destroy(block* shared) noexcept {
    for (std::uint32_t index = 0; index < shared->lent_count; ++index) {
        shared->lent[index].holder->give_back(shared->lent[index].storage);
    }
    pool_free(shared, shared->size_class);
}

}  // namespace godwit::detail
