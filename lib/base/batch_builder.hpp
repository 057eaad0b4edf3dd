// batch_builder: writes records one behind the other; sealed, they are a batch.
// Threads: one at a time. Its memory comes from the block pool, and becomes the batch's without a copy, unless more than
// half of it would lie idle.
#pragma once
#include <cstring>
#include <utility>

#include "base/batch.hpp"
#include "base/batch_format.hpp"
#include "base/record.hpp"
#include "base/topic_list.hpp"
#include "godwit/export.hpp"

namespace godwit::detail {

// Offsets ascend.
class GODWIT_EXPORT batch_builder {
public:
    explicit batch_builder(stream_id stream) noexcept : stream_{stream} {}
    batch_builder(batch_builder&& other) noexcept;
    batch_builder& operator=(batch_builder&& other) noexcept;
    ~batch_builder();

    // False: it is full (bytes_max, the offset is too far from the first, too many topics); nothing was added. A record
    // that is larger than bytes_max goes into an empty builder. check_record(what) must be ok. Throws std::bad_alloc.
    bool add(offset at, const record_parts& what, std::size_t bytes_max);
    // For the commonest case, a body alone: the same, inlined.
    bool add_body(offset at, bytes body, std::size_t bytes_max) {
        namespace f = batch_format;
        const std::size_t end = used_ + f::record_header_bytes + body.size();
        const offset delta = at - first_;
        if (end > room_ || end + topics_bytes_ > bytes_max || delta > UINT32_MAX) [[unlikely]]
            return add(at, {.body = body}, bytes_max);
        std::byte* const to = memory_ + used_;
        f::store(to, static_cast<std::uint32_t>(end - used_));
        f::store(to + f::record_delta_at, static_cast<std::uint32_t>(delta));
        f::store(to + f::record_topic_at, std::uint32_t{priority_default} << 16);  // no topic, no flags
        if (!body.empty()) std::memcpy(to + f::record_header_bytes, body.data(), body.size());
        used_ = end;
        last_delta_ = static_cast<std::uint32_t>(delta);
        ++count_;
        return true;
    }
    bool empty() const noexcept { return count_ == 0; }
    std::size_t size_bytes() const noexcept { return used_ + topics_bytes_; }  // as sealed; 0 when empty
    std::uint32_t count() const noexcept { return count_; }
    offset first() const noexcept { return first_; }
    stream_id stream() const noexcept { return stream_; }
    // The builder is empty then, and its next memory is as large as this batch was. Empty: so is the batch.
    batch_ref seal(wall_time now);

private:
    void grow(std::size_t size);  // to at least so many bytes, topics included
    void swap(batch_builder& other) noexcept;

    stream_id stream_;
    offset first_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t last_delta_ = 0;
    std::byte* memory_ = nullptr;  // of block_
    std::size_t used_ = 0;         // header and records
    std::size_t room_ = 0;         // of the memory, without what the topics need
    std::size_t topics_bytes_ = 0;
    block* block_ = nullptr;
    std::size_t next_bytes_ = 0;  // of the next memory
    bool has_exceptions_ = false;
    topic_list topics_;
};

}  // namespace godwit::detail
