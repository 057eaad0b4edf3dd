// journal_sight: how far a journal can be read from outside its writer, and what its notes say up to there. It takes no
// lock and changes nothing. docs/journal_format.md, "Readers and copies". Threads: one at a time. Blocks on files.
#pragma once
#include <memory>

#include "journal/segment_ends.hpp"

namespace godwit::detail {

class GODWIT_EXPORT journal_sight {
public:
    // `not_found`, `corrupt`, `unsupported`, `io`.
    static result<std::shared_ptr<journal_sight>> open(std::unique_ptr<directory> in);
    status refresh();

    struct place {
        std::uint64_t segment = 0;
        std::uint64_t position = 0;  // of an entry's first byte
        lsn number = 0;              // its number, and the chain that leads to it
        std::uint64_t chain = 0;
    };

    directory& where() const noexcept { return *in_; }
    const journal_identity& identity() const noexcept { return identity_; }
    const journal_state& state() const noexcept { return state_; }
    lsn visible() const noexcept { return visible_; }              // every entry up to it may be read
    std::uint64_t lowest() const noexcept { return lowest_; }      // segment that is needed
    std::uint64_t newest() const noexcept { return at_.segment; }  // segment
    const place& end() const noexcept { return at_; }              // behind the last entry that may be read
    std::uint64_t epoch() const noexcept { return epoch_; }
    std::uint64_t looks() const noexcept { return looks_; }  // how often it was refreshed
    bool is_written() const noexcept { return is_written_; }
    bool is_clean() const noexcept { return is_clean_; }

private:
    explicit journal_sight(std::unique_ptr<directory> in) noexcept : in_{std::move(in)} {}

    // `not_found`: a file is not there, which a new listing may explain; with `settled` it does not.
    status advance(const std::vector<std::uint64_t>& numbers, bool settled);
    status begin(const std::vector<std::uint64_t>& numbers);
    status begin_in(segment_ends&& ends, bool is_lowest, bool& begun);
    status finish(lsn first_of_next);
    void enter(segment_ends&& ends);
    status extend();
    result<lsn> last_that_passes();
    status apply_to(lsn last);
    result<segment_ends> ends_of(std::uint64_t number) { return read_ends(*in_, number, &identity_); }

    const std::unique_ptr<directory> in_;
    journal_identity identity_;
    journal_state state_;
    std::unique_ptr<segment_ends> open_;  // the newest segment; nothing: it cannot be read
    place at_;
    lsn visible_ = 0;
    std::uint64_t lowest_ = 1, epoch_ = 0;
    std::uint64_t judged_to_ = 0;  // where what stands behind was judged, when nobody was writing
    std::uint64_t looks_ = 0;
    bool is_written_ = false, is_clean_ = false;
};

}  // namespace godwit::detail
