#include "base/held_batch.hpp"

#include <new>

#include "base/block_pool.hpp"

namespace godwit::detail {

namespace {

lent_record read(const void* storage) noexcept {
    lent_record lent;
    std::memcpy(&lent, storage, sizeof lent);
    return lent;
}

void give_back(void* storage) noexcept { release_references(read(storage).held, 1); }

record_view record_of(const void* storage) noexcept {
    const lent_record lent = read(storage);
    const batch_view& batch = lent.held->batch.view;
    record_view record;
    batch.read(static_cast<std::uint32_t>(lent.record - batch.data().data()), record);
    return record;
}

std::size_t frame_count(const void* storage) noexcept {
    const record_view record = record_of(storage);
    if (!record.key.empty() || !record.headers.empty()) return 3 + 2 * record.header_count();
    return record.topic.empty() ? 1 : 2;
}

bytes frame(const void* storage, std::size_t index) noexcept {
    const record_view record = record_of(storage);
    if (index == 1) return record.body;
    // A message is asked for its first frame only when it has a second.
    if (index == 0) return as_bytes(record.topic);
    if (index == 2) return as_bytes(record.key);
    const header named = record.header_at((index - 3) / 2);
    return as_bytes(index % 2 == 1 ? named.name : named.value);
}

}  // namespace

const frame_holder lent_body{give_back};
const frame_holder lent_message{give_back, frame_count, frame};

held_batch* hold(batch_ref&& batch, std::shared_ptr<settler> home, std::uint32_t attempt) {
    std::uint32_t size_class = 0;
    void* const memory = pool_allocate(sizeof(held_batch), size_class);
    return ::new (memory)
        held_batch{.size_class = size_class, .batch = std::move(batch), .home = std::move(home), .attempt = attempt};
}

void destroy(held_batch* held) noexcept {
    const std::uint32_t size_class = held->size_class;
    held->~held_batch();
    pool_free(held, size_class);
}

}  // namespace godwit::detail
