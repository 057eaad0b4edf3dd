// batch: sealed, position-free bytes of many records of one stream: the unit of sending, storing and checking. The same
// bytes in memory, on the wire and on disk. Format: docs/wire_format.md, "The batch".
// Threads: values; the bytes are immutable.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/batch_format.hpp"
#include "base/record.hpp"
#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

inline constexpr std::size_t batch_header_bytes = batch_format::header_bytes;

// Reads a batch that is trusted: one that we have built, or that check() has passed. Borrows the bytes.
class GODWIT_EXPORT batch_view {
public:
    batch_view() noexcept = default;
    // Of bytes from a peer or a file: header, checksum, every length, every offset's order, every topic's index. Fails with
    // `malformed` (what and where), `unsupported` (another version or kind), `too_large` (a record). Never reads beyond
    // `data`, and allocates nothing. Of an encoded batch only the envelope is checked.
    static result<batch_view> check(bytes data, std::size_t record_bytes_max);
    static batch_view trusted(bytes data) noexcept;

    // All of these only of a batch that is not empty.
    stream_id stream() const noexcept;
    offset first() const noexcept { return first_; }  // of the records in it; offsets may be sparse
    offset last() const noexcept { return base() + word(batch_format::last_at); }
    std::uint32_t count() const noexcept { return word(batch_format::count_at); }
    std::uint8_t codec() const noexcept;  // 0: none. With another the records must be decoded first
    bool is_dense() const noexcept { return last() - first() + 1 == count(); }
    bool has_exceptions() const noexcept;  // some record has a priority of its own, or times
    wall_time sealed() const noexcept;
    bytes data() const noexcept { return data_; }
    // What the records' offsets count from: first() or, in a cut, below it.
    offset base() const noexcept { return batch_format::load<offset>(data_.data() + batch_format::base_at); }

    // Walks the records in order. `position` is opaque; begins with begin_position().
    std::uint32_t begin_position() const noexcept { return batch_header_bytes; }
    bool next(std::uint32_t& position, record_view& out) const noexcept;  // false: that was all
    bool find(offset at, record_view& out) const noexcept;
    // The record whose first byte is at `position`.
    void read(std::uint32_t position, record_view& out) const noexcept;
    std::uint32_t records_end() const noexcept;  // the position behind the last record
    std::string_view topic_at(std::uint16_t index) const noexcept {
        return batch_format::topic_at(data_.data() + records_end(), index);
    }

private:
    std::uint32_t word(std::size_t at) const noexcept { return batch_format::load<std::uint32_t>(data_.data() + at); }

    bytes data_;
    offset first_ = 0;
};

// A batch with its memory: shared, reference-counted. `holder` may have further frames (the link's envelope).
struct batch_ref {
    message holder;
    batch_view view;

    bool empty() const noexcept { return view.data().empty(); }
};

// A cut: a legal batch with those records of `from` whose offsets are in `wanted` (ascending, disjoint). Empty if none
// is, or if `from` is encoded. The records' bytes are unchanged but for the number of a topic. Throws std::bad_alloc.
GODWIT_EXPORT batch_ref cut(const batch_view& from, std::span<const offset_range> wanted);

}  // namespace godwit::detail

#include "base/batch_builder.hpp"  // the other half of the noun
