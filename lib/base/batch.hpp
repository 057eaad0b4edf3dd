// batch: sealed, position-free bytes of many records of one stream: the unit of sending, storing and checking. The same
// bytes in memory, on the wire and on disk. Format: docs/wire_format.md, "The batch".
// Threads: values; the bytes are immutable.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/record.hpp"
#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

inline constexpr std::size_t batch_header_bytes = 64;

// Reads a batch that is trusted: one that we have built, or that check() has passed. Borrows the bytes.
class GODWIT_EXPORT batch_view {
public:
    batch_view() noexcept = default;
    // Of bytes from a peer or a file: header, checksum, every length, every offset's order, every topic's index. Fails with
    // `malformed` (what and where), `unsupported` (another version or codec), `too_large`. Never reads beyond `data`, and
    // allocates nothing.
    static result<batch_view> check(bytes data, std::size_t record_bytes_max);
    static batch_view trusted(bytes data) noexcept;

    stream_id stream() const noexcept;
    offset first() const noexcept { return first_; }  // of the records in it; offsets may be sparse
    offset last() const noexcept;
    std::uint32_t count() const noexcept;
    std::uint8_t codec() const noexcept;  // 0: none. With another the records must be decoded first
    bool is_dense() const noexcept { return last() - first() + 1 == count(); }
    bool has_exceptions() const noexcept;  // some record has a priority of its own, or times
    std::chrono::sys_time<std::chrono::milliseconds> sealed() const noexcept;
    bytes data() const noexcept { return data_; }

    // Walks the records in order. `position` is opaque; begins with begin_position().
    std::uint32_t begin_position() const noexcept { return batch_header_bytes; }
    bool next(std::uint32_t& position, record_view& out) const noexcept;  // false: that was all
    bool find(offset at, record_view& out) const noexcept;

private:
    bytes data_;
    offset first_ = 0;
};

// A batch with its memory: shared, reference-counted. `holder` may have further frames (the link's envelope).
struct batch_ref {
    message holder;
    batch_view view;

    bool empty() const noexcept { return view.data().empty(); }
};

// Adds records one behind the other; sealed, it becomes a batch_ref. One at a time, in ascending offsets.
class GODWIT_EXPORT batch_builder {
public:
    explicit batch_builder(stream_id stream) noexcept : stream_{stream} {}
    batch_builder(batch_builder&&) noexcept;
    batch_builder& operator=(batch_builder&&) noexcept;
    ~batch_builder();

    // False: it is full (bytes_max, or the offset is too far from the first); nothing was added. A record that is larger
    // than bytes_max goes into an empty builder. Throws std::bad_alloc.
    bool add(offset at, const record_parts& what, std::size_t bytes_max);
    // For the commonest case, a body alone: the same, inlined.
    bool add_body(offset at, bytes body, std::size_t bytes_max);
    bool empty() const noexcept { return count_ == 0; }
    std::size_t size_bytes() const noexcept { return size_; }  // as sealed
    std::uint32_t count() const noexcept { return count_; }
    offset first() const noexcept { return first_; }
    // The builder is empty then, and its next memory is as large as this batch was.
    batch_ref seal(std::chrono::sys_time<std::chrono::milliseconds> now);

private:
    stream_id stream_;
    offset first_ = 0;
    std::uint32_t count_ = 0;
    std::size_t size_ = 0;
    // The memory and the topics are the implementation's to choose.
};

// A cut: a legal batch with those records of `from` whose offsets are in `wanted` (ascending, disjoint). Empty if none
// is. The records' bytes are unchanged. Throws std::bad_alloc.
GODWIT_EXPORT batch_ref cut(const batch_view& from, std::span<const offset_range> wanted);

}  // namespace godwit::detail
