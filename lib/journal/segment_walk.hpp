// segment_walk: reads the entries of one segment, one behind the other, through a window of memory; the window grows to
// the largest entry. What does not pass its checksums, its place in the chain or its number is not followed.
// Threads: one at a time. Reads block.
#pragma once
#include <vector>

#include "base/directory.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

class GODWIT_EXPORT segment_walk {
public:
    // From the entry at `position`; `end`: of the file, or of what may be read. Borrows the file.
    segment_walk(const file& of, const segment_header& header, std::uint64_t position, std::uint64_t end)
        : file_{of}, header_{header}, position_{position}, end_{end} {}
    // What the next entry has to be, where it is known. Without, the first one may be any.
    void expect(lsn number, std::uint64_t chain) noexcept {
        expected_ = number;
        chain_ = chain;
    }

    enum class found : std::uint8_t { entry, nothing };  // nothing: what is at position() is no entry of this place
    result<found> next();                                // `io`

    // Behind what does not pass: the next one that does, with a number of at least `least`. Reads to the end if it must.
    result<found> search(lsn least);

    // Of the entry found; the bytes live until the next call.
    const entry_head& head() const noexcept { return head_; }
    bytes whole() const noexcept { return whole_; }
    std::uint64_t begin() const noexcept { return begin_; }
    std::uint64_t segment() const noexcept { return header_.number; }

    std::uint64_t position() const noexcept { return position_; }  // behind it
    lsn expected() const noexcept { return expected_; }
    std::uint64_t chain() const noexcept { return chain_; }

private:
    found take(const entry_head& head, bytes whole) noexcept;
    result<bytes> window(std::uint64_t at, std::uint64_t size);  // fewer where the file ends

    const file& file_;
    const segment_header& header_;
    std::uint64_t position_;
    const std::uint64_t end_;
    std::uint64_t begin_ = 0;
    lsn expected_ = 0;  // 0: any
    std::uint64_t chain_ = 0;
    entry_head head_;
    bytes whole_;
    std::vector<std::byte> memory_;
    std::uint64_t memory_at_ = 0;  // what of the file is in it
    std::size_t memory_size_ = 0;
};

// What stands behind the last entry that passed.
struct tail_verdict {
    enum class kind : std::uint8_t { end, torn, damaged };
    kind what = kind::end;
    lsn confirmed = 0;  // the highest durable mark that was found
};
// RELIABILITY.md's rule: what is bad at or below the highest durable mark that can be found is damage, above it a write
// that was under way. `position`, `number`: where the walk stopped; `mark`: the highest seen before.
GODWIT_EXPORT result<tail_verdict> judge_tail(const file& of, const segment_header& header, std::uint64_t position,
                                              std::uint64_t end, lsn number, lsn mark);

}  // namespace godwit::detail
