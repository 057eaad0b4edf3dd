// mark_log: a memory's directory, open to write: entries of marks behind a picture of all that was true when the file was
// made. It is written anew, whole and beside, when it has grown, and at each opening. Format: docs/dedup_format.md.
// Threads: one at a time; every call may block.
#pragma once
#include <memory>
#include <string>

#include "base/directory.hpp"
#include "base/ports.hpp"
#include "dedup/mark_format.hpp"
#include "godwit/dedup.hpp"

namespace godwit::detail {

// What a directory remembers.
class GODWIT_EXPORT mark_content {
public:
    virtual ~mark_content() = default;
    virtual mark_format::content holds() const noexcept = 0;
    virtual void put_all(std::string& into) const = 0;
    virtual status apply(bytes content, bool& closed) = 0;  // see apply_marks
};

class GODWIT_EXPORT mark_log {
public:
    struct world {
        time_source& time;
        random_source& random;
    };
    // Fills `into`. Errors: see dedup::open, and `mismatch`: it holds something else.
    static result<std::unique_ptr<mark_log>> open(std::unique_ptr<directory> where, world with, guard& into,
                                                  dedup_recovery& found);
    static result<std::unique_ptr<mark_log>> open(std::unique_ptr<directory> where, world with, mark_content& into,
                                                  dedup_recovery& found);

    // `full`: nothing of it is there, and it may be tried again. After any other error nothing more is taken.
    status append(std::string_view content);
    status sync();  // what was appended survives a power cut
    bool has_grown() const noexcept;
    // A new file with that, in place of this one; synced. `full`: there is no space for it, no descriptor, or no memory,
    // and this one is as it was.
    status rewrite(std::string_view all);
    status close();                              // synced, and marked as clean
    void release() noexcept { where_.reset(); }  // its lock; nothing is asked of it afterwards

    const mark_file_header& header() const noexcept { return header_; }
    std::string_view path() const noexcept { return where_->path(); }

private:
    explicit mark_log(std::unique_ptr<directory> where) noexcept : where_{std::move(where)} {}
    status take_place(world with, dedup_recovery& found);
    status read(mark_content& into, dedup_recovery& found);
    status read_entries(std::string_view name, bytes image, mark_content& into, dedup_recovery& found);
    struct new_file {
        mark_file_header header;
        std::uint64_t seed = 0, size = 0;
    };
    status begin(std::string_view all);
    result<new_file> make_file(std::string_view all);
    status take_over(const new_file& made);
    status remove_all_but(std::string_view name);

    std::unique_ptr<directory> where_;
    stream_id scope_;
    bool is_adopted_ = false;  // it has no identity: files that are there have another scope
    memory_place mine_;        // the identity that it gets then
    mark_file_header header_;
    std::uint64_t seed_ = 0;
    std::unique_ptr<file> open_;
    std::uint64_t size_ = 0, begun_size_ = 0;
    std::uint64_t last_ = 0, synced_ = 0;  // entries
    status broken_;
};

}  // namespace godwit::detail
