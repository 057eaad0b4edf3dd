// outgoing and incoming: one message on its way between a socket and a carrier, as frames.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "godwit/message.hpp"

namespace godwit::detail {

// Borrowed for the length of one try_send. For a rep and a link, `peer` names who it is for, as incoming.peer did.
struct outgoing {
    std::span<const bytes> frames;  // at least one
    message* owner = nullptr;     // when set: the frames from owner_first on are all of this message's frames, and may
    std::size_t owner_first = 0;  //   be shared instead of copied
    bool owner_may_move = false;  // the carrier may leave the owner empty once it has taken it
    std::string_view peer = {};
};

// Filled by try_recv, in place. `content` is empty before and, when nothing was received, after.
struct incoming {
    message& content;
    std::string* peer =
        nullptr;  // a rep's and a link's: becomes the carrier's own name of the sender; null for the others
};

}  // namespace godwit::detail
