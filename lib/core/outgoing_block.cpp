#include "core/outgoing_block.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <vector>

namespace godwit::detail {

namespace {

constexpr std::size_t shared_bytes_min = 8u << 10;
constexpr std::size_t frames_on_stack = 8;

void release_pinned(void* storage) noexcept {
    block* pinned = nullptr;
    std::memcpy(&pinned, storage, sizeof pinned);
    release(pinned);
}
constexpr frame_holder pin{release_pinned};

// `pinned`, if any, holds the frames from `pinned_first` on; its large ones are shared with the new block.
block* build(std::span<const bytes> frames, block* pinned, std::size_t pinned_first) {
    std::array<block_frame, frames_on_stack> few;
    std::vector<block_frame> many;
    if (frames.size() > few.size()) many.resize(frames.size());
    const std::span<block_frame> parts{many.empty() ? few.data() : many.data(), frames.size()};

    // Each lent frame is a reference of the new block; they are counted before, and taken back if it cannot be made.
    std::vector<block_ref> references;
    std::array<std::byte, holder_storage_bytes> storage{};
    std::memcpy(storage.data(), &pinned, sizeof pinned);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        parts[i].data = frames[i];
        if (pinned == nullptr || i < pinned_first || frames[i].size() <= shared_bytes_min) continue;
        references.reserve(references.size() + 1);
        add_reference(pinned);
        references.emplace_back(pinned);
        parts[i] = {pinned->frames[pinned->first_shown + i - pinned_first], &pin, storage.data()};
    }
    block* const made = make_block(parts);
    for (block_ref& reference : references) reference.release();
    return made;
}

}  // namespace

block* outgoing_block(const outgoing& out) {
    if (out.owner == nullptr) return out.frames.size() == 1 ? make_block(out.frames[0]) : build(out.frames, nullptr, 0);
    if (out.owner_first == 0) return message_access::to_block(*out.owner);

    bool any_large = false;
    for (const bytes frame : out.frames.subspan(out.owner_first)) any_large |= frame.size() > shared_bytes_min;
    if (!any_large) return build(out.frames, nullptr, 0);
    const block_ref owned{message_access::to_block(*out.owner)};
    return build(out.frames, owned.get(), out.owner_first);
}

}  // namespace godwit::detail
