// segment_writer: the open segment: a file whose header is synced before anything stands behind it, that is given its
// space ahead, and that a footer seals. Threads: one at a time. Every call blocks on files.
#pragma once
#include <memory>
#include <string>

#include "base/directory.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

GODWIT_EXPORT std::string segment_name(std::uint64_t number);
GODWIT_EXPORT bool is_segment_name(std::string_view name, std::uint64_t& number) noexcept;

class GODWIT_EXPORT segment_writer {
public:
    // `full`: there was no space, and nothing is left of it.
    static result<std::unique_ptr<segment_writer>> begin(directory& in, segment_header header, std::uint64_t size);

    const segment_header& header() const noexcept { return header_; }
    std::uint64_t end() const noexcept { return end_; }                 // of what is written
    std::uint64_t unsynced() const noexcept { return end_ - synced_; }  // bytes
    bool has_room(std::uint64_t entry_bytes, std::size_t streams) const noexcept;
    // Behind the last; parts of any number of entries. After `full` nothing of them is there, and that is synced. Any other
    // error is final.
    status write(std::span<const bytes> parts);
    status sync();
    // Synced, then cut to its length, and synced again. Nothing can be written behind it. After `full` nothing is done.
    status seal(segment_footer& footer);
    const file& content() const noexcept { return *file_; }
    std::unique_ptr<file> take_file() noexcept { return std::move(file_); }

private:
    segment_writer(std::unique_ptr<file> made, const segment_header& header, std::uint64_t size)
        : file_{std::move(made)}, header_{header}, size_{size} {}

    std::unique_ptr<file> file_;
    const segment_header header_;
    std::uint64_t size_;  // that space is there for
    std::uint64_t end_ = journal_format::header_bytes;
    std::uint64_t synced_ = journal_format::header_bytes;
};

}  // namespace godwit::detail
