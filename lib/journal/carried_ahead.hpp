// carried_ahead: the copied records of a journal that a cursor has yet to read, in the order in which they first came: each
// when its turn comes, if it was not read where it first stood. Threads: one at a time. Blocks on files.
#pragma once
#include <deque>
#include <map>
#include <optional>

#include "journal/journal_sight.hpp"

namespace godwit::detail {

class GODWIT_EXPORT carried_ahead {
public:
    struct wanted {
        std::optional<stream_id> stream = {};  // nothing: of all
        offset from = 0;
        std::int64_t not_before = 0;  // ms since 1970, of the append
    };
    struct copy {
        stream_id stream;
        carried_place place;
    };
    carried_ahead(std::shared_ptr<journal_sight> of, const wanted& what) : sight_{std::move(of)}, what_{what} {}

    // Records of a stream below that offset were read, or are not wanted.
    void passed(stream_id stream, offset end) { passed_[stream] = std::max(passed_[stream], end); }
    void all_passed();  // what there is now
    void not_passed(stream_id stream, offset from) { passed_[stream] = from; }
    offset passed(stream_id stream) const;

    // The next whose turn is before that entry; without one, the next.
    std::optional<copy> next_before(const decoded_entry* next);
    // Its batch. `corrupt`, `unsupported`, `io`; empty: it stands elsewhere by now, ask again.
    result<batch_ref> read(const copy& one);

private:
    bool is_ahead(const copy& one) const;
    bool is_before(const copy& one, const decoded_entry& next) const;
    void look();

    const std::shared_ptr<journal_sight> sight_;
    const wanted what_;
    std::uint64_t seen_ = 0;              // of the sight's looks
    std::deque<copy> ahead_;              // by time, stream and offset
    std::map<stream_id, offset> passed_;  // all below
};

}  // namespace godwit::detail
