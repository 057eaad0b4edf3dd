// entry: the atomic write of a log: any number of batches, of any streams, plus notes; true together or not at all.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/batch.hpp"

namespace godwit::detail {

// What else is kept: whose, and what it says in its owner's own format. A log does not read it.
struct note {
    enum class kind : std::uint16_t {
        settlement = 1,
        attempt,
        dead_letter,
        position,
        mark,
        state,
        floor,
        epoch,
        stream,
        checkpoint_begins,
        checkpoint_ends,
        next,
        given_up,
        carried,
        place,
    };
    kind what{};
    stream_id stream = {};
    std::string content = {};
};

struct entry {
    std::vector<batch_ref> batches;
    std::vector<note> notes;

    bool empty() const noexcept { return batches.empty() && notes.empty(); }
};

}  // namespace godwit::detail
