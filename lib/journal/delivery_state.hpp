// delivery_state: the attempts and dead letters of one stream, and its holds, as its sender has noted
// them and as far as they are still true. Threads: a value.
#pragma once
#include <map>
#include <string_view>
#include <vector>

#include "base/delivery_notes.hpp"
#include "base/entry.hpp"
#include "base/position_note.hpp"
#include "base/range_set.hpp"

namespace godwit::detail {

class GODWIT_EXPORT delivery_state {
public:
    // Of a note of kind attempt, dead letter or position; of records that are `released` it says nothing more. `malformed`.
    status apply(note::kind what, std::string_view content, const range_set& released);
    void forget(offset_range released);
    void append_to(std::vector<note>& notes, stream_id stream) const;

    const std::map<offset, attempt_state>& attempts() const noexcept { return attempts_; }
    const std::map<offset, dead_letter_state>& dead_letters() const noexcept { return dead_letters_; }
    const std::map<std::string, position_note, std::less<>>& positions() const noexcept { return positions_; }
    // The lowest position that is still held at that time; offset_max: none is.
    offset held_from(wall_time now) const noexcept;

private:
    std::map<offset, attempt_state> attempts_;
    std::map<offset, dead_letter_state> dead_letters_;
    std::map<std::string, position_note, std::less<>> positions_;
};

}  // namespace godwit::detail
